import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AnyStream, Draft, Json, Page } from '../../../src/provider/index.js'
import { quarantine, type QuarantinedItem, type Store } from '../../../src/store/index.js'
import type { SyncStream } from '../../../src/sync/job.js'
import { QUARANTINE_DAYS } from '../../../src/sync/quarantine.js'
import { openTestStore } from '../../support/database.js'
import { makeSyncBench, type SyncBench } from '../../support/sync-bench.js'
import { POST_SCHEMA, postStream } from '../../support/sync-job.js'

const DAY = 86_400_000

let store: Store
let bench: SyncBench
beforeAll(async () => {
  store = await openTestStore('pglite')
})
afterAll(() => store.close())
beforeEach(async () => {
  bench = await makeSyncBench(store)
})

const item = (id: string, text = 'hello', at = '2024-01-02T03:04:05Z'): Json => ({ id, at, text })
/** Mapped and identified, and refused by its schema. */
const bad = (id: string, text = 'CANARY'): Json => item(id, text, 'not a time')

type Pages = readonly (Partial<Page<Json>> & { readonly items: readonly Json[] })[]

/** A feed that gives its pages once: a later sync finds nothing new. */
function feed(pages: Pages, facts: Partial<Pick<AnyStream, 'map' | 'deletes' | 'name'>> = {}): SyncStream {
  const read = async (cursor = 0): Promise<Page<Json>> => {
    const { items = [], ...rest } = pages[cursor] ?? {}
    const next = Math.min(cursor + 1, pages.length)
    return { items, cursor: next, more: next < pages.length, ...rest }
  }
  return postStream(read, { deletes: 'feed', ...facts })
}

/** The repaired mapping: takes the time that was refused for a fixed one. */
const repaired = (raw: unknown): Draft => {
  const { id, text } = raw as { id: string; text: string }
  const fields = { name: text, type: 'status', uri: `https://x.test/${id}` }
  return { sourceId: id, insertedAt: '2024-01-02T03:04:05Z', fields }
}

const database = (): string => bench.destination.database(POST_SCHEMA)
const held = (): Promise<readonly QuarantinedItem[]> =>
  quarantine.listForRetry(store.db, database(), { nowMs: bench.nowMs })
const names = (): Record<string, unknown> =>
  Object.fromEntries(
    [...bench.destination.records(POST_SCHEMA).values()].map((record) => [
      record['sourceId'] as string,
      record['name'],
    ]),
  )

describe('an item that does not pass', () => {
  it('is set aside sealed, counted and named by its reason, and the rest goes on', async () => {
    const outcome = await bench.sync([feed([{ items: [bad('a'), item('b'), { nobody: 'CANARY' }] }])])
    const issue = { stream: 'posts', partition: '', code: 'RECORD_SKIPPED', count: 2 }
    expect(outcome).toMatchObject({
      issues: [issue],
      counts: { fetched: 3, written: 1, quarantined: 2 },
    })
    const rows = await held()
    expect(rows.map(({ reason }) => reason.split(' ')[0]).sort()).toEqual(['ITEM_SHAPE', 'SCHEMA'])
    expect(JSON.stringify(rows)).not.toContain('CANARY')
    expect(rows.map(({ expiresAtMs, createdAtMs }) => expiresAtMs - createdAtMs)).toEqual([
      QUARANTINE_DAYS * DAY,
      QUARANTINE_DAYS * DAY,
    ])
  })

  it('is set aside in the cursor’s own transaction: never lost, never without its page', async () => {
    bench.fault = (step) => {
      if (step === 'commit') throw new Error('crash')
    }
    await expect(bench.sync([feed([{ items: [bad('a')] }])])).rejects.toThrow('crash')
    expect(await held()).toEqual([])
    bench.fault = () => undefined
    await bench.sync([feed([{ items: [bad('a')] }])])
    expect(await held()).toHaveLength(1)
  })

  it('is one row however often it comes', async () => {
    await bench.sync([feed([{ items: [bad('a', '1')] }, { items: [bad('a', '2')] }])])
    const [first] = await held()
    const job = await bench.job([feed([{ items: [bad('a', '3')] }])])
    await bench.run({ ...job, provider: { ...job.provider, revision: 2 } })
    const [again, ...more] = await held()
    expect(more).toEqual([])
    expect(again).toMatchObject({ id: first?.id, expiresAtMs: first?.expiresAtMs })
    expect(again?.sealed).not.toBe(first?.sealed)
  })
})

describe('the next sync', () => {
  it('tries what is held again, before it fetches: written once it passes, and let go', async () => {
    await bench.sync([feed([{ items: [bad('a', 'late')] }])])
    const outcome = await bench.sync([feed([{ items: [] }], { map: repaired })])
    expect(outcome.counts).toMatchObject({ released: 1, written: 1, quarantined: 0 })
    expect(names()).toEqual({ a: 'late' })
    expect(await held()).toEqual([])
  })

  it('keeps it while it still does not pass', async () => {
    await bench.sync([feed([{ items: [bad('a')] }])])
    const before = await held()
    expect((await bench.sync([feed([{ items: [] }])])).counts).toMatchObject({ released: 0 })
    expect(await held()).toEqual(before)
  })

  it('keeps it when the sync does not commit', async () => {
    await bench.sync([feed([{ items: [bad('a')] }])])
    bench.fault = (step) => {
      if (step.startsWith('prove')) throw new Error('crash')
    }
    await expect(bench.sync([feed([{ items: [] }], { map: repaired })])).rejects.toThrow('crash')
    expect(await held()).toHaveLength(1)
  })

  it('does not try it after 30 days, and then it is erased', async () => {
    await bench.sync([feed([{ items: [bad('a')] }])])
    bench.nowMs += QUARANTINE_DAYS * DAY
    const outcome = await bench.sync([feed([{ items: [] }], { map: repaired })])
    expect(outcome.counts.released).toBe(0)
    expect(names()).toEqual({})
    expect(await quarantine.purgeExpired(store.db, bench.nowMs)).toBeGreaterThanOrEqual(1)
    expect(await quarantine.count(store.db, database())).toBe(0)
  })

  it('counts a row that does not open, keeps it, and goes on', async () => {
    await bench.sync([feed([{ items: [bad('a'), bad('b')] }])])
    const [row] = await held()
    await store.db
      .updateTable('quarantine')
      .set({ sealed: 'torn' })
      .where('id', '=', row?.id ?? '')
      .execute()
    const outcome = await bench.sync([feed([{ items: [item('c')] }], { map: repaired })])
    expect(outcome.counts).toMatchObject({ released: 1, skipped: { quarantine_unreadable: 1 } })
    expect((await held()).map(({ id }) => id)).toEqual([row?.id])
  })

  it('tries more than one page of held items', async () => {
    const many = Array.from({ length: 520 }, (_, index) => bad(`item ${index}`))
    await bench.sync([feed([{ items: many }])])
    const outcome = await bench.sync([feed([{ items: [] }], { map: repaired })])
    expect(outcome.counts.released).toBe(520)
    expect(bench.destination.records(POST_SCHEMA).size).toBe(520)
  })
})

describe('a held item never comes back over what is newer', () => {
  /** A sync that finds nothing new, under a mapping by which everything passes. */
  const later = () => bench.sync([feed([{ items: [] }], { map: repaired })])

  it('when the newer form passed in a later page of its slice', async () => {
    await bench.sync([feed([{ items: [bad('a', 'old')] }, { items: [item('a', 'new')] }])])
    expect(await held()).toEqual([])
    await later()
    expect(names()).toEqual({ a: 'new' })
  })

  it('when the newer form passed in a later slice', async () => {
    const limits = { ms: 20_000, records: 1, bytes: 1e9 }
    await bench.sync([feed([{ items: [bad('a', 'old')] }, { items: [item('a', 'new')] }])], { limits })
    expect(await held()).toEqual([])
    await later()
    expect(names()).toEqual({ a: 'new' })
  })

  it('when the newer form passed in a later sync', async () => {
    await bench.sync([feed([{ items: [bad('a', 'old')] }])])
    const outcome = await bench.sync([feed([{ items: [] }, { items: [item('a', 'new')] }])])
    expect(outcome.counts).toMatchObject({ released: 1 })
    await later()
    expect(names()).toEqual({ a: 'new' })
  })

  it('when it was deleted at the source meanwhile', async () => {
    await bench.sync([feed([{ items: [bad('a', 'old')] }])])
    await bench.sync([feed([{ items: [] }, { items: [], deletedIds: ['a'] }])])
    expect(await held()).toEqual([])
    await later()
    expect(names()).toEqual({})
  })

  it('but stays when it is the newer form that does not pass', async () => {
    await bench.sync([feed([{ items: [item('a', 'old')] }, { items: [bad('a', 'new')] }])])
    expect(names()).toEqual({ a: 'old' })
    expect(await held()).toHaveLength(1)
    await later()
    expect(names()).toEqual({ a: 'new' })
  })
})
