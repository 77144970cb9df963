/** AES-256-GCM with a random nonce: the bytes of every sealed value of ours. Knows no key's origin and no text form. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { canonicalJson } from './canonical-json.js'
import type { Bytes } from './keyed-hash.js'

const NONCE = 12
const TAG = 16

/** Bytes that sealing adds to the plaintext. */
export const AEAD_OVERHEAD = NONCE + TAG

/**
 * Gives nonce (12 bytes), ciphertext, tag (16 bytes). `context` is bound and not contained: the same list opens it.
 * The nonce is random, so one key seals at most 2^32 values (NIST SP 800-38D 8.3).
 */
export function sealBytes(key: Bytes, plaintext: Bytes, context: readonly string[]): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(canonicalJson(context), 'utf8'))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** Opens what `sealBytes` made. `undefined` for another key, another context, or bytes that were changed. */
export function openBytes(key: Bytes, sealed: Bytes, context: readonly string[]): Buffer | undefined {
  if (sealed.length < AEAD_OVERHEAD) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(canonicalJson(context), 'utf8'))
  decipher.setAuthTag(sealed.subarray(-TAG))
  const plaintext = decipher.update(sealed.subarray(NONCE, -TAG))
  try {
    return Buffer.concat([plaintext, decipher.final()])
  } catch {
    // The tag does not fit: node:crypto has no other way to say so. The plaintext so far is not given out.
    return undefined
  }
}
