/** Credentials of connectors: sealed before they come here, one row per field, each write counted. */
import { sql, type Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid } from '../sql-values.js'
import type { ConnectorCredentialsTable } from '../tables.js'

export type ConnectorCredential = Readonly<Selectable<ConnectorCredentialsTable>>

export interface NewCredential {
  readonly connectorId: string
  readonly tenant: string
  readonly field: string
  readonly sealed: string
  readonly nowMs: number
}

/**
 * Writes a field and gives its new generation. With `expectedGeneration` (0: not there yet) it gives `undefined`, and
 * writes nothing, when the field has moved on: read again.
 */
export async function put(
  tx: ScopedTx,
  credential: NewCredential,
  expectedGeneration?: number,
): Promise<number | undefined> {
  const { nowMs, ...columns } = credential
  const changing = {
    sealed: columns.sealed,
    generation: sql<number>`connector_credentials.generation + 1`,
    updatedAtMs: nowMs,
  }
  if (expectedGeneration !== undefined && expectedGeneration > 0) {
    const row = await tx
      .updateTable('connectorCredentials')
      .set(changing)
      .where('connectorId', '=', columns.connectorId)
      .where('field', '=', columns.field)
      .where('generation', '=', expectedGeneration)
      .returning('generation')
      .executeTakeFirst()
    return row?.generation
  }
  const row = await tx
    .insertInto('connectorCredentials')
    .values({ ...columns, generation: 1, updatedAtMs: nowMs })
    .onConflict((conflict) => {
      const there = conflict.columns(['connectorId', 'field'])
      return expectedGeneration === 0 ? there.doNothing() : there.doUpdateSet(changing)
    })
    .returning('generation')
    .executeTakeFirst()
  return row?.generation
}

export async function get(
  tx: ScopedTx,
  connectorId: string,
  field: string,
): Promise<ConnectorCredential | undefined> {
  if (!isUuid(connectorId)) return undefined
  return tx
    .selectFrom('connectorCredentials')
    .selectAll()
    .where('connectorId', '=', connectorId)
    .where('field', '=', field)
    .executeTakeFirst()
}

/** All fields of a connector as they are now; until the transaction ends nobody else writes or locks them. */
export async function lock(tx: ScopedTx, connectorId: string): Promise<readonly ConnectorCredential[]> {
  if (!isUuid(connectorId)) return []
  return tx
    .selectFrom('connectorCredentials')
    .selectAll()
    .where('connectorId', '=', connectorId)
    .orderBy('field')
    .forUpdate()
    .execute()
}

/** All fields of a connector. */
export async function list(tx: ScopedTx, connectorId: string): Promise<readonly ConnectorCredential[]> {
  if (!isUuid(connectorId)) return []
  return tx
    .selectFrom('connectorCredentials')
    .selectAll()
    .where('connectorId', '=', connectorId)
    .orderBy('field')
    .execute()
}

/** One field, or all of them; gives how many were there. */
export async function remove(tx: ScopedTx, connectorId: string, field?: string): Promise<number> {
  if (!isUuid(connectorId)) return 0
  let query = tx.deleteFrom('connectorCredentials').where('connectorId', '=', connectorId)
  if (field !== undefined) query = query.where('field', '=', field)
  const { numDeletedRows } = await query.executeTakeFirst()
  return Number(numDeletedRows)
}

/** Of everyone the transaction sees, for a change of keys; the next page starts after the last one of this page. */
export async function listAll(
  tx: ScopedTx,
  page: {
    readonly after?: { readonly connectorId: string; readonly field: string } | undefined
    readonly limit: number
  },
): Promise<readonly ConnectorCredential[]> {
  const { after } = page
  let query = tx.selectFrom('connectorCredentials').selectAll()
  if (after !== undefined)
    query = query.where(sql<boolean>`(connector_id, field) > (${after.connectorId}::uuid, ${after.field})`)
  return query.orderBy('connectorId').orderBy('field').limit(page.limit).execute()
}
