import { beforeEach, describe, expect, it } from 'vitest'
import { NodeError, type ErrorCode } from '../../../src/errors.js'
import { canonicalJson } from '../../../src/lib/canonical-json.js'
import type { Json, Page } from '../../../src/provider/index.js'
import {
  connections,
  connectors,
  leases,
  quarantine,
  receipts,
  scanItems,
  syncCursors,
  syncs,
  usageDaily,
  type ConnectionStatus,
} from '../../../src/store/index.js'
import type { Progress, SyncStream } from '../../../src/sync/job.js'
import { databaseName } from '../../../src/tables/record-id.js'
import { connectorNow, rowsOf } from '../../support/connector-bench.js'
import { makeNodeSyncBench, type NodeSyncBench } from '../../support/node-sync-bench.js'
import { onEveryStore } from '../../support/store-suite.js'
import { NOW } from '../../support/store-rows.js'
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

  describe('that goes well', () => {
    it('leaves rows, a finished sync, a healthy connector and the day’s usage, and no receipt', async () => {
      const progress: Progress[] = []
      const stream = postStream(pagesOf([[post('a'), post('b')], [post('c')]]))
      const fetchPage: typeof stream.stream.fetchPage = async (http, cursor, context) => {
        await http.get('https://x.test/posts')
        return stream.stream.fetchPage(http, cursor, context)
      }
      const result = await bench.sync([{ ...stream, stream: { ...stream.stream, fetchPage } }], {
        onProgress: (step) => progress.push(step),
      })
      expect(result).toMatchObject({ status: 'complete', more: false, counts: { pages: 2, written: 3 } })
      expect(result).not.toHaveProperty('error')
      expect(await ids()).toEqual(['a', 'b', 'c'])
      expect(progress.at(-1)).toMatchObject({ stage: 'erase', counts: { written: 3 } })
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
      const bad = failing('RATE_LIMITED')
      const result = await bench.sync([
        { ...bad, stream: { ...bad.stream, name: 'limited' } },
        postStream(pagesOf([[post('a')]])),
      ])
      expect(result.status).toBe('complete')
      expect((await history())[0]?.issues).toMatchObject([{ stream: 'limited', code: 'RATE_LIMITED' }])
      expect(await usage()).toMatchObject([{ errors: 1, records: 1 }])
    })

    it('or goes well while it is paused leaves it paused', async () => {
      for (const stream of [failing('TOKEN_REVOKED'), postStream(pagesOf([[post('a')]]))]) {
        await setStatus('paused')
        await bench.sync([stream])
        expect((await connectorNow(store(), bench)).status).toBe('paused')
      }
    })
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
