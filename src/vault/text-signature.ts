/** Verida's signature of a text: Keccak-256, secp256k1, r, s and 27 or 28, as Ethereum joins them. Keeps no key. */
import sha3 from 'js-sha3'
import type { Bytes } from '../lib/keyed-hash.js'
import { signDigest } from '../lib/secp256k1.js'

/** `0x` and 130 hex. Deterministic. @throws when the key is not one */
export function signText(text: string, key: Bytes, sign: typeof signDigest = signDigest): string {
  const { bytes, recovery } = sign(new Uint8Array(sha3.keccak256.arrayBuffer(text)), key)
  return `0x${Buffer.from(bytes).toString('hex')}${(27 + recovery).toString(16)}`
}
