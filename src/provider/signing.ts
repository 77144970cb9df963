/** Keyed digests that services ask for beside a token. */
import { createHmac } from 'node:crypto'
import { reveal, type Redacted } from '../lib/redacted.js'

/** HMAC-SHA256 of `message` under `key`, in hexadecimal. */
export function hmacHex(key: Redacted, message: Redacted | string): string {
  return createHmac('sha256', reveal(key))
    .update(typeof message === 'string' ? message : reveal(message))
    .digest('hex')
}
