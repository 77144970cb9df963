import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import { leases, quarantine, records, scanItems, syncCursors, type Store } from '../../../src/store/index.js'
import type {
  DestinationRun,
  ProofFacts,
  TenantRunContext,
  WriteCounts,
} from '../../../src/sync/destination.js'
import type { ValidPage, ValidRecord } from '../../../src/sync/record.js'
import * as tables from '../../../src/tables/index.js'
import { createTablesDestination, recordId, type TablesProof } from '../../../src/tables/index.js'
import { databaseName } from '../../../src/tables/record-id.js'
import {
  addConnector,
  rowsOf,
  runContext,
  testRing,
  type OwnedConnector,
} from '../../support/connector-bench.js'
import { onEveryStore } from '../../support/store-suite.js'
import { NOW } from '../../support/store-rows.js'
import { POST_SCHEMA } from '../../support/sync-job.js'

const ring = testRing()

function page(items: Readonly<Record<string, JsonObject>>, facts: Partial<ValidPage> = {}): ValidPage {
  const list = Object.entries(items).map(([sourceId, record]) => ({ sourceId, record }) as ValidRecord)
  return {
    stream: 'posts',
    schema: POST_SCHEMA,
    records: list,
    deletedSourceIds: [],
    deletedDocumentIds: [],
    ...facts,
  }
}

await onEveryStore('the tables destination', (store) => {
  let owned: OwnedConnector
  let context: TenantRunContext
  let run: DestinationRun<TablesProof>
  beforeEach(async () => {
    owned = await addConnector(store())
    context = await runContext(store(), owned)
    run = await open(store(), context)
  })

  const open = (on: Store, of: TenantRunContext): Promise<DestinationRun<TablesProof>> =>
    createTablesDestination({ store: on, ring, clock: { now: () => NOW } }).open(of)

  const rows = () => rowsOf(store(), owned)

  async function slice(...pages: readonly ValidPage[]): Promise<WriteCounts[]> {
    const counts: WriteCounts[] = []
    for (const one of pages) counts.push(await run.write(one))
    await run.release(await run.prove({ final: false }))
    return counts
  }

  describe('a page', () => {
    it('becomes rows of its connector, named by keyed ids', async () => {
      await slice(page({ a: { text: 'one' }, b: { text: 'two' } }))
      expect(
        (await rows()).map(({ sourceId, stream, data, deleted }) => ({ sourceId, stream, data, deleted })),
      ).toEqual([
        { sourceId: 'a', stream: 'posts', data: { text: 'one' }, deleted: false },
        { sourceId: 'b', stream: 'posts', data: { text: 'two' }, deleted: false },
      ])
      const [first] = await rows()
      expect(first?.documentId).toMatch(/^[0-9a-f]{32}$/)
      expect(first?.documentId).toBe(recordId(owned.connector.id, 'posts', 'a'))
      const other = await addConnector(store())
      expect(recordId(other.connector.id, 'posts', 'a')).not.toBe(first?.documentId)
      expect(recordId(owned.connector.id, 'likes', 'a')).not.toBe(first?.documentId)
    })

    it('writes only what differs, whatever the order of members, and a new sequence only then', async () => {
      const [first] = await slice(page({ a: { text: 'one', n: 1 }, b: { text: 'two' } }))
      expect(first).toMatchObject({ written: 2, unchanged: 0, deleted: 0 })
      expect(first?.bytes).toBeGreaterThan(20)
      const before = await rows()
      const [second] = await slice(page({ a: { n: 1, text: 'one' }, b: { text: 'new' } }))
      expect(second).toMatchObject({ written: 1, unchanged: 1, bytes: '{"text":"new"}'.length })
      const after = await rows()
      expect(after[0]).toEqual(before[0])
      expect(after[1]).toMatchObject({ sourceId: 'b', data: { text: 'new' } })
      expect(after[1]?.sequence).toBeGreaterThan(before[1]?.sequence ?? Infinity)
    })

    it('with the same item twice keeps the later one', async () => {
      const twice = page({ a: { text: 'one' } })
      const later = { sourceId: 'a', record: { text: 'two' } } as unknown as ValidRecord
      expect(await slice({ ...twice, records: [...twice.records, later] })).toMatchObject([
        { written: 1, unchanged: 1 },
      ])
      expect(await rows()).toMatchObject([{ data: { text: 'two' } }])
    })

    it('with text that PostgreSQL refuses is stored, and is the same when it comes again', async () => {
      const odd = page({ 'a\0b': { text: 'x\0y \ud800', 'na\0me': 1, 'back\\u0000slash': 2 } })
      await slice(odd)
      expect(await slice(odd)).toMatchObject([{ written: 0, unchanged: 1 }])
      expect(await rows()).toHaveLength(1)
    })

    it('leaves a mark where a record was deleted, once, and takes the record back when it comes again', async () => {
      await slice(page({ a: { text: 'secret' }, b: { text: 'two' } }))
      const unknown = page({}, { deletedSourceIds: ['a', 'never was'] })
      expect(await slice(unknown)).toMatchObject([{ deleted: 1, written: 0 }])
      expect(await slice(unknown)).toMatchObject([{ deleted: 0 }])
      const [, gone] = await rows()
      expect(gone).toMatchObject({ sourceId: 'a', deleted: true, data: {} })
      const id = recordId(owned.connector.id, 'posts', 'b')
      expect(await slice(page({}, { deletedDocumentIds: [id] }))).toMatchObject([{ deleted: 1 }])
      expect(await slice(page({ a: { text: 'secret' } }))).toMatchObject([{ written: 1 }])
      expect((await rows()).at(-1)).toMatchObject({ sourceId: 'a', deleted: false, data: { text: 'secret' } })
    })

    it('that holds a record and its deletion deletes it', async () => {
      expect(await slice(page({ a: { text: 'one' } }, { deletedSourceIds: ['a'] }))).toMatchObject([
        { deleted: 1 },
      ])
      expect(await rows()).toMatchObject([{ sourceId: 'a', deleted: true }])
    })
  })

  describe('a run', () => {
    it('that was fenced writes nothing', async () => {
      await runContext(store(), owned)
      await expect(run.write(page({ a: {} }))).rejects.toMatchObject({ code: 'WRITE_CONFLICT' })
      expect(await rows()).toEqual([])
    })

    it('writes nothing into another tenant’s connector', async () => {
      const other = await addConnector(store())
      const crossed = await open(store(), { ...context, connectorId: other.connector.id })
      await expect(crossed.write(page({ a: {} }))).rejects.toMatchObject({ code: 'CONNECTOR_UNKNOWN' })
      expect(await rowsOf(store(), other)).toEqual([])
    })

    it('writes nothing after it was aborted', async () => {
      const reason = new Error('stop')
      const stopped = await open(store(), { ...context, signal: AbortSignal.abort(reason) })
      await expect(stopped.write(page({ a: {} }))).rejects.toBe(reason)
    })
  })

  describe('a proof', () => {
    it('covers what the slice changed, and nothing of the slice before', async () => {
      await run.write(page({ a: { text: 'one' }, b: { text: 'two' } }))
      await run.write(page({}, { deletedSourceIds: ['b'] }))
      const proof = await run.prove({ final: false })
      expect(proof.databases).toMatchObject([{ schema: POST_SCHEMA, sliceLeaves: 2, notes: [] }])
      await run.release(proof)
      const [next] = (await run.prove({ final: true })).databases
      expect(next).toMatchObject({ sliceLeaves: 0 })
      expect(next?.sliceRoot).not.toBe(proof.databases[0]?.sliceRoot)
    })

    it('is not made when a row is gone, changed or deleted behind the run', async () => {
      const spoilers: ((tx: Parameters<Parameters<Store['tenant']>[1]>[0]) => Promise<unknown>)[] = [
        (tx) => records.removeByConnector(tx, owned.connector.id),
        async (tx) => {
          const [row] = await records.list(tx, { connectorId: owned.connector.id, limit: 1 })
          if (row !== undefined) await records.upsertMany(tx, [{ ...row, contentHash: 'another' }], NOW)
        },
        (tx) =>
          records.tombstone(
            tx,
            { connectorId: owned.connector.id, schemaUri: POST_SCHEMA },
            [recordId(owned.connector.id, 'posts', 'a')],
            NOW,
          ),
      ]
      for (const [at, spoil] of spoilers.entries()) {
        const again = await open(store(), context)
        await again.write(page({ a: { text: `form ${at}` } }))
        await store().tenant(owned.tenant, spoil)
        await expect(again.prove({ final: false }), `spoiled ${at}`).rejects.toMatchObject({
          code: 'VERIFY_MISMATCH',
        })
      }
    })

    it('cannot be made up: neither an object of the same form nor a constructor will do', () => {
      expectTypeOf<ProofFacts>().not.toExtend<TablesProof>()
      expectTypeOf<Parameters<typeof run.release>[0]>().toEqualTypeOf<TablesProof>()
      expect(Object.keys(tables)).not.toContain('TablesProof')
    })
  })

  describe('a box', () => {
    it('opens only in its own place', async () => {
      const sealed = run.box(POST_SCHEMA, 'cursor').seal({ at: 5 }, ['cursor', 'posts', ''])
      expect(run.box(POST_SCHEMA, 'cursor').open(sealed, ['cursor', 'posts', ''])).toEqual({ at: 5 })
      const elsewhere = await open(store(), await runContext(store(), await addConnector(store())))
      for (const [of, purpose, stream] of [
        [run, 'quarantine', 'posts'],
        [run, 'cursor', 'likes'],
        [elsewhere, 'cursor', 'posts'],
      ] as const) {
        const opening = (): unknown => of.box(POST_SCHEMA, purpose).open(sealed, ['cursor', stream, ''])
        expect(opening).toThrow(expect.objectContaining({ code: 'SEAL_FAILED' }))
      }
    })

    it('whose key was taken off the ring loses cursors alone: they start anew with the next scan', async () => {
      const lane = { database: run.database(POST_SCHEMA), stream: 'posts', partition: '' }
      const { db } = store()
      const cursorSealed = run.box(POST_SCHEMA, 'cursor').seal(5, ['x'])
      await syncCursors.put(db, { ...lane, revision: 1, scanNumber: 3, cursorSealed }, NOW)
      await open(store(), context)
      expect(await syncCursors.get(db, lane)).toMatchObject({ cursorSealed })
      const clock = { now: () => NOW }
      await createTablesDestination({ store: store(), ring: testRing(), clock }).open(context)
      expect(await syncCursors.get(db, lane)).toMatchObject({
        cursorSealed: null,
        scanNumber: 3,
        revision: 1,
      })
    })
  })

  it('forgets records, cursors, scan marks and quarantine of one connection, under its lease', async () => {
    const other = await addConnector(store(), { tenant: owned.tenant })
    const { db } = store()
    const databases = [owned, other].map(({ connection }) => databaseName(connection.id))
    for (const [at, database] of databases.entries()) {
      const lane = { database, stream: 'posts', partition: '' }
      await syncCursors.put(db, { ...lane, revision: 1, scanNumber: 1, cursorSealed: null }, NOW)
      await scanItems.mark(db, lane, ['x'], 1)
      const item = { itemHash: 'x', sealed: 's', reason: 'r', expiresAtMs: NOW + 1 }
      await quarantine.upsert(
        db,
        { ...lane, ...item, connectionId: [owned, other][at]?.connection.id ?? '' },
        NOW,
      )
    }
    await slice(page({ a: {} }))
    const otherRun = await open(store(), await runContext(store(), other))
    await otherRun.write(page({ a: {} }))
    const destination = createTablesDestination({ store: store(), ring, clock: { now: () => NOW } })
    await expect(destination.forget({ ...context, leaseNumber: 1 })).rejects.toMatchObject({
      code: 'WRITE_CONFLICT',
    })
    expect(await rows()).toHaveLength(1)
    await destination.forget(context)
    await leases.release(db, context.connectionId, context.leaseNumber)
    const left = databases.map(async (database) => [
      (await syncCursors.listByDatabase(db, database)).length,
      (await scanItems.count(db, { database, stream: 'posts', partition: '' }, 1)).all,
      await quarantine.count(db, database),
    ])
    expect(await Promise.all(left)).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
    expect(await rows()).toEqual([])
    expect(await rowsOf(store(), other)).toHaveLength(1)
  })
})
