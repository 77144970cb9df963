import { beforeEach, describe, expect, it } from 'vitest'
import type { Json, Page } from '../../../src/provider/index.js'
import type { Store } from '../../../src/store/index.js'
import type { SyncJob } from '../../../src/sync/job.js'
import { Lane } from '../../../src/sync/lane.js'
import { HeldItems } from '../../../src/sync/quarantine.js'
import { Slice } from '../../../src/sync/slice.js'
import { writePage } from '../../../src/sync/write-page.js'
import { MemoryDestination } from '../../support/memory-destination.js'
import { POST_SCHEMA, postStream, testJob, untouchable } from '../../support/sync-job.js'

const stream = postStream(() => Promise.reject(new Error('not used')), { deletes: 'scan' })
const item = (id: string): Json => ({ id, at: '2024-01-02T03:04:05Z' })
const invalid = (id: string): Json => ({ id, at: 'not a time' })
const nameless: Json = { nobody: true }

let destination: MemoryDestination
let job: SyncJob
let slice: Slice
let lane: Lane
beforeEach(() => {
  destination = new MemoryDestination('connection')
  job = testJob([stream], { run: destination.run() })
  slice = new Slice(job.limits, 10)
  lane = new Lane(job, 0, { stream, partition: '', cursor: undefined, fullRead: true, scanNumber: 1 })
})

const write = (page: Partial<Page<Json>>, held = new HeldItems()): Promise<void> =>
  writePage({ store, job, slice, held }, lane, { items: [], cursor: 1, more: false, ...page })

/** A stream without contents asks nothing of it. */
const store = untouchable('store') as Store

const idOf = (id: string): string => destination.documentId(POST_SCHEMA, 'posts', id)

describe('a page', () => {
  it('is written as far as it passes, counted, and its lane’s cursor moves with the slice', async () => {
    await write({ items: [item('a'), invalid('b'), nameless] })
    expect([...destination.records(POST_SCHEMA).keys()]).toEqual([idOf('a')])
    expect(slice.counts).toMatchObject({ pages: 1, fetched: 3, mapped: 2, written: 1, quarantined: 2 })
    expect(slice.bytes).toBeGreaterThan(0)
    expect([...slice.lanes]).toEqual([lane])
    expect(slice.quarantine.get(stream)?.size).toBe(2)
  })

  it('counts what it meets again as unchanged', async () => {
    await write({ items: [item('a')] })
    await write({ items: [item('a')] })
    expect(slice.counts).toMatchObject({ written: 1, unchanged: 1 })
  })

  it('moves its lane’s cursor also when it is empty', async () => {
    await write({})
    expect([...slice.lanes]).toEqual([lane])
  })

  it('tells a scan of everything that it met, also what only the schema refused', async () => {
    await write({ items: [item('a'), invalid('b')] })
    expect(slice.seen.get(lane)).toEqual(new Set([idOf('a'), idOf('b')]))
    expect(lane.scanBroken).toBe(false)
    await write({ items: [nameless] })
    expect(lane.scanBroken).toBe(true)
  })

  it('deletes what the feed names, and does not count it as met', async () => {
    await write({ items: [item('a'), item('b')] })
    await write({ deletedIds: ['a'] })
    expect([...destination.records(POST_SCHEMA).keys()]).toEqual([idOf('b')])
    expect(slice.seen.get(lane)).toEqual(new Set([idOf('b')]))
    expect(slice.scanDeleted).toEqual([{ lane, documentIds: [idOf('a')] }])
  })

  it('lets go of held items that passed or were deleted, and of no others', async () => {
    const held = new HeldItems()
    for (const id of ['a', 'b', 'c']) held.hold(stream, idOf(id))
    await write({ items: [item('a')], deletedIds: ['b'] }, held)
    expect([...(slice.quarantine.get(stream) ?? [])]).toEqual([
      [idOf('a'), undefined],
      [idOf('b'), undefined],
    ])
    expect(slice.counts.released).toBe(2)
  })
})

describe('a slice', () => {
  const limits = { ms: 10, records: 3, bytes: 100 }

  it.each([
    ['records', { fetched: 3 }, 0, 0],
    ['bytes', {}, 100, 0],
    ['time', {}, 0, 10],
  ])('is full by its %s', (_name, counts, bytes, nowMs) => {
    const one = new Slice(limits, 10)
    expect(one.isFull(9)).toBe(false)
    one.add(counts, bytes)
    expect(one.isFull(nowMs)).toBe(true)
  })

  it('adds up counts and the reasons of what was skipped', () => {
    const one = new Slice(limits, 10)
    one.add({ written: 1, skipped: { private: 1 } })
    one.add({ written: 2, skipped: { private: 1, draft: 1 } })
    expect(one.counts).toMatchObject({ written: 3, skipped: { private: 2, draft: 1 } })
  })
})
