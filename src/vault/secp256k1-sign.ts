/** Signing with secp256k1 (RFC 6979, low s): natively where it loads, else in WebAssembly; both give the same bytes. */
import { createRequire } from 'node:module'
import type { Bytes } from '../lib/keyed-hash.js'

export interface Secp256k1Signer {
  readonly library: 'secp256k1' | 'tiny-secp256k1'
  /** 65 bytes: r, s and 27 or 28, as Ethereum joins them. `digest` and `key`: 32 bytes. */
  sign(digest: Bytes, key: Bytes): Bytes
}

/** The fastest one here. */
export async function loadSigner(): Promise<Secp256k1Signer> {
  return nativeSigner() ?? (await wasmSigner())
}

/** The part of secp256k1's native binding that is used here. */
interface Binding {
  ecdsaSign(digest: Bytes, key: Bytes): { readonly signature: Bytes; readonly recid: number }
}

/** `undefined` where there is no binary for this machine. */
export function nativeSigner(): Secp256k1Signer | undefined {
  const binding = loadBinding()
  if (binding === undefined) return undefined
  return {
    library: 'secp256k1',
    sign(digest, key) {
      const { signature, recid } = binding.ecdsaSign(digest, key)
      return joined(signature, recid)
    },
  }
}

function loadBinding(): Binding | undefined {
  try {
    // Not the package itself: without a binary it would fall back to elliptic, whose signing is slow and not constant-time.
    return createRequire(import.meta.url)('secp256k1/bindings.js') as Binding
  } catch {
    // No binary for this machine: the WebAssembly build does the same.
    return undefined
  }
}

export async function wasmSigner(): Promise<Secp256k1Signer> {
  const tiny = await import('tiny-secp256k1')
  return {
    library: 'tiny-secp256k1',
    sign(digest, key) {
      const { signature, recoveryId } = tiny.signRecoverable(digest, key)
      return joined(signature, recoveryId)
    },
  }
}

function joined(signature: Bytes, recoveryId: number): Bytes {
  const bytes = new Uint8Array(65)
  bytes.set(signature)
  bytes[64] = 27 + recoveryId
  return bytes
}
