/** Where tenants want to be told of events. What is told, and what became of it, is in webhook-events.ts and webhook-deliveries.ts. */
import { sql, type Selectable } from 'kysely'
import { NodeError } from '../../errors.js'
import type { ScopedTx } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import { thisTenant } from '../tenant-scope.js'
import type { WebhooksTable } from '../tables.js'

export type Webhook = Readonly<Selectable<WebhooksTable>>

export interface NewWebhook {
  /** A UUID. */
  readonly id: string
  readonly tenant: string
  readonly url: string
  readonly events: readonly string[]
  readonly enabled: boolean
  readonly description: string
  readonly secretsSealed: string
  readonly nowMs: number
}

/** What may change; members left out stay as they are. */
export interface WebhookChanges {
  readonly url?: string
  readonly events?: readonly string[]
  readonly enabled?: boolean
  readonly disabledReason?: WebhooksTable['disabledReason']
  readonly description?: string
  readonly secretsSealed?: string
  readonly failingSinceMs?: number | null
  readonly holdUntilMs?: number | null
  readonly nowMs: number
}

/** `undefined`: the tenant has as many as `most`. */
export async function create(
  tx: ScopedTx,
  { nowMs, events, ...columns }: NewWebhook,
  most: number,
): Promise<Webhook | undefined> {
  // Two that are made at the same time are counted one after the other.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`webhooks of ${columns.tenant}`}, 0))`.execute(tx)
  const { count } = await tx
    .selectFrom('webhooks')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('tenant', '=', columns.tenant)
    .executeTakeFirstOrThrow()
  if (count >= most) return undefined
  return tx
    .insertInto('webhooks')
    .values({
      ...columns,
      events: jsonb(events),
      disabledReason: columns.enabled ? null : 'request',
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** `undefined` for another tenant's, as for one that never was. */
export async function get(tx: ScopedTx, id: string): Promise<Webhook | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lock(tx: ScopedTx, id: string): Promise<Webhook | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('webhooks').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
}

/** Of the transaction's tenant, oldest first; the next page starts after the last one of this page. */
export async function list(
  tx: ScopedTx,
  page: {
    readonly after?: { readonly createdAtMs: number; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<readonly Webhook[]> {
  const { after } = page
  let query = tx.selectFrom('webhooks').selectAll().where('tenant', '=', thisTenant)
  if (after !== undefined)
    query = query.where(sql<boolean>`(created_at_ms, id) > (${after.createdAtMs}::bigint, ${after.id}::uuid)`)
  return query.orderBy('createdAtMs').orderBy('id').limit(page.limit).execute()
}

/** Of every tenant, in pages; takes `store.node`. */
export async function listAll(
  tx: ScopedTx,
  page: { readonly afterId?: string | undefined; readonly limit: number },
): Promise<readonly Webhook[]> {
  let query = tx.selectFrom('webhooks').selectAll()
  if (page.afterId !== undefined) query = query.where('id', '>', page.afterId)
  return query.orderBy('id').limit(page.limit).execute()
}

/**
 * A change by people: counts the version up. `undefined`: there is no such webhook.
 * @throws NodeError WRITE_CONFLICT when it is not at `expectedVersion`
 */
export async function update(
  tx: ScopedTx,
  id: string,
  { nowMs, events, ...columns }: WebhookChanges,
  expectedVersion?: number,
): Promise<Webhook | undefined> {
  if (!isUuid(id)) return undefined
  let query = tx
    .updateTable('webhooks')
    .set({
      ...columns,
      ...(events !== undefined && { events: jsonb(events) }),
      version: sql<number>`version + 1`,
      updatedAtMs: nowMs,
    })
    .where('id', '=', id)
  if (expectedVersion !== undefined) query = query.where('version', '=', expectedVersion)
  const row = await query.returningAll().executeTakeFirst()
  if (row !== undefined || expectedVersion === undefined) return row
  if ((await get(tx, id)) === undefined) return undefined
  throw new NodeError('WRITE_CONFLICT', { detail: 'the webhook was changed since it was read' })
}

/** What deliveries find out, and a new seal; the version stays. */
export async function note(
  tx: ScopedTx,
  id: string,
  facts: Pick<
    WebhookChanges,
    'enabled' | 'disabledReason' | 'failingSinceMs' | 'holdUntilMs' | 'secretsSealed'
  >,
): Promise<void> {
  await tx.updateTable('webhooks').set(facts).where('id', '=', id).execute()
}

/** Seals again what nobody has written since. `false`: somebody has. */
export async function reseal(
  tx: ScopedTx,
  id: string,
  sealed: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('webhooks')
    .set({ secretsSealed: sealed.to })
    .where('id', '=', id)
    .where('secretsSealed', '=', sealed.from)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** With its deliveries. `false`: there was none. */
export async function remove(tx: ScopedTx, id: string): Promise<boolean> {
  if (!isUuid(id)) return false
  const { numDeletedRows } = await tx.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
