/** Connectors that were added to subaccounts of tenants: one of a type in each. */
import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { ScopedTx } from '../handle.js'
import { jsonb, storableJson } from '../sql-values.js'
import type { SubaccountConnectorsTable } from '../tables.js'
import { thisTenant } from '../tenant-scope.js'

export type SubaccountConnector = Readonly<Selectable<SubaccountConnectorsTable>>

export interface NewSubaccountConnector {
  readonly tenant: string
  readonly subaccountId: string
  readonly provider: string
  /** Missing: as it is, or nothing. */
  readonly config?: JsonObject | undefined
  readonly nowMs: number
}

/** Adds it, or makes it active again. `isNew`: there was none. */
export async function add(
  tx: ScopedTx,
  { config, nowMs, ...columns }: NewSubaccountConnector,
): Promise<SubaccountConnector & { readonly isNew: boolean }> {
  const kept = config === undefined ? {} : { config: jsonb(storableJson(config)) }
  const id = randomUUID()
  const row = await tx
    .insertInto('subaccountConnectors')
    .values({ id, ...columns, config: jsonb({}), ...kept, createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'subaccountId', 'provider'])
        .doUpdateSet({ isActive: true, ...kept, updatedAtMs: nowMs }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  return { ...row, isNew: row.id === id }
}

export async function find(
  tx: ScopedTx,
  subaccountId: string,
  provider: string,
): Promise<SubaccountConnector | undefined> {
  return tx
    .selectFrom('subaccountConnectors')
    .selectAll()
    .where('tenant', '=', thisTenant)
    .where('subaccountId', '=', subaccountId)
    .where('provider', '=', provider)
    .executeTakeFirst()
}

/** Something of it changed. */
export async function touch(tx: ScopedTx, id: string, nowMs: number): Promise<void> {
  await tx.updateTable('subaccountConnectors').set({ updatedAtMs: nowMs }).where('id', '=', id).execute()
}
