/** ECDSA over secp256k1, native where it can be, else WebAssembly; never the slow JavaScript fallback. Signs what it is given. */
import { createRequire } from 'node:module'
import sha3 from 'js-sha3'
import type * as Wasm from 'tiny-secp256k1'
import type { Bytes } from './keyed-hash.js'

export interface RecoverableSignature {
  /** r and s, 32 bytes each, s in the lower half of the order. */
  readonly bytes: Bytes
  /** Which of the possible public keys made it: 0 or 1 (2 and 3 never in practice). */
  readonly recovery: number
}

/** What both implementations offer. Digests and private keys are 32 bytes. */
interface Curve {
  sign(digest: Bytes, privateKey: Bytes): RecoverableSignature
  verify(digest: Bytes, signature: Bytes, publicKey: Bytes): boolean
  /** Uncompressed, 65 bytes. @throws when there is none. */
  recover(digest: Bytes, signature: Bytes, recovery: number): Bytes
  publicKey(privateKey: Bytes): Bytes
  uncompressed(publicKey: Bytes): Bytes
}

/** The part of `secp256k1/bindings.js` used here; the package has no types of its own. */
interface NativeModule {
  ecdsaSign(digest: Bytes, privateKey: Bytes): { readonly signature: Bytes; readonly recid: number }
  ecdsaVerify(signature: Bytes, digest: Bytes, publicKey: Bytes): boolean
  ecdsaRecover(signature: Bytes, recovery: number, digest: Bytes, compressed: boolean): Bytes
  publicKeyCreate(privateKey: Bytes, compressed: boolean): Bytes
  publicKeyConvert(publicKey: Bytes, compressed: boolean): Bytes
}
type WasmModule = typeof Wasm

const load = createRequire(import.meta.url)
const curve = loadCurve()

/** @throws when the digest or the key is not 32 bytes, or the key is not one. */
export const signDigest = (digest: Bytes, privateKey: Bytes): RecoverableSignature =>
  curve.sign(digest, privateKey)

/** Uncompressed, 65 bytes. */
export const publicKeyOf = (privateKey: Bytes): Bytes => curve.publicKey(privateKey)

/** Whether `publicKey` (33 or 65 bytes) made the signature (64 bytes). A high s is refused: it is a second form of the same signature. */
export function verifyDigest(digest: Bytes, signature: Bytes, publicKey: Bytes): boolean {
  return hasLowS(signature) && quietly(() => curve.verify(digest, signature, publicKey)) === true
}

/** Whether the key of `address` (`0x`, 40 hex) made the signature (64 bytes, low s). Both recovery ids are tried. */
export function verifyDigestByAddress(digest: Bytes, signature: Bytes, address: string): boolean {
  if (!hasLowS(signature)) return false
  const wanted = address.toLowerCase()
  return [0, 1].some((recovery) => recoverAddress(digest, signature, recovery) === wanted)
}

/** The address whose key made the signature, or `undefined` when no key can have made it. */
export function recoverAddress(digest: Bytes, signature: Bytes, recovery: number): string | undefined {
  const publicKey = quietly(() => curve.recover(digest, signature, recovery))
  return publicKey && addressOf(publicKey)
}

/** The address of a public key (33 or 65 bytes): `0x` and the last 20 bytes of its Keccak-256, lower case. @throws when it is not a key. */
export function addressOf(publicKey: Bytes): string {
  return `0x${sha3.keccak256(curve.uncompressed(publicKey).subarray(1)).slice(-40)}`
}

// Half of the group's order (SEC 2, 2.4.1), rounded down.
const HALF_ORDER = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex')

function hasLowS(signature: Bytes): boolean {
  return signature.length === 64 && Buffer.compare(signature.subarray(32), HALF_ORDER) <= 0
}

/** Both implementations throw for values that are no signature or key at all; to a verifier that is a plain no. */
function quietly<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

function loadCurve(): Curve {
  try {
    return nativeCurve(load('secp256k1/bindings.js') as NativeModule)
  } catch {
    // No prebuilt binary for this system.
    return wasmCurve(load('tiny-secp256k1') as WasmModule)
  }
}

function nativeCurve(native: NativeModule): Curve {
  return {
    sign: (digest, privateKey) => {
      const { signature, recid } = native.ecdsaSign(digest, privateKey)
      return { bytes: signature, recovery: recid }
    },
    verify: (digest, signature, publicKey) => native.ecdsaVerify(signature, digest, publicKey),
    recover: (digest, signature, recovery) => native.ecdsaRecover(signature, recovery, digest, false),
    publicKey: (privateKey) => native.publicKeyCreate(privateKey, false),
    uncompressed: (publicKey) => native.publicKeyConvert(publicKey, false),
  }
}

/** Exported for the test that both implementations agree. */
export function wasmCurve(wasm: WasmModule): Curve {
  const found = (value: Bytes | null): Bytes => {
    if (value === null) throw new RangeError('not a point of the curve')
    return value
  }
  return {
    sign: (digest, privateKey) => {
      const { signature, recoveryId } = wasm.signRecoverable(digest, privateKey)
      return { bytes: signature, recovery: recoveryId }
    },
    verify: (digest, signature, publicKey) => wasm.verify(digest, publicKey, signature, true),
    recover: (digest, signature, recovery) =>
      found(wasm.recover(digest, signature, recovery === 0 ? 0 : 1, false)),
    publicKey: (privateKey) => found(wasm.pointFromScalar(privateKey, false)),
    uncompressed: (publicKey) => wasm.pointCompress(publicKey, false),
  }
}
