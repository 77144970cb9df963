/** Keyed digests that services ask for beside a token, or prove their deliveries by. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { reveal, type Redacted } from '../lib/redacted.js'

/** HMAC-SHA256 of `message` under `key`, in hexadecimal. */
export function hmacHex(key: Redacted, message: Redacted | string): string {
  return createHmac('sha256', reveal(key))
    .update(typeof message === 'string' ? message : reveal(message))
    .digest('hex')
}

/** The JSON of a delivery; `undefined` when its bytes are none. */
export function deliveryJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

export interface SignedBytes {
  readonly key: Redacted
  /** What is signed, in order: texts as UTF-8. */
  readonly parts: readonly (string | Uint8Array)[]
  readonly algorithm?: 'sha256' | 'sha1'
  readonly encoding: 'hex' | 'base64'
}

/** Whether `signature` is the HMAC of the bytes; constant in time. */
export function hmacMatches(
  signature: string | undefined,
  { key, parts, algorithm = 'sha256', encoding }: SignedBytes,
): boolean {
  const hmac = createHmac(algorithm, reveal(key))
  for (const part of parts) hmac.update(part)
  const expected = Buffer.from(hmac.digest(encoding))
  const given = Buffer.from(signature ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
