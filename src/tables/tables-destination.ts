/** The tables destination: a connector's records as rows of its tenant, in the node's own database. */
import type { KeyRing } from '../credentials/key-ring.js'
import type { Clock } from '../lib/clock.js'
import { leases, records, type Store } from '../store/index.js'
import type { Destination, DestinationRun, TenantRunContext } from '../sync/destination.js'
import { forgetTraces } from './forget.js'
import { proveRows, type TablesProof } from './prove-rows.js'
import { databaseName, recordId } from './record-id.js'
import { createRowBox, dropLostCursors } from './row-box.js'
import { SliceRows } from './slice-rows.js'
import { writeRows } from './write-rows.js'

export interface TablesPorts {
  readonly store: Store
  /** Seals cursors and quarantined items. */
  readonly ring: KeyRing
  readonly clock: Clock
}

export function createTablesDestination(ports: TablesPorts): Destination<TablesProof, TenantRunContext> {
  const { store, ring } = ports
  return {
    async open(run) {
      await dropLostCursors(store, ring, run)
      return openRun(ports, run)
    },
    async forget({ tenant, connectorId, connectionId, leaseNumber }) {
      return store.tenant(tenant, async (tx) => {
        await leases.assertHeld(tx, connectionId, leaseNumber)
        await forgetTraces(tx, connectionId)
        const erased = await records.schemasOf(tx, connectorId)
        await records.removeByConnector(tx, connectorId)
        return erased
      })
    },
  }
}

/** Every page is durable when `write` returns, so that nothing is staged, sent on or erased. */
function openRun({ store, ring, clock }: TablesPorts, run: TenantRunContext): DestinationRun<TablesProof> {
  const slice = new SliceRows()
  return {
    database: () => databaseName(run.connectionId),
    documentId: (_schema, stream, sourceId) => recordId(run.connectorId, stream, sourceId),
    isLost: () => false,
    box: (_schema, purpose) => createRowBox(ring, [run.tenant, run.connectorId, purpose]),
    async write(page) {
      run.signal.throwIfAborted()
      const { counts, hashes } = await writeRows(store, run, page, clock.now())
      slice.expect(page.schema, hashes)
      return counts
    },
    prove: () => proveRows(store, run, slice),
    release: async () => Promise.resolve(slice.clear()),
    publishHeads: () => Promise.resolve(),
    granted: () => ({}),
    close: () => Promise.resolve(),
  }
}
