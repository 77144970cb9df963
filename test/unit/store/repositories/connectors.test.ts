import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  connections,
  connectors,
  connectorCredentials,
  records,
  type Connector,
  type ScopedTx,
} from '../../../../src/store/index.js'
import { NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'
import { addConnector, someRecord } from '../../../support/tenant-rows.js'

await onEveryStore('connectors', (store) => {
  const inTenant = <T>(work: (tx: ScopedTx) => Promise<T>, tenant = 'one'): Promise<T> =>
    store().tenant(tenant, work)
  const get = (id: string) => inTenant((tx) => connectors.get(tx, id))

  it('keep what they were made of', async () => {
    const facts = { config: { list: [1, null], deep: { camelCase: 1 } }, streams: ['posts'] }
    const made = await addConnector(store(), 'one', facts)
    expect(made).toMatchObject({ ...facts, tenant: 'one', version: 1, consecutiveFailures: 0 })
    expect(await get(made.id)).toEqual(made)
    expect(await get(randomUUID())).toBeUndefined()
    expect(await get('no uuid')).toBeUndefined()
  })

  it('are changed only where told, and count their versions', async () => {
    const made = await addConnector(store(), 'one', { streams: ['posts'] })
    const later = NOW + 5
    const changed = await inTenant((tx) =>
      connectors.update(tx, made.id, { displayName: 'New', streams: null, nowMs: later }),
    )
    const expected = { ...made, displayName: 'New', streams: null, version: 2, updatedAtMs: later }
    expect(changed).toEqual(expected)
    expect(await get(made.id)).toEqual(expected)
  })

  it('are changed at the expected version only', async () => {
    const { id } = await addConnector(store(), 'one')
    const rename = (name: string, version: number, connectorId = id) =>
      inTenant((tx) => connectors.update(tx, connectorId, { displayName: name, nowMs: NOW }, version))
    expect(await rename('second', 1)).toMatchObject({ version: 2 })
    await expect(rename('late', 1)).rejects.toMatchObject({ code: 'WRITE_CONFLICT' })
    expect(await get(id)).toMatchObject({ displayName: 'second', version: 2 })
    expect(await rename('x', 1, randomUUID())).toBeUndefined()
    const tries = await Promise.allSettled(Array.from({ length: 10 }, (_, at) => rename(`try ${at}`, 2)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('are listed oldest first, filtered and in pages', async () => {
    const add = (createdAtMs: number, facts = {}) =>
      addConnector(store(), 'lists', { nowMs: createdAtMs, ...facts })
    const [third, first, second] = [await add(3), await add(1), await add(2, { type: 'other' })]
    const paused = await add(3, { status: 'paused', subject: 'else' })
    const list = (page: Partial<Parameters<typeof connectors.list>[1]>): Promise<readonly Connector[]> =>
      inTenant((tx) => connectors.list(tx, { limit: 10, ...page }), 'lists')
    const lastTwo = [third, paused].sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(await list({})).toEqual([first, second, ...lastTwo])
    expect(await list({ limit: 2 })).toEqual([first, second])
    expect(await list({ after: second })).toEqual(lastTwo)
    expect(await list({ after: lastTwo[0] })).toEqual(lastTwo.slice(1))
    expect(await list({ after: { createdAtMs: 0, id: 'no uuid' } })).toEqual([])
    expect(await list({ status: 'paused' })).toEqual([paused])
    expect(await list({ subject: 'else' })).toEqual([paused])
    expect(await list({ type: 'other' })).toEqual([second])
  })

  it('go with all that hangs on them; the connection stays, with its syncs', async () => {
    const made = await addConnector(store(), 'one')
    const credential = { connectorId: made.id, tenant: 'one', field: 'tokens', sealed: 's', nowMs: NOW }
    await inTenant((tx) => connectorCredentials.put(tx, credential))
    await inTenant((tx) => records.upsertMany(tx, [someRecord(made)], NOW))
    expect(await inTenant((tx) => connectors.remove(tx, made.id))).toBe(true)
    expect(await inTenant((tx) => connectors.remove(tx, made.id))).toBe(false)
    expect(await inTenant((tx) => connectorCredentials.get(tx, made.id, 'tokens'))).toBeUndefined()
    expect(await inTenant((tx) => records.count(tx, made.id))).toBe(0)
    expect(await connections.get(store().db, made.connectionId)).toBeDefined()
  })

  it('share no connection', async () => {
    const { connectionId } = await addConnector(store(), 'one')
    await expect(addConnector(store(), 'one', { connectionId })).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  describe('that run', () => {
    it('are due when active and their time has come, of every tenant, the longest waiting first', async () => {
      const at = (nextRunAtMs: number | null, tenant: string, status: Connector['status'] = 'active') =>
        addConnector(store(), tenant, { nextRunAtMs, status })
      const second = await at(20, 'a')
      const first = await at(10, 'b')
      const third = await at(30, 'a')
      for (const other of [at(31, 'a'), at(null, 'a'), at(5, 'a', 'paused'), at(5, 'b', 'reconnect_needed')])
        await other
      const due = await store().node((tx) => connectors.due(tx, 30, 10))
      expect(due.map(({ id }) => id)).toEqual([first.id, second.id, third.id])
      expect(await store().node((tx) => connectors.due(tx, 30, 1))).toEqual([first])
    })

    it('are moved together, but for one that was planned anew since it was read', async () => {
      const [one, other] = [
        await addConnector(store(), 'one', { nextRunAtMs: 5 }),
        await addConnector(store(), 'two', { nextRunAtMs: 6 }),
      ]
      await store().node((tx) =>
        connectors.moveNextRuns(tx, [
          { id: one.id, fromMs: 5, toMs: null },
          { id: other.id, fromMs: 5, toMs: 50 },
        ]),
      )
      expect((await get(one.id))?.nextRunAtMs).toBeNull()
      expect((await inTenant((tx) => connectors.get(tx, other.id), 'two'))?.nextRunAtMs).toBe(6)
      await store().node((tx) => connectors.moveNextRuns(tx, []))
      await store().node((tx) => connectors.moveNextRuns(tx, [{ id: one.id, fromMs: null, toMs: 7 }]))
      expect(await get(one.id)).toMatchObject({ nextRunAtMs: 7, version: 1 })
    })

    it('that are planned after a time are met once each', async () => {
      const far = NOW * 2
      const added = [far + 1, far + 1, far + 2].map((nextRunAtMs) =>
        addConnector(store(), 'one', { nextRunAtMs }),
      )
      const expected = new Set((await Promise.all(added)).map(({ id }) => id))
      const met: string[] = []
      let after: Connector | undefined
      for (let left = true; left;) {
        const place = after
        const [next] = await store().node((tx) => connectors.plannedAfter(tx, far, place, 1))
        if (next !== undefined) met.push(next.id)
        after = next
        left = next !== undefined
      }
      expect(met).toHaveLength(3)
      expect(new Set(met)).toEqual(expected)
    })

    it('note how it ended, without a new version', async () => {
      const { id, ...made } = await addConnector(store(), 'one')
      const mark = (end: Parameters<typeof connectors.markRun>[2]) =>
        inTenant((tx) => connectors.markRun(tx, id, end))
      for (const nowMs of [1, 2])
        expect(await mark({ ok: false, errorCode: 'PROVIDER_DOWN', nextRunAtMs: 50, nowMs })).toBe(true)
      const failed = { lastErrorAtMs: 2, lastErrorCode: 'PROVIDER_DOWN', consecutiveFailures: 2 }
      expect(await get(id)).toEqual({ id, ...made, ...failed, nextRunAtMs: 50 })
      await mark({ ok: true, nowMs: 3 })
      const well = { ...failed, consecutiveFailures: 0, lastSuccessAtMs: 3, nextRunAtMs: 50 }
      expect(await get(id)).toEqual({ id, ...made, ...well })
      await inTenant((tx) => connectors.setNextRun(tx, id, null))
      expect(await get(id)).toMatchObject({ nextRunAtMs: null, version: 1 })
    })
  })
})
