import { schemaUri } from '../../../schemas/index.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import { canonicalJson } from '../../../src/lib/canonical-json.js'
import type { Json, Page } from '../../../src/provider/index.js'
import {
  leases,
  receipts,
  scanItems,
  syncCursors,
  syncs,
  vaultDatabases,
  type Store,
} from '../../../src/store/index.js'
import type { SyncStream } from '../../../src/sync/job.js'
import { receiptHash, type ReceiptBody } from '../../../src/sync/receipt.js'
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

const post = (id: string, text = 'hello'): Json => ({ id, at: '2024-01-02T03:04:05Z', text })
const posts = (...ids: readonly string[]): Json[] => ids.map((id) => post(id))

/** Pages of a service that stands still: cursor n is the nth page. */
function pagesOf(pages: readonly (readonly Json[])[], more: Partial<Page<Json>>[] = []) {
  return async (cursor: number | undefined): Promise<Page<Json>> => {
    const at = cursor ?? 0
    const next = Math.min(at + 1, pages.length)
    return { items: pages[at] ?? [], cursor: next, more: next < pages.length, ...more[at] }
  }
}

const ids = (): string[] =>
  [...bench.destination.records(POST_SCHEMA).values()].map((record) => record['sourceId'] as string).sort()

const database = (): string => bench.destination.database(POST_SCHEMA)

/** Everything that a sync leaves: records, cursors as they open, receipt chain. */
async function cursors(): Promise<Record<string, unknown>> {
  const rows = await syncCursors.listByDatabase(store.db, database())
  const box = bench.destination.box(POST_SCHEMA, 'cursor')
  return Object.fromEntries(
    rows.map(({ stream, partition, cursorSealed }) => [
      `${stream}/${partition}`,
      cursorSealed === null ? null : box.open(cursorSealed, ['cursor', stream, partition]),
    ]),
  )
}

async function chain(): Promise<ReceiptBody[]> {
  const rows = await receipts.listByDatabase(store.db, database())
  let previous = '0'.repeat(64)
  for (const [index, row] of rows.entries()) {
    const body = row.body as unknown as ReceiptBody
    expect(body).toMatchObject({ sequence: index + 1, previous, database: database() })
    expect(row.hash).toBe(receiptHash(body))
    previous = row.hash
  }
  expect((await vaultDatabases.get(store.db, database()))?.lastReceiptHash).toBe(previous)
  return rows.map(({ body }) => body as unknown as ReceiptBody)
}

describe('one slice', () => {
  it('is proven, then committed, then its heads are published, then announced, and only then erased', async () => {
    await bench.sync([postStream(pagesOf([posts('a'), posts('b')]))])
    expect(bench.steps.filter((step) => !step.endsWith(' done'))).toEqual([
      'write',
      'write',
      'prove all',
      'commit',
      'heads',
      'announce',
      'release',
    ])
    expect(bench.steps.indexOf('prove all done')).toBeLessThan(bench.steps.indexOf('commit'))
    expect(bench.steps.indexOf('commit done')).toBeLessThan(bench.steps.indexOf('heads'))
  })

  it('follows another until the provider has no more, and only the last is announced', async () => {
    const stream = postStream(pagesOf([posts('a', 'b'), posts('c', 'd'), posts('e')]))
    const outcome = await bench.sync([stream], { limits: { ms: 20_000, records: 2, bytes: 1e9 } })
    expect(bench.steps.filter((step) => /^(prove|prove all|announce|release)$/.test(step))).toEqual([
      'prove',
      'release',
      'prove',
      'release',
      'prove all',
      'announce',
      'release',
    ])
    expect(outcome).toMatchObject({ more: false, counts: { pages: 3, fetched: 5, written: 5 }, issues: [] })
    expect(ids()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await chain()).toHaveLength(3)
  })

  it('ends when it is full by bytes or by time', async () => {
    const stream = postStream(pagesOf([posts('a'), posts('b'), posts('c')]))
    await bench.sync([stream], { limits: { ms: 20_000, records: 1e9, bytes: 1 } })
    expect(bench.steps.filter((step) => step.startsWith('prove') && !step.endsWith('done'))).toHaveLength(3)
    const slow = await makeSyncBench(store)
    slow.fault = (step) => {
      if (step === 'write') slow.nowMs += 10
    }
    await slow.sync([stream], { limits: { ms: 10, records: 1e9, bytes: 1e9 } })
    expect(slow.steps.filter((step) => step === 'commit')).toHaveLength(3)
  })

  it('is the last when the time for fetching is over: the rest waits for the next sync', async () => {
    const stream = postStream(pagesOf([posts('a'), posts('b')]))
    bench.fault = (step) => {
      if (step === 'write') bench.nowMs += 50_000
    }
    expect(await bench.sync([stream])).toMatchObject({ more: true, counts: { pages: 1 } })
    bench.fault = () => undefined
    expect(await bench.sync([stream])).toMatchObject({ more: false, counts: { pages: 1 } })
    expect(ids()).toEqual(['a', 'b'])
  })
})

describe('the next sync', () => {
  it('goes on from the last cursor and says nothing twice', async () => {
    const asked: (number | undefined)[] = []
    const service = pagesOf([posts('a'), posts('b')])
    const stream = postStream((cursor) => {
      asked.push(cursor)
      return cursor === 2 ? Promise.resolve({ items: [], cursor: 2, more: false }) : service(cursor)
    })
    await bench.sync([stream])
    const before = (await chain()).length
    expect(await bench.sync([stream])).toMatchObject({ counts: { fetched: 0 }, receipts: [] })
    expect(asked).toEqual([undefined, 1, 2])
    expect(await chain()).toHaveLength(before)
  })

  it('reads everything again when the provider’s mapping has a new revision, and writes only what differs', async () => {
    await bench.sync([postStream(pagesOf([posts('a', 'b')]))])
    const job = await bench.job([postStream(pagesOf([[post('a'), post('b', 'new')]]))])
    const outcome = await bench.run({ ...job, provider: { ...job.provider, revision: 2 } })
    expect(outcome.counts).toMatchObject({ fetched: 2, written: 1, unchanged: 1 })
  })

  it('reads everything again when the provider forgot the cursor, and learns what was deleted meanwhile', async () => {
    const stream = (read: (cursor: number | undefined) => Promise<Page<Json>>) =>
      postStream(read, { deletes: 'feed' })
    await bench.sync([stream(pagesOf([posts('a', 'b', 'c')]))])
    const forgetful = async (cursor: number | undefined): Promise<Page<Json>> => {
      if (cursor !== undefined) throw new NodeError('CURSOR_EXPIRED')
      return { items: posts('a', 'b'), cursor: 5, more: false }
    }
    const outcome = await bench.sync([stream(forgetful)])
    expect(outcome).toMatchObject({ issues: [], counts: { deleted: 1, unchanged: 2 } })
    expect(ids()).toEqual(['a', 'b'])
    expect(await cursors()).toEqual({ 'posts/': { at: 5, full: false } })
  })

  it('begins with the stream that waited longest', async () => {
    const order: string[] = []
    const named = (name: string): SyncStream =>
      postStream(
        async () => {
          order.push(name)
          return { items: posts(name), cursor: 1, more: false }
        },
        { name },
      )
    await bench.sync([named('one')])
    await bench.sync([named('one'), named('two')])
    expect(order).toEqual(['one', 'two', 'one'])
  })
})

describe('a crash', () => {
  const PAGES = [posts('a', 'b'), [post('a', 'edited'), post('c')], posts('d'), []]
  const stream = (): SyncStream =>
    postStream(pagesOf(PAGES, [{}, {}, { deletedIds: ['b'] }, {}]), { deletes: 'feed' })
  const limits = { ms: 20_000, records: 2, bytes: 1e9 }

  async function digest(): Promise<string> {
    const records = [...bench.destination.records(POST_SCHEMA)].sort()
    const lane = { database: database(), stream: 'posts', partition: '' }
    const scan = await scanItems.missing(store.db, lane, 1_000, { limit: 1_000 })
    return canonicalJson([records, (await cursors()) as Json, scan])
  }

  async function steps(): Promise<string[]> {
    await bench.sync([stream()], { limits })
    return bench.steps
  }

  it('at any boundary, followed by a sync, leaves the same as no crash; the cursor is never ahead of the proof', async () => {
    const all = await steps()
    const expected = await digest()
    expect(all.length).toBeGreaterThan(25)
    for (const [at, step] of all.entries()) {
      bench = await makeSyncBench(store)
      let count = 0
      bench.fault = () => {
        count += 1
        if (count === at + 1) throw new Error(`crash at step ${at} (${step})`)
      }
      await expect(bench.sync([stream()], { limits })).rejects.toThrow(`crash at step ${at} `)
      await cursorIsProven(step)
      bench.fault = () => undefined
      await bench.sync([stream()], { limits })
      expect(await digest(), `after a crash at step ${at} (${step})`).toBe(expected)
      await chain()
      const state = await vaultDatabases.get(store.db, database())
      expect(state?.liveCount, `after a crash at step ${at} (${step})`).toBe(ids().length)
    }
  })

  async function cursorIsProven(step: string): Promise<void> {
    const { 'posts/': cursor } = await cursors()
    const page = cursor === undefined ? 0 : (cursor as { at: number }).at
    const committed = PAGES.slice(0, page).flat() as { id: string }[]
    for (const { id } of committed) {
      const documentId = bench.destination.documentId(POST_SCHEMA, 'posts', id)
      expect(bench.destination.proven.has(documentId), `${id} after ${step}`).toBe(true)
    }
  }
})

describe('a run that lost its lease', () => {
  it('commits nothing, announces nothing and erases nothing', async () => {
    const job = await bench.job([postStream(pagesOf([posts('a')]))])
    const later = bench.nowMs + leases.MAX_LEASE_MS
    const taking: Promise<unknown>[] = []
    bench.fault = (step) => {
      if (step === 'write done') taking.push(leases.acquire(store.db, bench.connection.id, 'another', later))
    }
    await expect(bench.run(job)).rejects.toMatchObject({ code: 'WRITE_CONFLICT' })
    expect(await Promise.all(taking)).toEqual([{ leaseNumber: job.leaseNumber + 1 }])
    expect(bench.steps).not.toContain('announce')
    expect(bench.steps).not.toContain('release')
    expect(await cursors()).toEqual({})
    expect(await chain()).toEqual([])
    expect(await syncs.get(store.db, job.syncId)).toMatchObject({ stage: 'fetch', counts: {} })
  })

  it('stops before the next page when it is told', async () => {
    const lost = new AbortController()
    const reason = new NodeError('WRITE_CONFLICT')
    let pages = 0
    const stream = postStream(async (cursor = 0) => {
      pages += 1
      return { items: posts(`p${cursor}`), cursor: cursor + 1, more: true }
    })
    bench.fault = (step) => {
      if (step === 'write done') lost.abort(reason)
    }
    await expect(bench.sync([stream], { signal: lost.signal })).rejects.toBe(reason)
    expect(pages).toBeLessThanOrEqual(2)
    expect(bench.steps).not.toContain('commit')
  })
})

describe('streams that fail', () => {
  const good = (): SyncStream => postStream(pagesOf([posts('a'), posts('b')]), { name: 'good' })
  const failing = (name: string, code: NodeError['code'], calls: string[] = []): SyncStream =>
    postStream(
      () => {
        calls.push(name)
        return Promise.reject(new NodeError(code, { retryAfterMs: 7 }))
      },
      { name },
    )

  it('do not keep the others from their end, and are named with code and time to wait', async () => {
    const outcome = await bench.sync([failing('limited', 'RATE_LIMITED'), good()])
    const resumesAtMs = bench.nowMs + 7
    expect(outcome).toMatchObject({
      more: true,
      resumesAtMs,
      issues: [{ stream: 'limited', partition: '', code: 'RATE_LIMITED', retryAfterMs: 7, resumesAtMs }],
    })
    expect(ids()).toEqual(['a', 'b'])
    expect(bench.steps.at(-1)).toBe('release done')
  })

  it('stop the rest when the grant is dead: the provider is not asked again, and what was read is kept', async () => {
    const calls: string[] = []
    const outcome = await bench.sync([
      good(),
      failing('revoked', 'TOKEN_REVOKED', calls),
      failing('later', 'PROVIDER_DOWN', calls),
    ])
    expect(calls).toEqual(['revoked'])
    expect(outcome.issues.map(({ stream, code }) => [stream, code])).toEqual([
      ['revoked', 'TOKEN_REVOKED'],
      ['later', 'TOKEN_REVOKED'],
    ])
    expect(ids()).toEqual(['a', 'b'])
  })

  it('keep what came before the failing page, and go on from there', async () => {
    let down = true
    const service = pagesOf([posts('a'), posts('b')])
    const stream = postStream((cursor) =>
      cursor === 1 && down ? Promise.reject(new NodeError('PROVIDER_DOWN')) : service(cursor),
    )
    expect(await bench.sync([stream])).toMatchObject({ issues: [{ code: 'PROVIDER_DOWN' }] })
    expect(await cursors()).toEqual({ 'posts/': { at: 1, full: true } })
    down = false
    expect(await bench.sync([stream])).toMatchObject({ issues: [], counts: { pages: 1, written: 1 } })
    expect(ids()).toEqual(['a', 'b'])
  })
})

describe('the owner’s limit', () => {
  const endless = (name: string): SyncStream => ({
    ...postStream(
      async (cursor = 0) => ({ items: posts(`${name}${cursor}`), cursor: cursor + 1, more: true }),
      { name },
    ),
    wish: { limit: 3 },
  })

  it('ends reading after the page that reaches it, over all slices and streams of a schema, and says that more waits', async () => {
    const limits = { ms: 20_000, records: 1, bytes: 1e9 }
    const outcome = await bench.sync([endless('x'), endless('y')], { limits })
    expect(outcome).toMatchObject({ more: true, issues: [], counts: { fetched: 3 } })
    expect(ids()).toHaveLength(3)
    await bench.sync([endless('x'), endless('y')], { limits })
    expect(ids()).toHaveLength(6)
  })

  it('does not count what other schemas brought', async () => {
    const following = schemaUri('social/following')
    const others = postStream(pagesOf([posts('1', '2', '3', '4')]), {
      name: 'following',
      map: (item) => ({
        sourceId: (item as { id: string }).id,
        insertedAt: '2024-01-02T03:04:05Z',
        fields: { name: 'one', uri: 'https://x.test/', followedTimestamp: '2024-01-02T03:04:05Z' },
      }),
    })
    const outcome = await bench.sync([{ ...others, schema: following }, endless('x')])
    expect(outcome.counts).toMatchObject({ fetched: 7, written: 7 })
    expect(bench.destination.records(following).size).toBe(4)
    expect(ids()).toHaveLength(3)
  })
})
