import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NodeError, type Json, type Page } from '../../../src/provider/index.js'
import type { Store } from '../../../src/store/index.js'
import type { SyncJob, SyncStream } from '../../../src/sync/job.js'
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

const item = (id: string): Json => ({ id, at: '2024-01-02T03:04:05Z', text: id })
const nameless: Json = { at: '2024-01-02T03:04:05Z' }
const invalid = (id: string): Json => ({ id, at: 'not a time' })

/** A stream that is read whole, by pages of so many items. */
function whole(items: readonly Json[], perPage = 2, deletes: 'scan' | 'feed' = 'scan'): SyncStream {
  return postStream(
    async (cursor = 0): Promise<Page<Json>> => {
      const end = Math.min(cursor + perPage, items.length)
      return { items: items.slice(cursor, end), cursor: end, more: end < items.length }
    },
    { deletes },
  )
}
const all = (ids: string, facts: { perPage?: number } = {}) =>
  whole(Array.from(ids, item), facts.perPage ?? 2)

const ids = (): string =>
  [...bench.destination.records(POST_SCHEMA).values()]
    .map((record) => record['sourceId'] as string)
    .sort()
    .join('')

const sync = (stream: SyncStream, overrides?: Partial<SyncJob>) => bench.sync([stream], overrides)

describe('a scan', () => {
  it('deletes what it no longer met, in the same run', async () => {
    await sync(all('abcdef'))
    const outcome = await sync(all('abcd'))
    expect(outcome).toMatchObject({ counts: { deleted: 2, unchanged: 4 }, suspectedDeletes: [] })
    expect(ids()).toBe('abcd')
    expect(await sync(all('abcd'))).toMatchObject({ counts: { deleted: 0 }, suspectedDeletes: [] })
  })

  it('deletes nothing that came back, and learns of new ones', async () => {
    await sync(all('abcd'))
    await sync(all('abce'))
    expect(ids()).toBe('abce')
    await sync(all('abcd'))
    expect(ids()).toBe('abcd')
  })

  it('that misses exactly half deletes it; one more is only suspected', async () => {
    await sync(all('abcd'))
    expect(await sync(all('ab'))).toMatchObject({ counts: { deleted: 2 }, suspectedDeletes: [] })
    const outcome = await sync(all(''))
    expect(outcome).toMatchObject({
      counts: { deleted: 0 },
      issues: [],
      suspectedDeletes: [{ stream: 'posts', partition: '', missing: 2, known: 2 }],
    })
    expect(ids()).toBe('ab')
  })

  it('deletes what was suspected once the owner confirms, and not before', async () => {
    await sync(all('abcd'))
    for (let times = 0; times < 2; times += 1)
      expect((await sync(all('a'))).suspectedDeletes).toMatchObject([{ missing: 3, known: 4 }])
    expect(await sync(all('a'), { confirmDeletes: true })).toMatchObject({
      counts: { deleted: 3 },
      suspectedDeletes: [],
    })
    expect(ids()).toBe('a')
  })

  it('suspects nothing any more when the items are there again', async () => {
    await sync(all('abcd'))
    await sync(all('a'))
    expect((await sync(all('abcd'))).suspectedDeletes).toEqual([])
    expect(ids()).toBe('abcd')
  })

  it('deletes nothing before it has come to its end', async () => {
    await sync(all('abcd'))
    bench.fault = (step) => {
      if (step === 'write') bench.nowMs += 50_000
    }
    expect(await sync(all('bcd', { perPage: 1 }))).toMatchObject({ more: true, counts: { deleted: 0 } })
    expect(ids()).toBe('abcd')
    bench.fault = () => undefined
    expect(await sync(all('bcd', { perPage: 1 }))).toMatchObject({ counts: { pages: 2, deleted: 1 } })
    expect(ids()).toBe('bcd')
  })

  it('goes on over slices: what an earlier slice of it met is not missing', async () => {
    const limits = { ms: 20_000, records: 1, bytes: 1e9 }
    await sync(all('abcdef'), { limits })
    expect(await sync(all('abcde'), { limits })).toMatchObject({ counts: { deleted: 1 } })
    expect(ids()).toBe('abcde')
  })

  it('proves no absence when some item could not be identified', async () => {
    await sync(all('abc'))
    const outcome = await sync(whole([item('a'), nameless, item('b')]))
    expect(outcome.counts).toMatchObject({ deleted: 0, skipped: { scan_unproven: 1 } })
    expect(ids()).toBe('abc')
    // The item that hid is still in quarantine: also the next scan proves nothing while it may be any of them.
    expect((await sync(all('ab'))).counts.skipped).toEqual({ scan_unproven: 1 })
    expect(ids()).toBe('abc')
  })

  it('proves no absence while a held item cannot be read', async () => {
    await sync(whole([item('a'), item('b'), invalid('c')]))
    await store.db
      .updateTable('quarantine')
      .set({ sealed: 'torn' })
      .where('database', '=', bench.destination.database(POST_SCHEMA))
      .execute()
    const outcome = await sync(all('a'))
    expect(outcome.counts.skipped).toEqual({ quarantine_unreadable: 1, scan_unproven: 1 })
    expect(ids()).toBe('ab')
  })

  it('counts an item that only its schema refused as met', async () => {
    await sync(all('abc'))
    expect((await sync(whole([item('a'), item('b'), invalid('c')]))).counts.deleted).toBe(0)
    expect(ids()).toBe('abc')
  })

  it('deletes by the thousands in statements of a bounded size', async () => {
    const many = Array.from({ length: 2_600 }, (_, index) => item(`item ${index}`))
    await sync(whole(many, 1_000))
    const outcome = await sync(whole(many.slice(0, 1_301), 1_000))
    expect(outcome).toMatchObject({ counts: { deleted: 1_299 }, suspectedDeletes: [] })
    expect(bench.destination.records(POST_SCHEMA).size).toBe(1_301)
  })
})

describe('a feed of changes', () => {
  it('deletes what it names, and what comes back after that stays', async () => {
    await sync(whole([item('a'), item('b')], 2, 'feed'))
    const feed = (pages: Page<Json>[]) =>
      postStream(async (cursor = 2) => pages[cursor - 2] ?? { items: [], cursor, more: false }, {
        deletes: 'feed',
      })
    const outcome = await sync(
      feed([
        { items: [], deletedIds: ['a', 'b'], cursor: 3, more: true },
        { items: [item('b')], cursor: 4, more: false },
      ]),
    )
    expect(outcome.counts.deleted).toBe(2)
    expect(ids()).toBe('b')
  })

  it('never takes silence for absence', async () => {
    await sync(whole([item('a'), item('b')], 2, 'feed'))
    await sync(postStream(async () => ({ items: [], cursor: 2, more: false }), { deletes: 'feed' }))
    expect(ids()).toBe('ab')
  })

  it('whose full reading suspected deletions reads everything again when the owner confirms', async () => {
    await sync(whole(Array.from('abcd', item), 4, 'feed'))
    const { provider } = await bench.job([])
    bench.nowMs += 20_000
    const stream = whole([item('a')], 4, 'feed')
    const revised = { provider: { ...provider, revision: 2 } }
    expect((await sync(stream, revised)).suspectedDeletes).toMatchObject([{ missing: 3, known: 4 }])
    expect(await sync(stream, revised)).toMatchObject({ counts: { fetched: 0 }, suspectedDeletes: [] })
    expect((await sync(stream, { ...revised, confirmDeletes: true })).counts.deleted).toBe(3)
    expect(ids()).toBe('a')
  })
})

describe('a stream whose service does not tell of deletions', () => {
  it('loses nothing', async () => {
    const stream = (items: Json[]) => postStream(async () => ({ items, cursor: 1, more: false }))
    await sync(stream([item('a'), item('b')]))
    await sync(stream([item('a')]))
    expect(ids()).toBe('ab')
  })
})

describe('a backfill window', () => {
  it('changes nothing for a scan, which reads whole lists', async () => {
    await sync(all('abcdef'), { sinceMs: 1 })
    expect(await sync(all('abcd'), { sinceMs: 1 })).toMatchObject({ counts: { deleted: 2 } })
    expect(ids()).toBe('abcd')
  })

  it('lets a feed that is read anew delete nothing that may only be old, until the owner confirms', async () => {
    /** Its token has ended, so that it is read whole, and shows only what is within the window. */
    const anew = (items: string) =>
      postStream(
        async (cursor?: number): Promise<Page<Json>> => {
          if (cursor !== undefined) throw new NodeError('CURSOR_EXPIRED')
          return { items: Array.from(items, item), cursor: 1, more: false }
        },
        { deletes: 'feed' },
      )
    await sync(anew('abcdef'), { sinceMs: 1 })
    const outcome = await sync(anew('bcdef'), { sinceMs: 1 })
    expect(outcome).toMatchObject({
      counts: { deleted: 0 },
      suspectedDeletes: [{ stream: 'posts', partition: '', missing: 1, known: 6 }],
    })
    expect(ids()).toBe('abcdef')
    expect(await sync(anew('bcdef'), { sinceMs: 1, confirmDeletes: true })).toMatchObject({
      counts: { deleted: 1 },
    })
    expect(ids()).toBe('bcdef')
    expect(await sync(anew('bcd'))).toMatchObject({ counts: { deleted: 2 }, suspectedDeletes: [] })
  })
})
