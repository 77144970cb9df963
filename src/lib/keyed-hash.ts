/** HMAC and HKDF over JSON arrays: inputs are never joined strings, so that ["a","bc"] and ["ab","c"] differ. */
import { createHmac, hkdfSync, createHash, timingSafeEqual } from 'node:crypto'
import { canonicalJson, type Json } from './canonical-json.js'

export type Bytes = Uint8Array

/** HMAC-SHA256 over the canonical JSON of `parts`. 32 bytes. */
export function hmac(key: Bytes, parts: readonly Json[]): Buffer {
  return createHmac('sha256', key).update(canonicalJson(parts), 'utf8').digest()
}

/** HKDF-SHA256 (RFC 5869), info = canonical JSON of `info`. 32 bytes. */
export function hkdf(inputKey: Bytes, salt: Bytes, info: readonly Json[]): Buffer {
  return Buffer.from(hkdfSync('sha256', inputKey, salt, Buffer.from(canonicalJson(info), 'utf8'), 32))
}

/** HKDF-Expand alone (RFC 5869 2.3) for an input that is already a uniform 32-byte key: T(1) = HMAC(key, info | 0x01). */
export function hkdfExpand(key: Bytes, info: string): Buffer {
  return createHmac('sha256', key).update(info, 'utf8').update(Uint8Array.of(1)).digest()
}

export function sha256(...parts: readonly (Bytes | string)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Compares two secrets in constant time, whatever their lengths. */
export function equalSecrets(a: Bytes | string, b: Bytes | string): boolean {
  return timingSafeEqual(sha256(a), sha256(b))
}
