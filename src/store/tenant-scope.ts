/** Whose rows a transaction sees: the settings that the policies of migration 0002 look at. */
import { sql } from 'kysely'
import { NodeError } from '../errors.js'
import type { ScopedTx, Tx } from './handle.js'

/** The tenant of the transaction. The policies keep other rows away in any case; said in a query, an index serves it. */
export const thisTenant = sql<string>`current_setting('app.tenant', true)`

/** Until the transaction ends it sees and writes the rows of this tenant only. */
export async function asTenant(tx: Tx, tenant: string): Promise<ScopedTx> {
  if (tenant === '') throw new NodeError('INTERNAL', { detail: 'a tenant has a name' })
  return scoped(tx, tenant, '')
}

/** Until the transaction ends it sees and writes the rows of all tenants. */
export async function asNode(tx: Tx): Promise<ScopedTx> {
  return scoped(tx, '', 'node')
}

async function scoped(tx: Tx, tenant: string, scope: string): Promise<ScopedTx> {
  await sql`select set_config('app.tenant', ${tenant}, true), set_config('app.scope', ${scope}, true)`.execute(
    tx,
  )
  return tx as ScopedTx
}
