/** How many deliveries of each provider came to what end; counts, and nothing of an account. Takes `store.node`. */
import { sql, type Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import type { DeliveryCountsTable } from '../tables.js'

export type DeliveryCount = Readonly<Selectable<DeliveryCountsTable>>

/** Adds to what is there. No pair of provider and outcome twice, and in their order: processes that add at once wait for each other. */
export async function add(tx: ScopedTx, counts: readonly DeliveryCount[]): Promise<void> {
  if (counts.length === 0) return
  await tx
    .insertInto('deliveryCounts')
    .values([...counts])
    .onConflict((conflict) =>
      conflict
        .columns(['provider', 'outcome'])
        .doUpdateSet({ count: sql<number>`delivery_counts.count + excluded.count` }),
    )
    .execute()
}

export async function list(tx: ScopedTx): Promise<readonly DeliveryCount[]> {
  return tx.selectFrom('deliveryCounts').selectAll().orderBy('provider').orderBy('outcome').execute()
}
