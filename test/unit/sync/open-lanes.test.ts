import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import type { Json, Page } from '../../../src/provider/index.js'
import { syncCursors, syncs, type Store } from '../../../src/store/index.js'
import type { SyncJob, SyncStream } from '../../../src/sync/job.js'
import type { Lane } from '../../../src/sync/lane.js'
import { openLanes, sealCursor } from '../../../src/sync/open-lanes.js'
import { openTestStore } from '../../support/database.js'
import { makeSyncBench, type SyncBench } from '../../support/sync-bench.js'
import { POST_SCHEMA, postStream } from '../../support/sync-job.js'

let store: Store
let bench: SyncBench
beforeAll(async () => {
  store = await openTestStore('pglite')
})
afterAll(() => store.close())
beforeEach(async () => {
  bench = await makeSyncBench(store)
})

const page = async (cursor = 0): Promise<Page<Json>> => ({ items: [], cursor: cursor + 1, more: cursor < 3 })
const stream = (facts: Parameters<typeof postStream>[1] = {}): SyncStream => postStream(page, facts)

async function open(streams: readonly SyncStream[], facts: Partial<SyncJob> = {}) {
  bench.nowMs += 20_000
  const job = await bench.job(streams, facts)
  return { job, lanes: await openLanes(store, job) }
}

async function only(one: SyncStream, facts: Partial<SyncJob> = {}): Promise<{ job: SyncJob; lane: Lane }> {
  const { job, lanes } = await open([one], facts)
  const [lane] = lanes
  if (lane === undefined || lanes.length > 1) throw new Error('not one lane')
  return { job, lane }
}

/** Commits where a lane stands, as the end of a slice does. */
async function commit(job: SyncJob, lane: Lane): Promise<void> {
  const key = {
    database: job.run.database(lane.stream.schema),
    stream: lane.stream.stream.name,
    partition: lane.partition,
  }
  const row = { ...key, revision: job.provider.revision, scanNumber: lane.scanNumber }
  await syncCursors.put(store.db, { ...row, cursorSealed: sealCursor(job, lane) }, bench.nowMs)
}

async function advance(one: SyncStream, pages: number, facts: Partial<SyncJob> = {}): Promise<void> {
  const { job, lane } = await only(one, facts)
  for (let read = 0; read < pages; read += 1) await lane.next()
  await commit(job, lane)
}

describe('a lane opens', () => {
  it('at the beginning, as the first full reading, when nothing was committed', async () => {
    expect((await only(stream())).lane).toMatchObject({
      partition: '',
      cursor: undefined,
      fullRead: true,
      scanNumber: 1,
      state: { kind: 'open' },
    })
  })

  it('where its last slice ended, still in the same full reading', async () => {
    await advance(stream(), 2)
    expect((await only(stream())).lane).toMatchObject({ cursor: 2, fullRead: true, scanNumber: 1 })
  })

  it('after its end as one that reads only what is new', async () => {
    await advance(stream(), 4)
    expect((await only(stream())).lane).toMatchObject({ cursor: 4, fullRead: false, scanNumber: 1 })
  })

  it('anew, with the next scan, when it finds deletions by reading everything', async () => {
    await advance(stream({ deletes: 'scan' }), 4)
    expect((await only(stream({ deletes: 'scan' }))).lane).toMatchObject({
      cursor: undefined,
      fullRead: true,
      scanNumber: 2,
    })
  })

  it('anew when the provider’s revision differs or the stored cursor is of no known form', async () => {
    await advance(stream(), 2)
    const { job } = await only(stream())
    const revised = { provider: { ...job.provider, revision: 2 } }
    expect((await only(stream(), revised)).lane).toMatchObject({ cursor: undefined, scanNumber: 2 })
    const { stream: declared, ...rest } = stream()
    const texts = { ...rest, stream: { ...declared, cursor: declared.item } } as SyncStream
    expect((await only(texts)).lane).toMatchObject({ cursor: undefined, fullRead: true, scanNumber: 2 })
  })

  it.each([
    ['PROVIDER_DOWN', ['quick', 'slow']],
    ['RECORD_SKIPPED', ['slow', 'quick']],
  ])('after the others when the last sync could not read it: %s', async (code, order) => {
    const both = [stream({ name: 'slow' }), stream({ name: 'quick' })]
    const { job } = await open(both)
    await syncs.finish(store.db, job.syncId, {
      status: 'complete',
      stage: 'erase',
      counts: {},
      issues: [{ stream: 'slow', partition: '', code }],
      suspectedDeletes: null,
      more: false,
      errorCode: null,
      nowMs: bench.nowMs,
    })
    expect((await open(both)).lanes.map((lane) => lane.stream.stream.name)).toEqual(order)
  })

  it('anew when storage nodes lost what was proven, and goes on from there once it was read again', async () => {
    await advance(stream(), 4)
    bench.destination.lost.add(POST_SCHEMA)
    const { job, lane } = await only(stream())
    expect(lane).toMatchObject({ cursor: undefined, fullRead: true, scanNumber: 2 })
    await lane.next()
    await commit(job, lane)
    bench.destination.lost.clear()
    expect((await only(stream())).lane).toMatchObject({ cursor: 1, fullRead: true, scanNumber: 2 })
  })

  it('anew when its window reaches further back than what was read, and not when it reaches less far', async () => {
    await advance(stream(), 2, { sinceMs: 500 })
    for (const sinceMs of [500, 900])
      expect((await only(stream(), { sinceMs })).lane).toMatchObject({ cursor: 2, sinceMs: 500 })
    expect((await only(stream(), { sinceMs: 499 })).lane).toMatchObject({
      cursor: undefined,
      fullRead: true,
      sinceMs: 499,
      scanNumber: 2,
    })
    expect((await only(stream())).lane).toMatchObject({ cursor: undefined, fullRead: true })
    // What was read to its beginning needs no window.
    await advance(stream({ name: 'whole' }), 2)
    expect((await only(stream({ name: 'whole' }), { sinceMs: 5 })).lane).toMatchObject({ cursor: 2 })
  })

  it('with a cursor that is readable nowhere in the store', async () => {
    await advance(stream(), 2)
    const database = bench.destination.database(stream().schema)
    const [row] = await syncCursors.listByDatabase(store.db, database)
    expect(row?.cursorSealed).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(Buffer.from(row?.cursorSealed ?? '', 'base64url').toString('latin1')).not.toContain('"at"')
  })

  it('never with another stream’s or partition’s cursor: moved in the store, it does not open', async () => {
    await advance(stream(), 2)
    const database = bench.destination.database(stream().schema)
    const [row] = await syncCursors.listByDatabase(store.db, database)
    if (row === undefined) throw new Error('no cursor')
    await syncCursors.put(store.db, { ...row, stream: 'other' }, bench.nowMs)
    await expect(open([stream({ name: 'other' })])).rejects.toMatchObject({ code: 'SEAL_FAILED' })
  })
})

describe('a stream with containers', () => {
  const parted = (...partitions: readonly string[]): SyncStream =>
    stream({ partitions: async () => partitions })

  it('has one lane and one cursor for each', async () => {
    const { job, lanes } = await open([parted('a', 'b')])
    await lanes[1]?.next()
    for (const lane of lanes) await commit(job, lane)
    const again = await open([parted('a', 'b', 'c')])
    const cursors = Object.fromEntries(again.lanes.map(({ partition, cursor }) => [partition, cursor]))
    expect(cursors).toEqual({ a: undefined, b: 1, c: undefined })
  })

  it('whose list fails is one stopped lane: the other streams go on', async () => {
    const failing = stream({
      name: 'files',
      partitions: () => Promise.reject(new NodeError('SCOPE_MISSING')),
    })
    const { lanes } = await open([failing, stream()])
    expect(lanes.map(({ state }) => state.kind).sort()).toEqual(['open', 'stopped'])
    expect(lanes.find(({ stream: one }) => one === failing)?.state).toMatchObject({
      error: { code: 'SCOPE_MISSING' },
    })
  })

  it('ends the run when the list fails because the run was aborted', async () => {
    const lost = new AbortController()
    const reason = new NodeError('WRITE_CONFLICT')
    const aborting = stream({
      partitions: () => {
        lost.abort(reason)
        return Promise.reject(new NodeError('PROVIDER_DOWN'))
      },
    })
    await expect(open([aborting], { signal: lost.signal })).rejects.toBe(reason)
  })
})
