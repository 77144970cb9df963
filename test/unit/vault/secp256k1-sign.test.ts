/** Both signing libraries: the same bytes as each other and as ethers, which Verida's clients sign with. */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { loadSigner, nativeSigner, wasmSigner } from '../../../src/vault/secp256k1-sign.js'

const require = createRequire(import.meta.url)
const { utils } = createRequire(require.resolve('@verida/encryption-utils'))('ethers') as {
  utils: {
    SigningKey: new (key: Uint8Array) => { signDigest(digest: Uint8Array): object }
    joinSignature(signature: object): string
  }
}
const native = nativeSigner()
const wasm = await wasmSigner()
const digestOf = (count: number) => createHash('sha256').update(`digest ${count}`).digest()
const keyOf = (count: number) =>
  createHash('sha256')
    .update(`key ${count % 5}`)
    .digest()

it.each(native === undefined ? [wasm] : [native, wasm])('$library signs as ethers does', (signer) => {
  for (let count = 0; count < 40; count++) {
    const expected = utils.joinSignature(new utils.SigningKey(keyOf(count)).signDigest(digestOf(count)))
    expect(`0x${Buffer.from(signer.sign(digestOf(count), keyOf(count))).toString('hex')}`).toBe(expected)
  }
})
it('takes the native library where it loads, and never the slow one in JavaScript', async () => {
  const { library } = await loadSigner()
  expect(library).toBe(native === undefined ? 'tiny-secp256k1' : 'secp256k1')
})
it.each(native === undefined ? [wasm] : [native, wasm])(
  '$library refuses what is no key or digest',
  (signer) => {
    expect(() => signer.sign(digestOf(1), Buffer.alloc(32))).toThrow()
    expect(() => signer.sign(digestOf(1), Buffer.alloc(31, 1))).toThrow()
    expect(() => signer.sign(Buffer.alloc(31), keyOf(1))).toThrow()
  },
)
