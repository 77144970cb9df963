import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import { leases, type Store } from '../../../src/store/index.js'
import { holdLease, LEASE_MS, type LeaseStore } from '../../../src/sync/lease.js'
import { openTestStore } from '../../support/database.js'
import { addConnection, NOW } from '../../support/store-rows.js'

interface FakeLease extends LeaseStore {
  readonly renewed: number
}

/** A lease store whose renewals do what `renew` does. */
function leaseStore(renew: () => Promise<void> = () => Promise.resolve()): FakeLease {
  let renewed = 0
  return {
    acquire: async () => 7,
    renew: () => {
      renewed += 1
      return renew()
    },
    release: async () => undefined,
    get renewed() {
      return renewed
    },
  }
}

const hold = async (store: LeaseStore) => {
  const held = await holdLease(store, 'connection')
  if (held === undefined) throw new Error('the lease is busy')
  return held
}

describe('a held lease', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is renewed well before it runs out, until it is given back', async () => {
    const store = leaseStore()
    const held = await hold(store)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(store.renewed).toBeGreaterThanOrEqual(60_000 / (LEASE_MS / 3))
    expect(held).toMatchObject({ leaseNumber: 7, signal: { aborted: false } })
    await held.release()
    const { renewed } = store
    await vi.advanceTimersByTimeAsync(60_000)
    expect(store.renewed).toBe(renewed)
  })

  it('is given up at once when another run has it', async () => {
    const held = await hold(leaseStore(() => Promise.reject(new NodeError('WRITE_CONFLICT'))))
    await vi.advanceTimersByTimeAsync(LEASE_MS / 2)
    expect(held.signal.reason).toMatchObject({ code: 'WRITE_CONFLICT' })
    await held.release()
  })

  it('outlives a store that fails for a while, and not one that fails longer than the lease', async () => {
    let fails = true
    const renew = () => (fails ? Promise.reject(new NodeError('STORE_UNAVAILABLE')) : Promise.resolve())
    const held = await hold(leaseStore(renew))
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1_000)
    fails = false
    await vi.advanceTimersByTimeAsync(5_000)
    fails = true
    await vi.advanceTimersByTimeAsync(LEASE_MS - 5_000)
    expect(held.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(held.signal.reason).toMatchObject({ code: 'WRITE_CONFLICT' })
    await held.release()
  })

  it('is given up when the store does not answer at all', async () => {
    const held = await hold(leaseStore(() => new Promise<void>(() => undefined)))
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1)
    expect(held.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(held.signal.reason).toMatchObject({ code: 'WRITE_CONFLICT' })
    await held.release()
  })
})

describe('a lease in the store', () => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore('pglite')
  })
  afterAll(() => store.close())

  it('is held by one run at a time, and free once given back', async () => {
    const { id } = await addConnection(store)
    const of = (holder: string): LeaseStore => ({
      acquire: async (connectionId) => {
        const taken = await leases.acquire(store.db, connectionId, holder, NOW)
        return taken === 'busy' ? taken : taken.leaseNumber
      },
      renew: (connectionId, number) => leases.renew(store.db, connectionId, number, NOW),
      release: (connectionId, number) => leases.release(store.db, connectionId, number),
    })
    const first = await holdLease(of('one'), id)
    expect(await holdLease(of('two'), id)).toBeUndefined()
    await first?.release()
    const second = await holdLease(of('two'), id)
    expect(second?.leaseNumber).toBe((first?.leaseNumber ?? 0) + 1)
    await second?.release()
  })
})
