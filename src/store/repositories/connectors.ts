/** Connectors as their tenants manage them. Their secrets are in connector-credentials.ts, their runs in connector-runs.ts. */
import { sql, type Selectable } from 'kysely'
import { NodeError } from '../../errors.js'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { ScopedTx } from '../handle.js'
import { isUuid, jsonb, storableJson } from '../sql-values.js'
import { thisTenant } from '../tenant-scope.js'
import type { ConnectionStatus, ConnectorsTable } from '../tables.js'

export { due, markRun, moveNextRuns, plannedAfter, setNextRun } from './connector-runs.js'

export type Connector = Readonly<Selectable<ConnectorsTable>>

export interface NewConnector {
  /** A UUID; the owner of its connection is made from it. */
  readonly id: string
  readonly tenant: string
  readonly subject: string
  readonly type: string
  readonly displayName: string
  readonly authKind: string
  readonly config: JsonObject
  readonly status: ConnectionStatus
  readonly streams: readonly string[] | null
  readonly syncFrequency: string | null
  readonly nextRunAtMs: number | null
  /** A row of `connections`, of this connector alone. */
  readonly connectionId: string
  /** The DID that the records are for: then they go to its databases. */
  readonly ownerDid?: string | null
  readonly nowMs: number
}

/** What may change; members left out stay as they are. */
export interface ConnectorChanges {
  readonly displayName?: string
  readonly authKind?: string
  readonly config?: JsonObject
  readonly status?: ConnectionStatus
  readonly streams?: readonly string[] | null
  readonly syncFrequency?: string | null
  readonly nextRunAtMs?: number | null
  readonly nowMs: number
}

export async function create(tx: ScopedTx, connector: NewConnector): Promise<Connector> {
  const { nowMs, config, streams, ownerDid = null, ...columns } = connector
  return tx
    .insertInto('connectors')
    .values({
      ...columns,
      ownerDid,
      destination: ownerDid === null ? 'tables' : 'vault',
      config: jsonb(storableJson(config)),
      streams: streams === null ? null : jsonb(streams),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** How many the tenant has; until the transaction ends nobody else makes one for it. */
export async function countForOneMore(tx: ScopedTx, tenant: string): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`connectors of ${tenant}`}, 0))`.execute(tx)
  const { count } = await tx
    .selectFrom('connectors')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Those whose records are this DID's, of all tenants that the transaction sees; oldest first. */
export async function listByOwnerDid(tx: ScopedTx, did: string): Promise<readonly Connector[]> {
  return tx
    .selectFrom('connectors')
    .selectAll()
    .where('ownerDid', '=', did)
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute()
}

/** Only as good as the lock of `countForOneMore`. */
export async function countOfType(tx: ScopedTx, tenant: string, type: string): Promise<number> {
  const { count } = await tx
    .selectFrom('connectors')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('tenant', '=', tenant)
    .where('type', '=', type)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** `undefined` for another tenant's, as for one that never was. */
export async function get(tx: ScopedTx, id: string): Promise<Connector | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('connectors').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Of the transaction's tenant, oldest first; the next page starts after the last one of this page. */
export async function list(
  tx: ScopedTx,
  page: {
    readonly status?: ConnectionStatus | undefined
    readonly type?: string | undefined
    readonly subject?: string | undefined
    readonly after?: { readonly createdAtMs: number; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<readonly Connector[]> {
  const { status, type, subject, after } = page
  if (after !== undefined && !isUuid(after.id)) return []
  let query = tx.selectFrom('connectors').selectAll().where('tenant', '=', thisTenant)
  if (status !== undefined) query = query.where('status', '=', status)
  if (type !== undefined) query = query.where('type', '=', type)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (after !== undefined)
    query = query.where(sql<boolean>`(created_at_ms, id) > (${after.createdAtMs}::bigint, ${after.id}::uuid)`)
  return query.orderBy('createdAtMs').orderBy('id').limit(page.limit).execute()
}

/**
 * Counts the version up. `undefined`: there is no such connector.
 * @throws NodeError WRITE_CONFLICT when it is not at `expectedVersion`
 */
export async function update(
  tx: ScopedTx,
  id: string,
  changes: ConnectorChanges,
  expectedVersion?: number,
): Promise<Connector | undefined> {
  if (!isUuid(id)) return undefined
  const { nowMs, config, streams, ...columns } = changes
  let query = tx
    .updateTable('connectors')
    .set({
      ...columns,
      ...(config === undefined ? {} : { config: jsonb(storableJson(config)) }),
      ...(streams === undefined ? {} : { streams: streams === null ? null : jsonb(streams) }),
      version: sql<number>`version + 1`,
      updatedAtMs: nowMs,
    })
    .where('id', '=', id)
  if (expectedVersion !== undefined) query = query.where('version', '=', expectedVersion)
  const row = await query.returningAll().executeTakeFirst()
  if (row !== undefined || expectedVersion === undefined) return row
  if ((await get(tx, id)) === undefined) return undefined
  throw new NodeError('WRITE_CONFLICT', { detail: 'the connector was changed since it was read' })
}

/** With its credentials, records and usage. Its connection stays: syncs are listed of it. `false`: there was none. */
export async function remove(tx: ScopedTx, id: string): Promise<boolean> {
  if (!isUuid(id)) return false
  const { numDeletedRows } = await tx.deleteFrom('connectors').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
