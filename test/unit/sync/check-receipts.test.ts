/** What an owner can find out from receipts alone, offline. */
import { beforeAll, describe, expect, it } from 'vitest'
import { Redacted } from '../../../src/lib/redacted.js'
import { systemClock } from '../../../src/lib/clock.js'
import { checkReceipts } from '../../../src/sync/index.js'
import { NO_COUNTS } from '../../../src/sync/job.js'
import { FIRST_PREVIOUS, makeReceipt, type Receipt } from '../../../src/sync/receipt.js'
import { createIdentity } from '../../../src/vault/identity.js'

const SCHEMA = 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json'
const ROOT = 'cd'.repeat(32)

const identity = createIdentity({
  network: 'testnet',
  rpcUrl: 'http://127.0.0.1:9/',
  privateKey: new Redacted('11'.repeat(32)),
  contextName: 'Test',
  storageNodes: ['http://127.0.0.1:9/'],
  didEndpoints: [],
  clock: systemClock,
})
const signer = { did: identity.did, sign: (text: string) => identity.sign(text) }

async function chain(length: number, database = 'db'): Promise<Receipt[]> {
  const made: Receipt[] = []
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const receipt = await makeReceipt(signer, {
      proof: {
        database,
        schema: SCHEMA,
        sliceRoot: ROOT,
        sliceLeaves: 5,
        ...(sequence === length && { state: { root: ROOT, liveCount: 5 } }),
        nodes: [{ url: 'http://one/', leaves: 5, missing: 0, sampled: 5 }],
        notes: [],
      },
      sequence,
      previous: made.at(-1)?.hash ?? FIRST_PREVIOUS,
      leaseNumber: 1,
      syncId: 'sync',
      counts: NO_COUNTS,
      cursors: {},
      nowMs: 1_700_000_000_000,
    })
    made.push(receipt)
  }
  return made
}

let receipts: Receipt[]
beforeAll(async () => {
  receipts = await chain(3)
})

describe('receipts', () => {
  it('of one node in an unbroken chain are valid, in any order, beside those of other databases', async () => {
    const mixed = [...receipts, ...(await chain(2, 'other'))].reverse()
    expect(checkReceipts(mixed)).toEqual([])
  })
  it('may begin in the middle of a chain: an owner keeps what a sync gave', () => {
    expect(checkReceipts(receipts.slice(1))).toEqual([])
  })
  it('of which there is none prove nothing', () => {
    expect(checkReceipts([])).toHaveLength(1)
  })
  it('show a changed body', () => {
    const [first, ...rest] = receipts
    const changed = { ...first!, body: { ...first!.body, leaseNumber: 2 } }
    expect(checkReceipts([changed, ...rest])).toEqual([expect.stringContaining('hash')])
  })
  it('show a signature by another key', async () => {
    const other = createIdentity({
      network: 'testnet',
      rpcUrl: 'http://127.0.0.1:9/',
      privateKey: new Redacted('22'.repeat(32)),
      contextName: 'Test',
      storageNodes: ['http://127.0.0.1:9/'],
      didEndpoints: [],
      clock: systemClock,
    })
    const [first, ...rest] = receipts
    const forged = { ...first!, signature: await other.sign(first!.hash) }
    expect(checkReceipts([forged, ...rest])).toEqual([expect.stringContaining('signature')])
    expect(checkReceipts(receipts, { did: other.did })).toHaveLength(3)
  })
  it('show a missing link and a fork', async () => {
    const [first, second, third] = receipts
    const elsewhere = { ...second!, body: { ...second!.body, previous: ROOT } }
    expect(checkReceipts([first!, elsewhere, third!]).join()).toContain('hash')
    const forked = await chain(3)
    expect(checkReceipts([...receipts, forked[1]!])).toEqual([
      expect.stringContaining('two with this number'),
    ])
  })
  it('show a database that is not the one they state', () => {
    const pulled = { [SCHEMA]: { stateRoot: ROOT, pulled: 5 } }
    expect(checkReceipts(receipts, { pulled })).toEqual([])
    expect(checkReceipts(receipts, { pulled: { [SCHEMA]: { stateRoot: ROOT, pulled: 4 } } })).toHaveLength(1)
    expect(checkReceipts(receipts, { pulled: { other: { stateRoot: ROOT, pulled: 5 } } })).toHaveLength(1)
  })
})
