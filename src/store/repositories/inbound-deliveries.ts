/** Deliveries that were taken from services, by the hash of their id, so that none is taken twice. Takes `store.node`. */
import type { ScopedTx } from '../handle.js'

/** `false`: it was taken before. */
export async function take(
  tx: ScopedTx,
  delivery: { readonly endpoint: string; readonly deliveryHash: string; readonly receivedAtMs: number },
): Promise<boolean> {
  const row = await tx
    .insertInto('inboundDeliveries')
    .values(delivery)
    .onConflict((conflict) => conflict.columns(['endpoint', 'deliveryHash']).doNothing())
    .returning('deliveryHash')
    .executeTakeFirst()
  return row !== undefined
}

/** Gives how many were forgotten. */
export async function purge(tx: ScopedTx, beforeMs: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('inboundDeliveries')
    .where('receivedAtMs', '<', beforeMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
