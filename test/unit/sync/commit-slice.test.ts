import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  leases,
  quarantine,
  receipts,
  syncCursors,
  syncs,
  vaultDatabases,
  type Store,
} from '../../../src/store/index.js'
import { commitSlice } from '../../../src/sync/commit-slice.js'
import type { DatabaseProof } from '../../../src/sync/destination.js'
import { NO_COUNTS, type SyncJob } from '../../../src/sync/job.js'
import { Lane } from '../../../src/sync/lane.js'
import { Slice } from '../../../src/sync/slice.js'
import { openTestStore } from '../../support/database.js'
import { makeSyncBench, testSigner, type SyncBench } from '../../support/sync-bench.js'
import { POST_SCHEMA, postStream } from '../../support/sync-job.js'

const stream = postStream(async () => ({ items: [], cursor: 5, more: true }))

let store: Store
let bench: SyncBench
beforeAll(async () => {
  store = await openTestStore('pglite')
})
afterAll(() => store.close())
beforeEach(async () => {
  bench = await makeSyncBench(store)
})

const database = (): string => bench.destination.database(POST_SCHEMA)

function proof(facts: Partial<DatabaseProof> = {}): DatabaseProof {
  return {
    database: database(),
    schema: POST_SCHEMA,
    sliceRoot: 'a'.repeat(64),
    sliceLeaves: 1,
    nodes: [{ url: 'https://node.test', leaves: 1, missing: 0, sampled: 1 }],
    notes: [],
    ...facts,
  }
}

async function moved(job: SyncJob): Promise<Slice> {
  const slice = new Slice(job.limits, 1)
  const lane = new Lane(job, bench.nowMs, {
    stream,
    partition: '',
    cursor: undefined,
    fullRead: true,
    scanNumber: 1,
  })
  await lane.next()
  slice.lanes.add(lane)
  slice.add({ pages: 1, fetched: 1, written: 1 })
  slice.quarantineAs(stream, 'hash', { lane, rejected: { item: { x: 1 }, reason: 'SCHEMA' } })
  return slice
}

const commit = (job: SyncJob, slice: Slice, ...databases: readonly DatabaseProof[]) =>
  commitSlice({ store, signer: testSigner }, job, slice, { databases }, NO_COUNTS)

describe('the commit of a slice', () => {
  it('writes cursor, quarantine, receipt and sync state together', async () => {
    const job = await bench.job([stream])
    const made = await commit(job, await moved(job), proof())
    expect(made).toHaveLength(1)
    expect(await syncCursors.listByDatabase(store.db, database())).toMatchObject([
      { stream: 'posts', revision: 1, scanNumber: 1 },
    ])
    expect(await quarantine.count(store.db, database())).toBe(1)
    expect(await receipts.listBySync(store.db, job.syncId)).toMatchObject([
      { sequence: 1, hash: made[0]?.hash, leaseNumber: job.leaseNumber },
    ])
    expect(await syncs.get(store.db, job.syncId)).toMatchObject({ stage: 'commit' })
  })

  it('writes nothing of it for a run that was fenced', async () => {
    const job = await bench.job([stream])
    await leases.acquire(store.db, job.connectionId, 'another', bench.nowMs + leases.MAX_LEASE_MS)
    await expect(commit(job, await moved(job), proof())).rejects.toMatchObject({ code: 'WRITE_CONFLICT' })
    await nothingIsWritten(job)
  })

  it('writes nothing of it when the receipt cannot be signed', async () => {
    const job = await bench.job([stream])
    const signer = { ...testSigner, sign: () => Promise.reject(new Error('no key')) }
    const committing = commitSlice(
      { store, signer },
      job,
      await moved(job),
      { databases: [proof()] },
      NO_COUNTS,
    )
    await expect(committing).rejects.toMatchObject({ code: 'RECEIPT_FAILED' })
    await nothingIsWritten(job)
  })

  async function nothingIsWritten(job: SyncJob): Promise<void> {
    expect(await syncCursors.listByDatabase(store.db, database())).toEqual([])
    expect(await quarantine.count(store.db, database())).toBe(0)
    expect(await receipts.listBySync(store.db, job.syncId)).toEqual([])
    expect(await syncs.get(store.db, job.syncId)).toMatchObject({ stage: 'fetch' })
  }
})

describe('a receipt', () => {
  const empty = { sliceLeaves: 0 }
  const state = { root: 'b'.repeat(64), liveCount: 3 }

  it('is made for what was written, for what was noticed and for a state that no receipt has stated', async () => {
    const job = await bench.job([stream])
    const slice = new Slice(job.limits, 1)
    const made = async (facts: Partial<DatabaseProof>) =>
      (await commit(job, slice, proof({ ...empty, ...facts }))).length
    expect(await made({})).toBe(0)
    expect(await made({ sliceLeaves: 1 })).toBe(1)
    expect(await made({ notes: ['a node had lost data'] })).toBe(1)
    expect(await made({ state })).toBe(1)
    expect(await vaultDatabases.get(store.db, database())).toMatchObject({
      stateRoot: state.root,
      liveCount: 3,
      nextSequence: 4,
    })
    expect(await made({ state })).toBe(0)
  })

  it('tells of cursors only by keyed digests, of its own schema alone', async () => {
    const job = await bench.job([stream])
    const [receipt] = await commit(job, await moved(job), proof())
    const digest = bench.destination.documentId(POST_SCHEMA, 'cursor digest', '5')
    expect(receipt?.body.cursors).toEqual({ 'posts/': digest })
    const [other] = await commit(job, await moved(job), proof({ schema: 'https://schemas.test/other.json' }))
    expect(other?.body.cursors).toEqual({})
  })

  it('is refused for a database that this node wrote and does not know', async () => {
    const job = await bench.job([stream])
    const committing = commit(job, await moved(job), proof({ database: 'unknown' }))
    await expect(committing).rejects.toMatchObject({ code: 'RECEIPT_FAILED' })
  })
})
