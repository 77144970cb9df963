/** Leases of connections in the control-plane database, for one process. */
import type { Clock } from '../lib/clock.js'
import { leases, type Store } from '../store/index.js'
import { LEASE_MS, type LeaseStore } from './lease.js'

/** `holder` names this process; only shown. */
export function leaseStore(store: Store, clock: Clock, holder: string): LeaseStore {
  return {
    acquire: async (id) => {
      const taken = await leases.acquire(store.db, id, holder, clock.now(), LEASE_MS)
      return taken === 'busy' ? taken : taken.leaseNumber
    },
    renew: (id, leaseNumber) => leases.renew(store.db, id, leaseNumber, clock.now(), LEASE_MS),
    release: (id, leaseNumber) => leases.release(store.db, id, leaseNumber),
  }
}
