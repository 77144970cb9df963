/** The curve against published vectors, and both implementations against each other. */
import { createHash } from 'node:crypto'
import * as wasm from 'tiny-secp256k1'
import { describe, expect, it } from 'vitest'
import {
  addressOf, publicKeyOf, recoverAddress, signDigest, verifyDigest, verifyDigestByAddress, wasmCurve,
} from '../../../src/lib/secp256k1.js' // prettier-ignore

const hex = (text: string) => Buffer.from(text, 'hex')
const sha = (text: string) => createHash('sha256').update(text).digest()
const one = hex('00'.repeat(31) + '01')
const other = hex('11'.repeat(32))
// RFC 6979 applied to secp256k1 with SHA-256: the vector that bitcoin's libraries share.
const digest = sha('Satoshi Nakamoto')
const r = '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8'
const s = '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5'
const signature = hex(r + s)
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

describe('secp256k1', () => {
  it('signs as RFC 6979 says', () => {
    expect(Buffer.from(signDigest(digest, one).bytes).toString('hex')).toBe(r + s)
  })
  it('knows the address of a key', () => {
    expect(addressOf(publicKeyOf(one))).toBe('0x7e5f4552091a69125d5dfcb7b8c2659029395bdf')
    expect(addressOf(wasm.pointFromScalar(one, true)!)).toBe('0x7e5f4552091a69125d5dfcb7b8c2659029395bdf')
  })
  it('verifies by key and by address, and refuses other keys, digests and lengths', () => {
    expect(verifyDigest(digest, signature, publicKeyOf(one))).toBe(true)
    expect(verifyDigest(digest, signature, publicKeyOf(other))).toBe(false)
    expect(verifyDigest(sha('x'), signature, publicKeyOf(one))).toBe(false)
    expect(verifyDigest(digest, signature.subarray(1), publicKeyOf(one))).toBe(false)
    expect(verifyDigest(digest, signature, Buffer.alloc(33))).toBe(false)
    expect(verifyDigestByAddress(digest, signature, '0x7E5F4552091A69125D5DFCB7B8C2659029395BDF')).toBe(true)
    expect(verifyDigestByAddress(digest, signature, addressOf(publicKeyOf(other)))).toBe(false)
    expect(
      verifyDigestByAddress(digest, Buffer.alloc(64), '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf'),
    ).toBe(false)
  })
  it('refuses the high form of a signature, by key and by address', () => {
    const high = hex(r + (ORDER - BigInt(`0x${s}`)).toString(16).padStart(64, '0'))
    expect(verifyDigest(digest, high, publicKeyOf(one))).toBe(false)
    expect(verifyDigestByAddress(digest, high, addressOf(publicKeyOf(one)))).toBe(false)
    // It is a valid signature in all but form: recovery alone would take it.
    const recovered = [0, 1].map((recovery) => recoverAddress(digest, high, recovery))
    expect(recovered).toContain(addressOf(publicKeyOf(one)))
  })
  it('says by recovery id which key signed', () => {
    for (let count = 0; count < 8; count++) {
      const message = sha(`message ${count}`)
      const { bytes, recovery } = signDigest(message, other)
      expect(recoverAddress(message, bytes, recovery)).toBe(addressOf(publicKeyOf(other)))
      expect(recoverAddress(message, bytes, 1 - recovery)).not.toBe(addressOf(publicKeyOf(other)))
    }
  })
  it('is the same in WebAssembly', () => {
    const curve = wasmCurve(wasm)
    for (let count = 0; count < 8; count++) {
      const message = sha(`message ${count}`)
      const native = signDigest(message, other)
      expect(Buffer.from(curve.sign(message, other).bytes)).toEqual(Buffer.from(native.bytes))
      expect(curve.sign(message, other).recovery).toBe(native.recovery)
      expect(curve.verify(message, native.bytes, curve.publicKey(other))).toBe(true)
      expect(Buffer.from(curve.recover(message, native.bytes, native.recovery))).toEqual(
        Buffer.from(publicKeyOf(other)),
      )
    }
  })
})
