/** Which connectors hold an account, by keyed hashes of account ids; for what services tell of accounts. Takes `store.node`. */
import { sql } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { textArray } from '../sql-values.js'

export interface UnhashedAccount {
  readonly connectorId: string
  readonly tenant: string
  readonly sealed: string
}

/** Connectors of a type that hold an account whose hash was never written. */
export async function unhashed(
  tx: ScopedTx,
  type: string,
  limit: number,
): Promise<readonly UnhashedAccount[]> {
  return tx
    .selectFrom('connectors as c')
    .innerJoin('connectorCredentials as k', 'k.connectorId', 'c.id')
    .select(['c.id as connectorId', 'c.tenant', 'k.sealed'])
    .where('c.type', '=', type)
    .where('c.accountHash', 'is', null)
    .where('k.field', '=', 'account')
    .orderBy('c.id')
    .limit(limit)
    .execute()
}

export async function setHash(tx: ScopedTx, connectorId: string, accountHash: string): Promise<void> {
  await tx.updateTable('connectors').set({ accountHash }).where('id', '=', connectorId).execute()
}

/** Marks connections in vault custody as changed; gives the hashes that have one. */
export async function markChanged(
  tx: ScopedTx,
  provider: string,
  hashes: readonly string[],
  nowMs: number,
): Promise<readonly string[]> {
  const rows = await tx
    .updateTable('connections')
    .set({ changedAtMs: nowMs })
    .where('provider', '=', provider)
    .where('custody', '=', 'vault')
    .where('accountHash', '=', sql<string>`any(${textArray(hashes)})`)
    .returning('accountHash')
    .execute()
  return rows.map(({ accountHash }) => accountHash)
}
