import { beforeEach, describe, expect, it } from 'vitest'
import { NodeError, type ErrorCode } from '../../../src/errors.js'
import { canonicalJson } from '../../../src/lib/canonical-json.js'
import type { Json, Page } from '../../../src/provider/index.js'
import {
  connections,
  connectors,
  fileConnections,
  leases,
  quarantine,
  receipts,
  scanItems,
  syncCursors,
  syncLogs,
  syncs,
  usageDaily,
  type ConnectionStatus,
} from '../../../src/store/index.js'
import type { Selection, SyncStream } from '../../../src/sync/job.js'
import type { NodeProgress } from '../../../src/sync/run-node-sync.js'
import { databaseName } from '../../../src/tables/record-id.js'
import { connectorNow, rowsOf } from '../../support/connector-bench.js'
import { makeNodeSyncBench, type NodeSyncBench } from '../../support/node-sync-bench.js'
import { onEveryStore } from '../../support/store-suite.js'
import { NOW } from '../../support/store-rows.js'
import { FILE_FACTS } from '../../support/tenant-rows.js'
import { postStream } from '../../support/sync-job.js'

const post = (id: string, text = 'hello'): Json => ({ id, at: '2024-01-02T03:04:05Z', text })

/** Pages of a service that stands still: cursor n is the nth page. */
function pagesOf(pages: readonly (readonly Json[])[], more: readonly Partial<Page<Json>>[] = []) {
  return async (cursor: number | undefined): Promise<Page<Json>> => {
    const at = cursor ?? 0
    const next = Math.min(at + 1, pages.length)
    return { items: pages[at] ?? [], cursor: next, more: next < pages.length, ...more[at] }
  }
}

const failing = (code: ErrorCode): SyncStream =>
  postStream(() => Promise.reject(new NodeError(code, { retryAfterMs: 7 })))

await onEveryStore('a sync in node custody', (store) => {
  let bench: NodeSyncBench
  beforeEach(async () => {
    bench = await makeNodeSyncBench(store())
  })

  const ids = async (): Promise<readonly string[]> =>
    (await rowsOf(store(), bench)).filter(({ deleted }) => !deleted).map(({ sourceId }) => sourceId)
  const history = () => syncs.listByConnection(store().db, bench.connection.id)
  const usage = () =>
    store().tenant(bench.tenant, (tx) => usageDaily.list(tx, bench.connector.id, '2000-01-01'))

  describe('of a connection that lists files', () => {
    const short = (revision: number, mostItems = 100): Selection => ({
      revision,
      mostItems,
      wants: ({ name }) => (name as string).length <= 5,
    })
    const lists = () =>
      store().tenant(bench.tenant, (tx) =>
        fileConnections.create(tx, { connectorId: bench.connector.id, tenant: bench.tenant }, FILE_FACTS),
      )
    const logs = () =>
      store().tenant(bench.tenant, (tx) => syncLogs.list(tx, { connectorId: bench.connector.id, limit: 10 }))

    it('keeps what is wanted, and deletes what was renamed to something else', async () => {
      await lists()
      const pages = [[post('a'), post('b', 'much too long')]]
      const first = await bench.sync([postStream(pagesOf(pages))], { selection: short(1) })
      expect(first.counts).toMatchObject({ written: 1, deleted: 0, skipped: { 'not selected': 1 } })
      expect(await ids()).toEqual(['a'])
      const renamed = postStream(async () => ({
        items: [post('a', 'longer now'), post('b')],
        cursor: 9,
        more: false,
      }))
      const second = await bench.sync([renamed], { selection: short(1) })
      expect(second.counts).toMatchObject({ written: 1, deleted: 1 })
      expect(await ids()).toEqual(['b'])
      expect(await logs()).toMatchObject([
        { status: 'completed', filesWritten: 1, filesDeleted: 1, filesSkipped: 1, errorCode: null },
        { status: 'completed', itemsRead: 2, filesWritten: 1, filesSkipped: 1 },
      ])
    })

    it('stops after the page that reaches the cap, and goes on there the next time', async () => {
      await lists()
      const cursors: (number | undefined)[] = []
      const pages = pagesOf([[post('a'), post('b')], [post('c'), post('d')], [post('e')]])
      const stream = postStream((cursor) => {
        cursors.push(cursor)
        return pages(cursor)
      })
      const first = await bench.sync([stream], { selection: short(1, 3) })
      expect(first).toMatchObject({ status: 'complete', more: true, counts: { fetched: 4 } })
      expect(await ids()).toEqual(['a', 'b', 'c', 'd'])
      cursors.length = 0
      const second = await bench.sync([stream], { selection: short(1, 3) })
      expect(second).toMatchObject({ more: false, counts: { fetched: 1 } })
      expect(cursors).toEqual([2])
      expect((await logs()).map(({ status }) => status)).toEqual(['completed', 'partial'])
    })

    it('counts the cap over all readings of a run', async () => {
      bench = await makeNodeSyncBench(store(), { fetchMs: 1 })
      const pages = pagesOf([[post('a')], [post('b')], [post('c')], [post('d')]])
      const stream = postStream((cursor) => {
        // Each reading has the time for one page.
        bench.nowMs += 2
        return pages(cursor)
      })
      const { counts, more } = await bench.sync([stream], { selection: short(1, 2) })
      expect([counts.fetched, more]).toEqual([2, true])
    })

    it('reads everything anew when other files are wanted', async () => {
      const pages = pagesOf([[post('a'), post('b', 'much too long')]])
      await bench.sync([postStream(pages)], { selection: short(1) })
      const all = { ...short(2), wants: () => true }
      await bench.sync([postStream(pages)], { selection: all })
      expect(await ids()).toEqual(['a', 'b'])
      await bench.sync([postStream(pages)], { selection: short(3) })
      expect(await ids()).toEqual(['a'])
    })

    it('notes why a run failed, and keeps no log of other connectors', async () => {
      await bench.sync([failing('PROVIDER_DOWN')])
      expect(await logs()).toEqual([])
      await lists()
      await bench.sync([failing('PROVIDER_DOWN')], { selection: short(1) })
      expect(await logs()).toMatchObject([{ status: 'failed', errorCode: 'PROVIDER_DOWN', itemsRead: 0 }])
      const [connection] = await store().tenant(bench.tenant, (tx) =>
        fileConnections.list(tx, { tenant: bench.tenant, limit: 10 }),
      )
      expect(connection).toMatchObject({ id: bench.connector.id, lastSyncStatus: 'failed' })
    })
  })

  describe('that goes well', () => {
    it('lets go of runs of long ago', async () => {
      const month = 31 * 86_400_000
      for (let run = 0; run < 3; run += 1) {
        bench.nowMs += month
        await bench.sync([postStream(pagesOf([[post('a')]]))])
      }
      expect(await history()).toHaveLength(3)
      bench.nowMs += month
      await bench.sync([postStream(pagesOf([[post('a')]]))])
      expect(await history()).toHaveLength(3)
    })

    it('leaves rows, a finished sync, a healthy connector and the day’s usage, and no receipt', async () => {
      const progress: NodeProgress[] = []
      const stream = postStream(pagesOf([[post('a'), post('b')], [post('c')]]))
      const fetchPage: typeof stream.stream.fetchPage = async (http, cursor, context) => {
        await http.get('https://x.test/posts')
        bench.nowMs += 1_000
        return stream.stream.fetchPage(http, cursor, context)
      }
      const result = await bench.sync([{ ...stream, stream: { ...stream.stream, fetchPage } }], {
        onProgress: (step) => progress.push(step),
      })
      expect(result).toMatchObject({ status: 'complete', more: false, counts: { pages: 2, written: 3 } })
      expect(result).not.toHaveProperty('error')
      expect(await ids()).toEqual(['a', 'b', 'c'])
      expect(progress.at(-1)).toMatchObject({
        stage: 'erase',
        counts: { written: 3 },
        rate: 1.5,
        quotaLeft: null,
      })
      const [sync] = await history()
      expect(sync).toMatchObject({
        kind: 'node',
        status: 'complete',
        more: false,
        counts: { written: 3 },
        errorCode: null,
      })
      expect(await receipts.listBySync(store().db, sync?.id ?? '')).toEqual([])
      const connector = await connectorNow(store(), bench)
      expect(connector).toMatchObject({
        status: 'active',
        lastSuccessAtMs: bench.nowMs,
        consecutiveFailures: 0,
        version: 1,
      })
      const day = new Date(NOW).toISOString().slice(0, 10)
      const [used] = await usage()
      expect(used).toMatchObject({ day, calls: 2, records: 3, errors: 0 })
      expect(used?.bytes).toBeGreaterThan(300)
    })

    it('gives the connection back', async () => {
      await bench.sync([postStream(pagesOf([[post('a')]]))])
      expect(await leases.acquire(store().db, bench.connection.id, 'next', bench.nowMs)).not.toBe('busy')
    })

    it('writes nothing twice when nothing changed, and follows edits and deletions', async () => {
      const scan = (...items: readonly Json[]): SyncStream =>
        postStream(async () => ({ items, cursor: 1, more: false }), { deletes: 'scan' })
      await bench.sync([scan(post('a'), post('b'), post('c'))])
      const before = await rowsOf(store(), bench)
      expect(await bench.sync([scan(post('a'), post('b'), post('c'))])).toMatchObject({
        counts: { written: 0, unchanged: 3 },
      })
      expect(await rowsOf(store(), bench)).toEqual(before)
      expect(await bench.sync([scan(post('a'), post('b', 'edited'))])).toMatchObject({
        counts: { written: 1, unchanged: 1, deleted: 1 },
      })
      const after = await rowsOf(store(), bench)
      expect(after.map(({ sourceId, deleted, data }) => [sourceId, deleted, data['name']])).toEqual([
        ['a', false, 'hello'],
        ['b', false, 'edited'],
        ['c', true, undefined],
      ])
      expect(await usage()).toMatchObject([{ records: 8 }])
    })

    it('reads only the streams that the tenant chose', async () => {
      await store().tenant(bench.tenant, (tx) =>
        connectors.update(tx, bench.connector.id, { streams: ['two'], nowMs: NOW }),
      )
      const named = (name: string): SyncStream => postStream(pagesOf([[post(name)]]), { name })
      await bench.sync([named('one'), named('two')])
      expect(await ids()).toEqual(['two'])
    })

    it('keeps what was set aside sealed, and says so', async () => {
      const result = await bench.sync([
        postStream(pagesOf([[post('a'), { id: 'b', canary: 'canary text' }]])),
      ])
      expect(result).toMatchObject({ status: 'complete', counts: { quarantined: 1, written: 1 } })
      const database = databaseName(bench.connection.id)
      const [held] = await quarantine.listForRetry(store().db, database, { nowMs: bench.nowMs })
      expect(held?.reason).toMatch(/^ITEM_SHAPE/)
      expect(held?.sealed).toMatch(/^v1\./)
      expect(JSON.stringify([held, await history()])).not.toContain('canary')
      const [cursor] = await syncCursors.listByDatabase(store().db, database)
      expect(cursor?.cursorSealed).toMatch(/^v1\./)
    })
  })

  describe('with more at the service than one reading takes', () => {
    it('reads on under the same lease until there is no more, each reading a sync of its own', async () => {
      const slow = (pages: readonly Json[][]): SyncStream => {
        const service = pagesOf(pages)
        return postStream((cursor) => {
          bench.nowMs += 30_000
          return service(cursor)
        })
      }
      const counted: number[] = []
      const pages = ['a', 'b', 'c', 'd', 'e'].map((id) => [post(id)])
      const result = await bench.sync([slow(pages)], {
        onProgress: ({ counts }) => counted.push(counts.pages),
      })
      expect(result).toMatchObject({ status: 'complete', more: false, counts: { pages: 5, written: 5 } })
      const rows = await history()
      expect(rows.length).toBeGreaterThan(1)
      expect(new Set(rows.map(({ leaseNumber }) => leaseNumber)).size).toBe(1)
      expect(counted).toEqual([...counted].sort((a, b) => a - b))
      expect(await usage()).toMatchObject([{ records: 5 }])
    })

    it('ends when a reading gets nowhere', async () => {
      const stuck = postStream(async (cursor = 0) => ({ items: [], cursor: cursor + 1, more: true }))
      const late = await makeNodeSyncBench(store(), { fetchMs: 0 })
      expect(await late.sync([stuck])).toMatchObject({ status: 'complete', more: true, counts: { pages: 0 } })
      expect(await syncs.listByConnection(store().db, late.connection.id)).toHaveLength(1)
    })
  })

  it('does nothing while another run holds the connection', async () => {
    const { db } = store()
    const lease = await leases.acquire(db, bench.connection.id, 'another', bench.nowMs)
    const result = await bench.sync([postStream(pagesOf([[post('a')]]))])
    expect(result).toMatchObject({
      status: 'busy',
      error: { code: 'WRITE_CONFLICT', retryAfterMs: leases.MAX_LEASE_MS },
    })
    expect(await history()).toEqual([])
    expect(await connectorNow(store(), bench)).toMatchObject({ consecutiveFailures: 0, lastErrorCode: null })
    expect(lease).not.toBe('busy')
  })

  describe('that fails', () => {
    const setStatus = (status: ConnectionStatus) =>
      store().tenant(bench.tenant, (tx) => connectors.update(tx, bench.connector.id, { status, nowMs: NOW }))

    it('by a dead grant asks for a new connection, until a sync goes well again', async () => {
      expect(await bench.sync([failing('TOKEN_REVOKED')])).toMatchObject({
        status: 'error',
        error: { code: 'TOKEN_REVOKED' },
      })
      expect(await connectorNow(store(), bench)).toMatchObject({
        status: 'reconnect_needed',
        lastErrorCode: 'TOKEN_REVOKED',
        lastErrorAtMs: bench.nowMs,
        consecutiveFailures: 1,
      })
      expect((await connections.get(store().db, bench.connection.id))?.status).toBe('reconnect_needed')
      expect(await usage()).toMatchObject([{ errors: 1 }])
      await bench.sync([postStream(pagesOf([[post('a')]]))])
      expect(await connectorNow(store(), bench)).toMatchObject({ status: 'active', consecutiveFailures: 0 })
      expect((await connections.get(store().db, bench.connection.id))?.status).toBe('active')
    })

    it('by what passes stays on its schedule, however often', async () => {
      for (let time = 1; time <= 11; time++) {
        const result = await bench.sync([failing('PROVIDER_DOWN')])
        expect(result).toMatchObject({ status: 'error', error: { code: 'PROVIDER_DOWN', retryAfterMs: 7 } })
      }
      expect(await connectorNow(store(), bench)).toMatchObject({ status: 'active', consecutiveFailures: 11 })
      expect((await connections.get(store().db, bench.connection.id))?.status).toBe('active')
    })

    it('ten times by what waiting does not mend is left to a person', async () => {
      for (let time = 1; time <= 10; time++) {
        expect((await connectorNow(store(), bench)).status).toBe('active')
        await bench.sync([failing('PROVIDER_CHANGED')])
      }
      expect(await connectorNow(store(), bench)).toMatchObject({
        status: 'error',
        lastErrorCode: 'PROVIDER_CHANGED',
      })
    })

    it('in one stream only is complete, and counts the error', async () => {
      const bad = failing('PROVIDER_DOWN')
      const result = await bench.sync([
        { ...bad, stream: { ...bad.stream, name: 'limited' } },
        postStream(pagesOf([[post('a')]])),
      ])
      expect(result.status).toBe('complete')
      expect((await history())[0]?.issues).toMatchObject([{ stream: 'limited', code: 'PROVIDER_DOWN' }])
      expect(await usage()).toMatchObject([{ errors: 1, records: 1 }])
    })

    it('by a limit of unknown length is a failure', async () => {
      const limited = postStream(() => Promise.reject(new NodeError('RATE_LIMITED')))
      expect(await bench.sync([limited])).toMatchObject({ status: 'error', error: { code: 'RATE_LIMITED' } })
    })

    it('or goes well while it is paused leaves it paused', async () => {
      for (const stream of [failing('TOKEN_REVOKED'), postStream(pagesOf([[post('a')]]))]) {
        await setStatus('paused')
        await bench.sync([stream])
        expect((await connectorNow(store(), bench)).status).toBe('paused')
      }
    })
  })

  describe('whose budget is used up', () => {
    /** A page a call; the second call of a run is beyond its budget. */
    function metered(pages: number): { readonly stream: SyncStream; readonly asked: (number | undefined)[] } {
      const asked: (number | undefined)[] = []
      let left = 1
      const stream = postStream(async (cursor) => {
        asked.push(cursor)
        const page = cursor ?? 0
        if (left-- === 0) {
          left = 1
          throw new NodeError('RATE_LIMITED', { retryAfterMs: 60_000 })
        }
        return { items: [post(`p${page}`)], cursor: page + 1, more: page + 1 < pages }
      })
      return { stream, asked }
    }

    it('is complete with what was read, says when it goes on, and is no error of the connector', async () => {
      const { stream, asked } = metered(3)
      const result = await bench.sync([stream])
      const resumesAtMs = bench.nowMs + 60_000
      expect(result).toMatchObject({ status: 'complete', more: true, resumesAtMs, counts: { fetched: 1 } })
      expect(result.error).toBeUndefined()
      expect(await ids()).toEqual(['p0'])
      expect((await history())[0]).toMatchObject({
        status: 'complete',
        more: true,
        errorCode: null,
        issues: [{ stream: 'posts', code: 'RATE_LIMITED', resumesAtMs }],
      })
      expect(await connectorNow(store(), bench)).toMatchObject({
        status: 'active',
        consecutiveFailures: 0,
        lastErrorCode: null,
      })
      expect(await usage()).toMatchObject([{ errors: 0, records: 1 }])
      expect(asked).toEqual([undefined, 1])
    })

    it('goes on there in the next runs, until all is read', async () => {
      const { stream, asked } = metered(3)
      for (const more of [true, true, false]) expect(await bench.sync([stream])).toMatchObject({ more })
      expect(await ids()).toEqual(['p0', 'p1', 'p2'])
      expect(asked).toEqual([undefined, 1, 1, 2, 2])
    })

    it('before anything was read is complete too', async () => {
      const limited = postStream(() => Promise.reject(new NodeError('RATE_LIMITED', { retryAfterMs: 5 })))
      expect(await bench.sync([limited])).toMatchObject({
        status: 'complete',
        more: true,
        resumesAtMs: bench.nowMs + 5,
      })
    })
  })

  it('gives every page the backfill window', async () => {
    const seen: unknown[] = []
    const { stream, ...rest } = postStream(pagesOf([[post('a')]]))
    const fetchPage: typeof stream.fetchPage = (http, cursor, context) => {
      seen.push(context.sinceMs)
      return stream.fetchPage(http, cursor, context)
    }
    await bench.sync([{ ...rest, stream: { ...stream, fetchPage } }], { sinceMs: 1_234 })
    await bench.sync([{ ...rest, stream: { ...stream, fetchPage } }])
    expect(seen).toEqual([1_234, undefined])
  })

  it('that is stopped ends as interrupted with what it has committed, is no failure, and goes on from there', async () => {
    const stopping = new AbortController()
    const pages = pagesOf([[post('a')], [post('b')], [post('c')]])
    const service = postStream((cursor) => {
      if (cursor === 1 && !stopping.signal.aborted) stopping.abort(new NodeError('INTERRUPTED'))
      return pages(cursor)
    })
    const sliced = await makeNodeSyncBench(store(), { limits: { ms: 20_000, records: 1, bytes: 1e9 } })
    bench = sliced
    expect(await sliced.sync([service], { signal: stopping.signal })).toMatchObject({
      status: 'interrupted',
      error: { code: 'INTERRUPTED' },
    })
    expect(await connectorNow(store(), bench)).toMatchObject({ consecutiveFailures: 0, lastErrorCode: null })
    expect((await history())[0]).toMatchObject({ status: 'interrupted' })
    expect(await sliced.sync([service])).toMatchObject({ status: 'complete', more: false })
    expect(await ids()).toEqual(['a', 'b', 'c'])
  })

  it('that is stopped in the middle of a slice commits the pages that it has read, and asks for none of them again', async () => {
    const stopping = new AbortController()
    const pages = pagesOf([[post('a')], [post('b')], [post('c')]])
    const asked: Json[] = []
    const service = postStream((cursor) => {
      asked.push(cursor ?? null)
      if (cursor === 1 && !stopping.signal.aborted) stopping.abort(new NodeError('INTERRUPTED'))
      return pages(cursor)
    })
    expect(await bench.sync([service], { signal: stopping.signal })).toMatchObject({ status: 'interrupted' })
    expect(await ids()).toEqual(['a'])
    const before = asked.length
    expect(await bench.sync([service])).toMatchObject({ status: 'complete' })
    expect(asked.slice(before)).toEqual([1, 2])
    expect(await ids()).toEqual(['a', 'b', 'c'])
  })

  it('that nobody wants any more ends at once and commits nothing of the slice under way', async () => {
    const unwanted = new AbortController()
    const pages = pagesOf([[post('a')], [post('b')], [post('c')]])
    const asked: Json[] = []
    const service = postStream((cursor) => {
      asked.push(cursor ?? null)
      if (cursor === 1 && !unwanted.signal.aborted) unwanted.abort(new NodeError('GONE'))
      return pages(cursor)
    })
    await bench.sync([service], { signal: unwanted.signal })
    const before = asked.length
    await bench.sync([service])
    expect(asked.slice(before)).toEqual([null, 1, 2])
  })

  it('whose connector is removed meanwhile writes nothing and notes nothing', async () => {
    const pages = pagesOf([[post('a')]])
    const service = postStream(async (cursor) => {
      await store().tenant(bench.tenant, (tx) => connectors.remove(tx, bench.connector.id))
      return pages(cursor)
    })
    expect(await bench.sync([service])).toMatchObject({
      status: 'error',
      error: { code: 'CONNECTOR_UNKNOWN' },
    })
    expect(await rowsOf(store(), bench)).toEqual([])
  })

  it('that breaks at any transaction, followed by another, leaves the same as one that did not', async () => {
    const limits = { ms: 20_000, records: 2, bytes: 1e9 }
    const pages = [[post('a'), post('b')], [post('a', 'edited'), post('c')], [post('d')], []]
    const stream = (): SyncStream =>
      postStream(pagesOf(pages, [{}, {}, { deletedIds: ['b'] }, {}]), { deletes: 'feed' })
    const digest = async (): Promise<string> => {
      const rows = await rowsOf(store(), bench)
      const lane = { database: databaseName(bench.connection.id), stream: 'posts', partition: '' }
      const [cursor] = await syncCursors.listByDatabase(store().db, lane.database)
      return canonicalJson([
        rows.map(({ sourceId, deleted, data }) => canonicalJson([sourceId, deleted, data])).sort(),
        cursor?.scanNumber ?? 0,
        (await scanItems.count(store().db, lane, 1)).all,
      ])
    }
    bench = await makeNodeSyncBench(store(), { limits })
    expect(await bench.sync([stream()])).toMatchObject({ status: 'complete', more: false })
    const expected = await digest()
    const steps = [...bench.steps]
    expect(steps.length).toBeGreaterThan(12)
    for (const [at, step] of steps.entries()) {
      bench = await makeNodeSyncBench(store(), { limits })
      let count = 0
      bench.fault = () => {
        count += 1
        if (count === at + 1) throw new NodeError('STORE_UNAVAILABLE')
      }
      const broken = await bench.sync([stream()]).catch((error: unknown) => ({ status: 'thrown', error }))
      expect(broken.error, `at step ${at} (${step})`).toMatchObject({ code: 'STORE_UNAVAILABLE' })
      bench.fault = () => undefined
      await bench.sync([stream()])
      expect(await digest(), `after a break at step ${at} (${step})`).toBe(expected)
    }
  })
})
