/** What the node keeps of the Vault's `key`: a keyed hash, enough to know it again and useless without the node secret. */
import { hmac, type Bytes } from '../lib/keyed-hash.js'

/** 64 hex characters. `key`: the 32 bytes of the Vault's key. */
export function keyFingerprint(nodeSecret: Bytes, key: Bytes): string {
  return hmac(nodeSecret, ['cn/1/fingerprint', Buffer.from(key).toString('hex')]).toString('hex')
}
