import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json } from '../../../src/lib/canonical-json.js'
import type { DatabaseProof } from '../../../src/sync/destination.js'
import { NO_COUNTS } from '../../../src/sync/job.js'
import { FIRST_PREVIOUS, makeReceipt, receiptHash, type ReceiptFacts } from '../../../src/sync/receipt.js'
import { testSigner } from '../../support/sync-bench.js'

const facts: ReceiptFacts = {
  proof: {
    database: 'db',
    schema: 'https://schemas.test/post.json',
    sliceRoot: 'a'.repeat(64),
    sliceLeaves: 2,
    state: { root: 'b'.repeat(64), liveCount: 9 },
    nodes: [{ url: 'https://node.test', leaves: 2, missing: 0, sampled: 2 }],
    notes: [],
  },
  sequence: 1,
  previous: FIRST_PREVIOUS,
  leaseNumber: 28_616_666,
  syncId: 'sync',
  counts: NO_COUNTS,
  cursors: { 'posts/': 'digest' },
  nowMs: 5,
}

describe('a receipt', () => {
  it('is signed over its hash, and the hash covers every member of its body', async () => {
    const { body, hash, signature } = await makeReceipt(testSigner, facts)
    expect(hash).toBe(
      createHash('sha256')
        .update(canonicalJson(body as unknown as Json))
        .digest('hex'),
    )
    expect(signature).toBe(`signature of ${hash}`)
    for (const member of Object.keys(body))
      expect(receiptHash({ ...body, [member]: 'changed' }), member).not.toBe(hash)
  })

  it('is the same for the same facts, in whatever order they are written', async () => {
    const { body, hash } = await makeReceipt(testSigner, facts)
    const turned = Object.fromEntries(Object.entries(body).reverse()) as unknown as typeof body
    expect(receiptHash(turned)).toBe(hash)
  })

  it('states signer, chain, proof and nodes, and the whole state only when the proof has it', async () => {
    const { body } = await makeReceipt(testSigner, facts)
    expect(body).toMatchObject({
      version: 1,
      signer: testSigner.did,
      sequence: 1,
      previous: '0'.repeat(64),
      slice: { root: 'a'.repeat(64), leaves: 2 },
      state: { liveCount: 9 },
      nodes: [{ url: 'https://node.test', leaves: 2, sampled: 2 }],
      issuedAtMs: 5,
    })
    const proof = Object.fromEntries(Object.entries(facts.proof).filter(([member]) => member !== 'state'))
    const partial = { ...facts, proof: proof as unknown as DatabaseProof }
    expect((await makeReceipt(testSigner, partial)).body).not.toHaveProperty('state')
  })
})
