import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { leases, syncEvents, syncs, type SyncEnd } from '../../../../src/store/index.js'
import { addConnection, addSync, NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

const END: SyncEnd = {
  status: 'complete',
  stage: 'erase',
  counts: { written: 3, skipped: { private: 1 } },
  issues: [{ stream: 'posts', partition: '', code: 'RATE_LIMITED' }],
  suspectedDeletes: [],
  more: true,
  errorCode: null,
  nowMs: NOW + 9,
}

await onEveryStore('syncs', (store) => {
  it('start as running, and only a hash of their status token is kept', async () => {
    const connection = await addConnection(store())
    const request = { databaseName: 'requests', recordId: randomUUID() }
    const row = await addSync(store(), connection, { request, statusTokenHash: 'hash of it' })
    expect(row).toMatchObject({
      status: 'running',
      request,
      statusTokenHash: 'hash of it',
      issues: [],
      suspectedDeletes: null,
      more: false,
      errorCode: null,
      finishedAtMs: null,
    })
    expect(Object.keys(row).filter((column) => /token/i.test(column))).toEqual(['statusTokenHash'])
  })

  it('move on while they run, and reach one end', async () => {
    const { id } = await addSync(store(), await addConnection(store()))
    const step = { stage: 'prove', counts: { written: 1 }, nowMs: NOW + 1 }
    expect(await syncs.progress(store().db, id, step)).toBe(true)
    expect(await syncs.get(store().db, id)).toMatchObject({
      stage: 'prove',
      counts: { written: 1 },
      updatedAtMs: NOW + 1,
    })
    const ends = await Promise.all([
      syncs.finish(store().db, id, END),
      syncs.finish(store().db, id, END),
      syncs.finish(store().db, id, END),
    ])
    expect(ends.filter(Boolean)).toHaveLength(1)
    const { nowMs, ...facts } = END
    const ended = { ...facts, updatedAtMs: nowMs, finishedAtMs: nowMs }
    expect(await syncs.get(store().db, id)).toMatchObject(ended)
    expect(await syncs.progress(store().db, id, step)).toBe(false)
    expect(await syncs.finish(store().db, id, { ...END, status: 'error' })).toBe(false)
    expect(await syncs.get(store().db, id)).toMatchObject(ended)
  })

  it('of the node’s own are let go after a month, but for the newest; a Vault’s and a running one stay', async () => {
    const connection = await addConnection(store())
    const day = 86_400_000
    const ended = async (daysAgo: number, kind = 'node') => {
      const { id } = await addSync(store(), connection, { kind, nowMs: NOW - daysAgo * day })
      await syncs.finish(store().db, id, END)
      return id
    }
    await ended(50)
    await ended(45)
    const vaults = await ended(44, 'vault')
    const { id: running } = await addSync(store(), connection, { kind: 'node', nowMs: NOW - 43 * day })
    const newest = [await ended(40), await ended(42)]
    const other = await addSync(store(), await addConnection(store()), {
      kind: 'node',
      nowMs: NOW - 90 * day,
    })
    expect(await syncs.forgetOld(store().db, connection.id, NOW)).toBe(2)
    const left = (await syncs.listByConnection(store().db, connection.id)).map(({ id }) => id)
    expect(left).toEqual([...newest, running, vaults])
    expect(await syncs.get(store().db, other.id)).toBeDefined()
  })

  it('are found by the Vault’s request record, the newest first', async () => {
    const connection = await addConnection(store())
    const request = { databaseName: 'requests', recordId: randomUUID() }
    await addSync(store(), connection, { request })
    const newer = await addSync(store(), connection, { request, nowMs: NOW + 1 })
    expect((await syncs.findByRequest(store().db, request.recordId))?.id).toBe(newer.id)
    expect(await syncs.findByRequest(store().db, 'requests')).toBeUndefined()
  })

  it('are listed of their connection, newest first; an id that is no UUID names none', async () => {
    const connection = await addConnection(store())
    const older = await addSync(store(), connection)
    const newer = await addSync(store(), connection, { nowMs: NOW + 1 })
    await addSync(store(), await addConnection(store()))
    const ids = async (limit?: number) =>
      (await syncs.listByConnection(store().db, connection.id, limit)).map(({ id }) => id)
    expect(await ids()).toEqual([newer.id, older.id])
    expect(await ids(1)).toEqual([newer.id])
    expect(await syncs.listByConnection(store().db, 'no uuid')).toEqual([])
    expect(await syncs.get(store().db, 'no uuid')).toBeUndefined()
  })

  it('that run are found under the highest lease', async () => {
    const connection = await addConnection(store())
    expect(await syncs.findRunning(store().db, connection.id)).toBeUndefined()
    const latest = await addSync(store(), connection, { leaseNumber: 9 })
    await addSync(store(), connection, { leaseNumber: 8, nowMs: NOW + 1 })
    expect((await syncs.findRunning(store().db, connection.id))?.id).toBe(latest.id)
    await syncs.finish(store().db, latest.id, END)
    expect((await syncs.findRunning(store().db, connection.id))?.leaseNumber).toBe(8)
  })

  const running = async (holder: string) => {
    const connection = await addConnection(store())
    const lease = await leases.acquire(store().db, connection.id, holder, NOW)
    if (lease === 'busy') throw new Error('the lease is busy')
    return { ...lease, connection, sync: await addSync(store(), connection, lease) }
  }
  const interrupted = async (alone: boolean, nowMs = NOW) =>
    (await syncs.interruptDead(store().db, { holder: 'me', alone, nowMs })).map(({ id }) => id)

  it('end as interrupted when their lease was given back, ran out or is a later run’s', async () => {
    const [alive, back, out, later] = [
      await running('me'),
      await running('me'),
      await running('me'),
      await running('me'),
    ]
    await leases.release(store().db, back.connection.id, back.leaseNumber)
    for (const { connection, leaseNumber } of [alive, later])
      await leases.renew(store().db, connection.id, leaseNumber, NOW + 10_000)
    await leases.release(store().db, later.connection.id, later.leaseNumber)
    await leases.acquire(store().db, later.connection.id, 'me', NOW + 10_000)
    const ended = await interrupted(false, NOW + leases.MAX_LEASE_MS)
    expect(ended).toEqual(expect.arrayContaining([back.sync.id, out.sync.id, later.sync.id]))
    expect(ended).not.toContain(alive.sync.id)
    expect(await syncs.get(store().db, out.sync.id)).toMatchObject({
      status: 'interrupted',
      errorCode: 'INTERRUPTED',
      finishedAtMs: NOW + leases.MAX_LEASE_MS,
    })
  })

  it('of other holders are left to them, unless this process is alone', async () => {
    const [mine, other] = [await running('me'), await running('another process')]
    const left = await interrupted(false)
    expect(left).not.toContain(other.sync.id)
    const ended = await interrupted(true)
    expect(ended).toContain(other.sync.id)
    expect(ended).not.toContain(mine.sync.id)
  })

  it('keep their events in order and in pages', async () => {
    const { id } = await addSync(store(), await addConnection(store()))
    for (const kind of ['a', 'b', 'c'])
      await syncEvents.append(store().db, id, { kind, data: { kind }, nowMs: NOW })
    const all = await syncEvents.list(store().db, id)
    expect(all.map(({ kind, data }) => [kind, data])).toEqual([
      ['a', { kind: 'a' }],
      ['b', { kind: 'b' }],
      ['c', { kind: 'c' }],
    ])
    const rest = await syncEvents.list(store().db, id, { afterId: all[0]?.id ?? 0, limit: 1 })
    expect(rest).toEqual([all[1]])
    expect(await syncEvents.list(store().db, 'no uuid')).toEqual([])
  })
})
