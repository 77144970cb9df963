/** Seals cursors and quarantined items with the node's key ring: neither is shown to the tenant. */
import { openValue, sealingKeyId, sealValue } from '../credentials/sealed-value.js'
import type { KeyRing } from '../credentials/key-ring.js'
import { canonicalJson, type Json } from '../lib/canonical-json.js'
import { leases, syncCursors, type Store } from '../store/index.js'
import type { SealedBox, TenantRunContext } from '../sync/destination.js'
import { databaseName } from './record-id.js'

export type BoxPurpose = 'cursor' | 'quarantine'

/** `place` is bound beside the context of each value: tenant, connector, purpose. */
export function createRowBox(ring: KeyRing, place: readonly string[]): SealedBox {
  return {
    seal: (value, context) => sealValue(ring, canonicalJson(value), [...place, ...context]),
    open: (sealed, context) => JSON.parse(openValue(ring, sealed, [...place, ...context])) as Json,
  }
}

/**
 * Cursors under a key that was taken off the ring open nowhere: their streams are read anew, with the next scan.
 * A cursor that does not open under a key of the ring is a fault and stays one.
 */
export async function dropLostCursors(
  store: Store,
  ring: KeyRing,
  { connectionId, leaseNumber }: TenantRunContext,
): Promise<void> {
  const rows = await syncCursors.listByDatabase(store.db, databaseName(connectionId))
  const lost = rows.filter(({ cursorSealed }) => {
    const keyId = cursorSealed === null ? undefined : sealingKeyId(cursorSealed)
    return keyId !== undefined && ring.find(keyId) === undefined
  })
  if (lost.length === 0) return
  await store.transaction(async (tx) => {
    await leases.assertHeld(tx, connectionId, leaseNumber)
    for (const { updatedAtMs, ...row } of lost)
      await syncCursors.put(tx, { ...row, cursorSealed: null }, updatedAtMs)
  })
}
