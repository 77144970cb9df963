/** The control-plane database as the vault folder asks for it: every write is conditional on the connection's lease. */
import { NodeError } from './errors.js'
import type { Clock } from './lib/clock.js'
import {
  fileContents,
  leases,
  quarantine,
  receipts,
  scanItems,
  staging,
  syncCursors,
  vaultDatabases,
  type Store,
  type Tx,
} from './store/index.js'
import type { ReceiptBody } from './sync/index.js'
import type { DatabaseRows, ReceiptChains, StagingLedger } from './vault/index.js'

export function databaseRows(store: Store, clock: Clock): DatabaseRows {
  const fenced = (name: string, leaseNumber: number, write: (tx: Tx) => Promise<void>): Promise<void> =>
    store.transaction(async (tx) => {
      const row = await vaultDatabases.get(tx, name)
      if (row === undefined) throw new NodeError('INTERNAL', { detail: 'there is no such database' })
      await leases.assertHeld(tx, row.connectionId, leaseNumber)
      await write(tx)
    })
  return {
    list: (connectionId) => vaultDatabases.listByConnection(store.db, connectionId),
    ensure: (facts, leaseNumber) =>
      store.transaction(async (tx) => {
        await leases.assertHeld(tx, facts.connectionId, leaseNumber)
        await vaultDatabases.ensure(tx, { ...facts, nowMs: clock.now() })
      }),
    keepLeaves: (name, sealed, leaseNumber) =>
      fenced(name, leaseNumber, (tx) => vaultDatabases.keepLeaves(tx, name, sealed)),
    markForgotten: (name, leaseNumber) =>
      fenced(name, leaseNumber, async (tx) => {
        await vaultDatabases.markForgotten(tx, name, clock.now())
        // A later database of this owner has the same name: an old cursor would skip what was deleted.
        await syncCursors.removeByDatabase(tx, name)
        await scanItems.removeByDatabase(tx, name)
        await fileContents.removeByDatabase(tx, name)
        await quarantine.removeByDatabase(tx, name)
      }),
  }
}

export function stagingLedger(store: Store, clock: Clock): StagingLedger {
  return {
    add: ({ id, connectionId, database, path, leaseNumber, nodes }) =>
      staging.add(store.db, { id, connectionId, database, path, leaseNumber, nodes }, clock.now()),
    remove: (id) => staging.remove(store.db, id),
    list: (connectionId) => staging.list(store.db, connectionId),
  }
}

export function receiptChains(store: Store): ReceiptChains {
  return {
    async last(database) {
      const row = await vaultDatabases.get(store.db, database)
      if (row === undefined) return undefined
      const page = { afterSequence: row.nextSequence - 2, limit: 1 }
      const [last] = await receipts.listByDatabase(store.db, database, page)
      if (last === undefined) return undefined
      const { state } = last.body as unknown as ReceiptBody
      const { sequence, hash, leaseNumber } = last
      return { sequence, hash, leaseNumber, ...(state === undefined ? {} : { state }) }
    },
  }
}
