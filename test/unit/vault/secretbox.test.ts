/** Both secretbox libraries: the same bytes, the published vector, and nothing opened that was changed. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  MAC_BYTES,
  naclSecretbox,
  secretbox,
  sodiumSecretbox,
  type Secretbox,
} from '../../../src/vault/secretbox.js'

const sodium = sodiumSecretbox()
const libraries: readonly Secretbox[] = sodium === undefined ? [naclSecretbox] : [naclSecretbox, sodium]

const hex = (text: string) => Buffer.from(text, 'hex')
// NaCl's own test of crypto_secretbox: https://nacl.cr.yp.to/valid.html, "secretbox.c".
const key = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
const nonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
const plaintext = hex(
  'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
)
const box = hex(
  'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
)

describe.each(libraries)('$library', (library) => {
  it('gives the published vector', () => {
    expect(Buffer.from(library.seal(plaintext, nonce, key)).toString('hex')).toBe(box.toString('hex'))
    expect(Buffer.from(library.open(box, nonce, key) ?? []).toString('hex')).toBe(plaintext.toString('hex'))
  })
  it('opens what the other sealed, of every length up to two blocks', () => {
    for (let size = 0; size <= 130; size++) {
      const text = randomBytes(size)
      const once = randomBytes(24)
      for (const other of libraries) {
        expect(library.open(other.seal(text, once, key), once, key)).toEqual(
          expect.objectContaining({ length: size }),
        )
        expect(
          Buffer.compare(library.open(other.seal(text, once, key), once, key) ?? Buffer.of(1), text),
        ).toBe(0)
      }
    }
  })
  it('opens nothing under another key or nonce, changed, cut or too short', () => {
    expect(library.open(box, nonce, randomBytes(32))).toBeUndefined()
    expect(library.open(box, randomBytes(24), key)).toBeUndefined()
    for (let at = 0; at < box.length; at += 7) {
      const changed = Buffer.from(box)
      changed[at]! ^= 1
      expect(library.open(changed, nonce, key)).toBeUndefined()
    }
    for (const size of [0, 1, MAC_BYTES - 1, MAC_BYTES, box.length - 1])
      expect(library.open(box.subarray(0, size), nonce, key)).toBeUndefined()
  })
})

it('takes libsodium where it loads', () => {
  expect(secretbox.library).toBe(sodium === undefined ? 'tweetnacl' : 'sodium-native')
})
