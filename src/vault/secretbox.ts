/** XSalsa20-Poly1305 (NaCl's secretbox): by libsodium where it loads, else by tweetnacl; both give the same bytes. */
import { createRequire } from 'node:module'
import nacl from 'tweetnacl'
import type { Bytes } from '../lib/keyed-hash.js'

export const KEY_BYTES = 32
export const NONCE_BYTES = 24
export const MAC_BYTES = 16

export interface Secretbox {
  /** Which library does it. */
  readonly library: 'sodium-native' | 'tweetnacl'
  /** MAC (16 bytes) and ciphertext. */
  seal(plaintext: Bytes, nonce: Bytes, key: Bytes): Bytes
  /** `undefined` when the MAC does not fit. */
  open(box: Bytes, nonce: Bytes, key: Bytes): Bytes | undefined
}

export const naclSecretbox: Secretbox = {
  library: 'tweetnacl',
  seal: (plaintext, nonce, key) => nacl.secretbox(plaintext, nonce, key),
  open: (box, nonce, key) => nacl.secretbox.open(box, nonce, key) ?? undefined,
}

/** The part of sodium-native that is used here. */
interface Sodium {
  crypto_secretbox_easy(box: Bytes, plaintext: Bytes, nonce: Bytes, key: Bytes): void
  crypto_secretbox_open_easy(plaintext: Bytes, box: Bytes, nonce: Bytes, key: Bytes): boolean
}

/** libsodium's secretbox; `undefined` where the optional package is missing or has no binary for this machine. */
export function sodiumSecretbox(): Secretbox | undefined {
  const sodium = loadSodium()
  if (sodium === undefined) return undefined
  return {
    library: 'sodium-native',
    seal(plaintext, nonce, key) {
      const box = Buffer.allocUnsafe(plaintext.length + MAC_BYTES)
      sodium.crypto_secretbox_easy(box, plaintext, nonce, key)
      return box
    },
    open(box, nonce, key) {
      if (box.length < MAC_BYTES) return undefined
      const plaintext = Buffer.allocUnsafe(box.length - MAC_BYTES)
      return sodium.crypto_secretbox_open_easy(plaintext, box, nonce, key) ? plaintext : undefined
    },
  }
}

function loadSodium(): Sodium | undefined {
  try {
    return createRequire(import.meta.url)('sodium-native') as Sodium
  } catch {
    // An optional dependency: tweetnacl does the same, only slower.
    return undefined
  }
}

/** The fastest one here. */
export const secretbox: Secretbox = sodiumSecretbox() ?? naclSecretbox
