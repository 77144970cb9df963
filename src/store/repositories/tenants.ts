/** The tenants that a node's operator let in; only the node's own scope makes them. */
import type { Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import type { TenantsTable } from '../tables.js'

export type Tenant = Readonly<Selectable<TenantsTable>>

/** `undefined` when the id is taken: what is there stays as it is. */
export async function create(
  tx: ScopedTx,
  tenant: { readonly id: string; readonly name: string; readonly nowMs: number },
): Promise<Tenant | undefined> {
  const { nowMs, ...columns } = tenant
  return tx
    .insertInto('tenants')
    .values({ ...columns, createdAtMs: nowMs })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .executeTakeFirst()
}

export async function get(tx: ScopedTx, id: string): Promise<Tenant | undefined> {
  return tx.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst()
}

/** By id; the next page starts after the last id of this one. */
export async function list(
  tx: ScopedTx,
  page: { readonly afterId?: string | undefined; readonly limit?: number } = {},
): Promise<readonly Tenant[]> {
  return tx
    .selectFrom('tenants')
    .selectAll()
    .where('id', '>', page.afterId ?? '')
    .orderBy('id')
    .limit(page.limit ?? 200)
    .execute()
}
