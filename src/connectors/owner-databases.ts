/** Where a connector's records go: its tenant's rows, or its owner's databases; the pipeline is not told which. */
import type { KeyRing } from '../credentials/key-ring.js'
import { NodeError } from '../errors.js'
import { connectors, type Connector, type Store } from '../store/index.js'
import type { Destination, GrantedDatabase, ProofFacts, TenantRunContext } from '../sync/destination.js'
import { holdLease, LEASE_MS, type LeaseStore } from '../sync/lease.js'
import { found } from './check-request.js'
import { readOwnerPlace } from './owner-place.js'
import type { OwnerDatabases } from './ports.js'

export type GrantedDatabases = Readonly<Record<string, GrantedDatabase>>

export interface OwnerDatabasePorts {
  readonly store: Store
  readonly ring: KeyRing
  readonly vault: Destination
  readonly tables: Destination<ProofFacts, TenantRunContext>
}

/** Each connector's own destination, behind one. */
export function connectorDestination(ports: OwnerDatabasePorts): Destination<ProofFacts, TenantRunContext> {
  const { store, ring, vault, tables } = ports
  const placeOf = ({ tenant, connectorId }: Pick<TenantRunContext, 'tenant' | 'connectorId'>) =>
    store.tenant(tenant, async (tx) => {
      const connector = found(await connectors.get(tx, connectorId))
      return connector.destination === 'vault' ? readOwnerPlace(tx, ring, connector) : undefined
    })
  return {
    async open(run) {
      const place = await placeOf(run)
      if (place === undefined) return tables.open(run)
      const { owner, ownerKey } = place
      return vault.open({ ...run, owner, ownerKey })
    },
    async forget(run) {
      const place = await placeOf(run)
      if (place === undefined) return tables.forget(run)
      const { owner, ownerKey } = place
      return vault.forget({ ...run, owner, ownerKey })
    },
  }
}

/** How often a run that was just told to end is looked for. */
const LOOKS = 60
const LOOK_MS = 250

export function ownerDatabases(
  { store, ring, vault }: OwnerDatabasePorts,
  leases: LeaseStore,
): OwnerDatabases {
  return {
    async forget(connector: Connector) {
      const { id, tenant, type, connectionId } = connector
      const { accountId, ...place } = await store.tenant(tenant, (tx) => readOwnerPlace(tx, ring, connector))
      // Never connected: nothing was ever made.
      if (accountId === undefined) return []
      const lease = await patientLease(leases, connectionId)
      if (lease === undefined)
        throw new NodeError('WRITE_CONFLICT', {
          detail: `a sync of connector ${id} runs`,
          retryAfterMs: LEASE_MS,
        })
      const { leaseNumber, signal } = lease
      try {
        return await vault.forget({ connectionId, provider: type, accountId, leaseNumber, signal, ...place })
      } finally {
        await lease.release()
      }
    },
  }
}

async function patientLease(leases: LeaseStore, connectionId: string) {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const lease = await holdLease(leases, connectionId)
    if (lease !== undefined) return lease
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return undefined
}
