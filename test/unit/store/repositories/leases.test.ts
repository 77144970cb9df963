import { expect, it, vi } from 'vitest'
import { connections, leases, settings, type Connection } from '../../../../src/store/index.js'
import { addConnection, NOW } from '../../../support/store-rows.js'
import { isWaitedFor, onEveryStore } from '../../../support/store-suite.js'

const MINUTES = Math.floor(NOW / 60_000)

await onEveryStore('leases', (store, kind) => {
  const take = async ({ id }: Connection, nowMs = NOW, holder = 'one'): Promise<number> => {
    const taken = await leases.acquire(store().db, id, holder, nowMs)
    if (taken === 'busy') throw new Error('the lease is busy')
    return taken.leaseNumber
  }

  it('go to one of fifty callers', async () => {
    const { id } = await addConnection(store())
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => leases.acquire(store().db, id, `holder ${index}`, NOW)),
    )
    expect(answers.filter((answer) => answer !== 'busy')).toHaveLength(1)
  })

  it('are numbered by the minutes since 1970, or one more than the last', async () => {
    const connection = await addConnection(store())
    const first = await take(connection)
    expect(first).toBe(MINUTES)
    await leases.release(store().db, connection.id, first)
    const second = await take(connection)
    expect(second).toBe(MINUTES + 1)
    await leases.release(store().db, connection.id, second)
    // A clock set back by a year must not give a number twice.
    const third = await take(connection, NOW - 365 * 86_400_000)
    expect(third).toBe(MINUTES + 2)
    await leases.release(store().db, connection.id, third)
    expect(await take(connection, NOW + 10 * 60_000)).toBe(MINUTES + 10)
  })

  it('run out when they are not renewed, and not before', async () => {
    const connection = await addConnection(store())
    const first = await take(connection)
    const end = NOW + leases.MAX_LEASE_MS
    expect(await leases.acquire(store().db, connection.id, 'two', end - 1)).toBe('busy')
    expect(await take(connection, end, 'two')).toBeGreaterThan(first)
  })

  it('live on when they are renewed', async () => {
    const connection = await addConnection(store())
    const number = await take(connection)
    await leases.renew(store().db, connection.id, number, NOW + 10_000)
    const end = NOW + 10_000 + leases.MAX_LEASE_MS
    expect(await leases.acquire(store().db, connection.id, 'two', end - 1)).toBe('busy')
    expect(await leases.acquire(store().db, connection.id, 'two', end)).not.toBe('busy')
  })

  it('are not renewed by a run that was fenced or gave its lease back', async () => {
    const connection = await addConnection(store())
    const first = await take(connection)
    const second = await take(connection, NOW + leases.MAX_LEASE_MS, 'two')
    const fenced = { code: 'WRITE_CONFLICT' }
    await expect(leases.renew(store().db, connection.id, first, NOW)).rejects.toMatchObject(fenced)
    await leases.release(store().db, connection.id, second)
    await expect(leases.renew(store().db, connection.id, second, NOW)).rejects.toMatchObject(fenced)
  })

  it('are not given back by a run that has lost them', async () => {
    const connection = await addConnection(store())
    const first = await take(connection)
    await take(connection, NOW + leases.MAX_LEASE_MS, 'two')
    await leases.release(store().db, connection.id, first)
    expect((await connections.get(store().db, connection.id))?.leaseHolder).toBe('two')
  })

  it('fence every write of a run once the number has moved on', async () => {
    const connection = await addConnection(store())
    const first = await take(connection)
    const write = (number: number, key: string) =>
      store().transaction(async (tx) => {
        await leases.assertHeld(tx, connection.id, number)
        await settings.put(tx, key, number)
      })
    await write(first, `fence ${connection.id} in time`)
    const second = await take(connection, NOW + leases.MAX_LEASE_MS, 'two')
    await expect(write(first, `fence ${connection.id} late`)).rejects.toMatchObject({
      code: 'WRITE_CONFLICT',
    })
    await leases.release(store().db, connection.id, second)
    await expect(write(second, `fence ${connection.id} after`)).rejects.toMatchObject({
      code: 'WRITE_CONFLICT',
    })
    expect(await settings.get(store().db, `fence ${connection.id} in time`)).toBe(first)
    expect(await settings.get(store().db, `fence ${connection.id} late`)).toBeUndefined()
    expect(await settings.get(store().db, `fence ${connection.id} after`)).toBeUndefined()
  })

  it('cannot be taken between the check of a transaction and its commit', async () => {
    const connection = await addConnection(store())
    const number = await take(connection)
    const order: string[] = []
    let enter: () => void = () => undefined
    const entered = new Promise<void>((resolve) => (enter = resolve))
    const taking = entered
      .then(() => leases.acquire(store().db, connection.id, 'two', NOW + leases.MAX_LEASE_MS))
      .then(() => order.push('taken'))
    await store().transaction(async (tx) => {
      await leases.assertHeld(tx, connection.id, number)
      enter()
      // On a server the taker comes as far as the locked row; embedded it waits for the one session.
      if (kind === 'postgres') await vi.waitUntil(() => isWaitedFor(tx), { interval: 5, timeout: 5_000 })
      await settings.put(tx, `race ${connection.id}`, true)
      order.push('written')
    })
    await taking
    expect(order).toEqual(['written', 'taken'])
  })

  it.each([0, -1, leases.MAX_LEASE_MS + 1, Number.NaN])('refuse to live for %s ms', async (ttlMs) => {
    const { id } = await addConnection(store())
    await expect(leases.acquire(store().db, id, 'one', NOW, ttlMs)).rejects.toMatchObject({
      code: 'INTERNAL',
    })
  })

  it('of dead holders are freed at the start of a process that is alone', async () => {
    const [mine, dead] = [await addConnection(store()), await addConnection(store())]
    const number = await take(mine, NOW, 'me')
    await take(dead, NOW, 'dead')
    expect(await leases.freeAllBut(store().db, 'me')).toBeGreaterThanOrEqual(1)
    await leases.renew(store().db, mine.id, number, NOW)
    expect(await leases.acquire(store().db, dead.id, 'me', NOW)).not.toBe('busy')
  })
})
