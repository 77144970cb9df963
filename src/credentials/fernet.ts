/** Reads Fernet tokens, to import values that another system sealed. Seals nothing: Fernet binds no context. */
import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { KeyRing } from './key-ring.js'

/** Version (1 byte), time (8), IV (16), at least one block (16), HMAC (32): https://github.com/fernet/spec */
const MIN_BYTES = 73
const VERSION = 0x80

/** The text inside a Fernet token, by whichever key of the ring made it. Its age does not matter. @throws NodeError SEAL_FAILED */
export function openFernet(ring: KeyRing, token: string): string {
  const bytes = Buffer.from(token, 'base64url')
  const exact = bytes.toString('base64url') === token.replace(/={0,2}$/, '')
  if (!exact || bytes.length < MIN_BYTES || bytes[0] !== VERSION) {
    throw new NodeError('SEAL_FAILED', { detail: 'not a Fernet token' })
  }
  for (const key of ring.keys) {
    const text = openWith(key.material(), bytes)
    if (text !== undefined) return text
  }
  throw new NodeError('SEAL_FAILED', { detail: 'no key of the ring opens this Fernet token' })
}

function openWith(key: Bytes, token: Bytes): string | undefined {
  const signed = token.subarray(0, -32)
  const mac = createHmac('sha256', key.subarray(0, 16)).update(signed).digest()
  if (!timingSafeEqual(mac, token.subarray(-32))) return undefined
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(16), signed.subarray(9, 25))
  try {
    return Buffer.concat([decipher.update(signed.subarray(25)), decipher.final()]).toString('utf8')
  } catch {
    // The HMAC fits and the padding does not: made by no Fernet, so it counts as not opened.
    return undefined
  }
}
