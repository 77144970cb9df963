/** Record signatures, byte for byte against client-ts' own code. */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import * as wasm from 'tiny-secp256k1'
import { expect, it } from 'vitest'
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import { wasmCurve } from '../../../src/lib/secp256k1.js'
import { createRecordSigner } from '../../../src/vault/record-signature.js'
import vectors from './verida-vectors.json' with { type: 'json' }

const require = createRequire(import.meta.url)
const { RecordSignature } = require('@verida/client-ts/dist/context/utils') as {
  RecordSignature: {
    generateSignature(record: object, options: object): Promise<{ readonly signatures: object }>
  }
}
const { default: encryption } = require('@verida/encryption-utils') as {
  default: {
    signData(data: object, key: Uint8Array): string
    verifySig(data: object, signature: string, address: string): boolean
  }
}

const { did, contextName } = vectors
const signingKey = Buffer.from(vectors.signingKey, 'hex')
const sign = createRecordSigner({ did, contextName, signingKey })

/** The client's own function over the least of a context that it asks for. */
async function signAsClient(record: JsonObject): Promise<object> {
  const keyring = { sign: async (data: object) => encryption.signData(data, signingKey) }
  const account = { did: async () => did, keyring: async () => keyring }
  const signContext = { getContextName: () => contextName, getAccount: () => account }
  const { signatures } = await RecordSignature.generateSignature(
    { ...structuredClone(record), signatures: undefined },
    { signContext },
  )
  return signatures
}

it.each(vectors.signed)('stays what client-ts made of $record.name', ({ record, signatures }) => {
  expect(sign(record as JsonObject)).toEqual(signatures)
})
it('is what client-ts makes of any record', async () => {
  const name = fc.oneof(fc.string(), fc.nat().map(String)).filter((text) => text !== 'signatures')
  const schema = fc.constantFrom(
    'https://common.schemas.verida.io/social/post/v0.1.0/schema.json',
    'https://common.schemas.verida.io/social/post/latest/schema.json',
    'https://common.schemas.verida.io/social/post/schema.json',
    'https://node.example/schemas/thing/v1.json',
  )
  const record = fc.tuple(fc.dictionary(name, fc.jsonValue()), schema)
  await fc.assert(
    fc.asyncProperty(record, async ([members, schema]) => {
      const whole = { ...members, _id: 'a', _rev: '1-b', schema } as JsonObject
      expect(sign(whole)).toEqual(await signAsClient(whole))
    }),
    { numRuns: 60 },
  )
})
it('is the same by the native library and in WebAssembly', () => {
  const curve = wasmCurve(wasm)
  const signDigest = (digest: Uint8Array, key: Uint8Array) => curve.sign(digest, key)
  const signInWasm = createRecordSigner({ did, contextName, signingKey, signDigest })
  for (const { signatures, record } of vectors.signed) {
    expect(signInWasm(record as JsonObject)).toEqual(signatures)
    for (let count = 0; count < 20; count++)
      expect(signInWasm({ ...record, count })).toEqual(sign({ ...record, count }))
  }
})
it('is refused for what is no key', () => {
  for (const signingKey of [Buffer.alloc(32), Buffer.alloc(31, 1)])
    expect(() => createRecordSigner({ did, contextName, signingKey })({ _id: 'a' })).toThrow()
})
it('does not change with the revision or with earlier signatures, and changes with everything else', () => {
  const record = {
    _id: 'a',
    _rev: '1-b',
    schema: 'https://x/v1/schema.json',
    text: 'x',
    signatures: { a: 1 },
  }
  expect(sign({ ...record, _rev: '2-c', signatures: undefined })).toEqual(sign(record))
  expect(sign({ ...record, schema: 'https://x/v2/schema.json' })).toEqual(sign(record))
  for (const change of [{ _id: 'b' }, { text: 'y' }, { more: null }, { schema: 'https://y/v1/schema.json' }])
    expect(sign({ ...record, ...change })).not.toEqual(sign(record))
})
it('names the context of the DID in lower case, as readers look it up', () => {
  expect(Object.keys(sign({ _id: 'a' }))).toEqual([
    expect.stringMatching(new RegExp(`^${did.toLowerCase()}\\?context=0x[0-9a-f]{64}$`)),
  ])
})
it('leaves the record as it was', () => {
  const record = Object.freeze({
    _id: 'a',
    nested: Object.freeze({ b: 1, a: 2 }),
    signatures: Object.freeze({}),
  })
  expect(() => sign(record)).not.toThrow()
  expect(Object.keys(record.nested)).toEqual(['b', 'a'])
})
