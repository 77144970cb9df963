/** Verida's envelope against payloads that Verida's own code made, and what of ours its readers need. */
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { hasCode } from '../../support/sealers/node-error-code.js'
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import { createEnvelope } from '../../../src/vault/envelope.js'
import { naclSecretbox, sodiumSecretbox } from '../../../src/vault/secretbox.js'
import vectors from './verida-vectors.json' with { type: 'json' }

const databaseKey = Buffer.from(vectors.databaseKey, 'hex')
const verida = Buffer.from(vectors.envelopeKey, 'hex')
const envelope = createEnvelope(databaseKey)
const ID = 'a'.repeat(32)

/** As Verida's clients open a payload: key, nonce, box, JSON, and nothing else. */
function openAsVerida(payload: string): { readonly text: string; readonly document: JsonObject } {
  const bytes = Buffer.from(payload, 'base64')
  const plain = nacl.secretbox.open(bytes.subarray(24), bytes.subarray(0, 24), verida)
  const text = Buffer.from(plain ?? []).toString('utf8')
  return { text, document: JSON.parse(text) as JsonObject }
}
function sealAsVerida(text: string): string {
  const nonce = nacl.randomBytes(24)
  const box = nacl.secretbox(Buffer.from(text, 'utf8'), nonce, verida)
  return Buffer.concat([nonce, box]).toString('base64')
}
const thrown = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}
const isSealFailed = hasCode('SEAL_FAILED')
const boxes = [naclSecretbox, sodiumSecretbox()].flatMap((box) => (box === undefined ? [] : [box]))

describe.each(boxes)("what Verida's clients sealed, by $library", (box) => {
  it.each(vectors.sealed)('is opened: $what', ({ document, stored }) => {
    expect(createEnvelope(databaseKey, box).open(stored.payload, stored._id)).toEqual(document)
  })
})

describe('what we seal', () => {
  it.each(vectors.sealed)("is opened under the key that Verida's clients derive: $what", ({ document }) => {
    expect(openAsVerida(envelope.seal(document)).document).toEqual(document)
  })
  it('is padded with spaces to 256 bytes, so that lengths tell nothing', () => {
    const { text } = openAsVerida(envelope.seal({ _id: ID, text: 'short' }))
    expect(text).toBe(`{"_id":"${ID}","text":"short"}`.padEnd(256))
    const sizes = ['', 'a', 'a'.repeat(150)].map((text) => envelope.seal({ _id: ID, text }).length)
    expect(new Set(sizes).size).toBe(1)
  })
  it('never has the same nonce twice', () => {
    const sealed = Array.from({ length: 100 }, () => envelope.seal({ _id: ID }).slice(0, 32))
    expect(new Set(sealed).size).toBe(100)
  })
  it('has an id inside', () => {
    expect(thrown(() => envelope.seal({ text: 'x' }))).toSatisfy(isSealFailed)
  })
})

describe('what is not opened', () => {
  it("another document's payload, since nothing outside ties them together", () => {
    expect(thrown(() => envelope.open(envelope.seal({ _id: ID }), 'b'.repeat(32)))).toSatisfy(isSealFailed)
    expect(thrown(() => envelope.open(sealAsVerida('{}'), ID))).toSatisfy(isSealFailed)
  })
  it("another key's", () => {
    const other = createEnvelope(Buffer.alloc(32, 7))
    expect(thrown(() => other.open(envelope.seal({ _id: ID }), ID))).toSatisfy(isSealFailed)
  })
  it.each(['', 'AAAA', '"text"', '[]', 'null', '{"_id":'])('sealed text that is no document: %s', (text) => {
    expect(thrown(() => envelope.open(sealAsVerida(text), ID))).toSatisfy(isSealFailed)
  })
  it.each(['', '!', 'A'.repeat(52), 'A'.repeat(56)])('a payload that is no envelope: %j', (payload) => {
    expect(thrown(() => envelope.open(payload, ID))).toSatisfy(isSealFailed)
  })
  it('with a key that has not 32 bytes: neither sealed nor opened', () => {
    expect(thrown(() => createEnvelope(Buffer.alloc(31)))).toSatisfy(isSealFailed)
  })
})

it('derives under the empty salt, as the clients do by mistake: to correct it would hide every record', () => {
  expect(vectors.saltBytes).toBe(0)
})
