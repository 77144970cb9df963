/** What became of events on their way to webhooks: the log of tries, and when the next one is due. */
import { sql, type Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import type { DeliveryState, WebhookAttempt, WebhookDeliveriesTable } from '../tables.js'
import type { Webhook } from './webhooks.js'
import * as webhooks from './webhooks.js'

export type Delivery = Readonly<Selectable<WebhookDeliveriesTable>> & {
  readonly type: string
  readonly eventAtMs: number
}

export interface DueDelivery {
  readonly id: string
  readonly tenant: string
  readonly webhookId: string
}

/** Everything that one try needs. */
export interface DeliveryTurn {
  readonly delivery: Delivery & { readonly payload: string }
  readonly webhook: Webhook
}

/** How a try left a delivery. */
export interface TryEnd {
  readonly state: DeliveryState
  /** Missing when it was put off without a try. */
  readonly attempt?: WebhookAttempt
  readonly nextTryAtMs: number | null
  readonly nowMs: number
}

/** A queued one that was not tried for so long was lost on its way. */
const LOST_MS = 15 * 60_000
const MOST_ATTEMPTS = 50

/** Marks those whose time has come as queued and gives them, of every tenant, the longest waiting first. Takes `store.node`. */
export async function claimDue(tx: ScopedTx, nowMs: number, limit: number): Promise<readonly DueDelivery[]> {
  return tx
    .updateTable('webhookDeliveries')
    .set({ queuedAtMs: nowMs })
    .where('id', 'in', (due) =>
      due
        .selectFrom('webhookDeliveries')
        .select('id')
        .where('state', '=', 'waiting')
        .where('nextTryAtMs', '<=', nowMs)
        .where((is) => is.or([is('queuedAtMs', 'is', null), is('queuedAtMs', '<', nowMs - LOST_MS)]))
        .orderBy('nextTryAtMs')
        .orderBy('id')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'tenant', 'webhookId'])
    .execute()
}

/** `undefined` when it waits for no try any more. */
export async function turn(tx: ScopedTx, id: string): Promise<DeliveryTurn | undefined> {
  if (!isUuid(id)) return undefined
  const delivery = await tx
    .selectFrom('webhookDeliveries as d')
    .innerJoin('webhookEvents as e', 'e.id', 'd.eventId')
    .selectAll('d')
    .select(['e.type', 'e.payload', 'e.createdAtMs as eventAtMs'])
    .where('d.id', '=', id)
    .where('d.state', '=', 'waiting')
    .executeTakeFirst()
  if (delivery === undefined) return undefined
  const webhook = await webhooks.get(tx, delivery.webhookId)
  return webhook === undefined ? undefined : { delivery, webhook }
}

/** `false`: it is gone, or was ended by another meanwhile. */
export async function endTry(tx: ScopedTx, id: string, end: TryEnd): Promise<boolean> {
  const { attempt, nowMs, ...columns } = end
  const { numUpdatedRows } = await tx
    .updateTable('webhookDeliveries')
    .set({
      ...columns,
      ...(attempt !== undefined && {
        tries: sql<number>`tries + 1`,
        // Replays may go on for ever: the oldest tries make room.
        attempts: sql<readonly WebhookAttempt[]>`
          case when jsonb_array_length(attempts) < ${MOST_ATTEMPTS} then attempts else attempts - 0 end
          || ${jsonb([attempt])}`,
      }),
      queuedAtMs: null,
      updatedAtMs: nowMs,
    })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export interface LogPage {
  readonly state?: DeliveryState | undefined
  readonly after?: { readonly createdAtMs: number; readonly id: string } | undefined
  readonly limit: number
}

/** Newest first; the next page starts after the last one of this page. */
export async function list(tx: ScopedTx, webhookId: string, page: LogPage): Promise<readonly Delivery[]> {
  const { state, after } = page
  let query = withEvent(tx).where('d.webhookId', '=', webhookId)
  if (state !== undefined) query = query.where('d.state', '=', state)
  if (after !== undefined)
    query = query.where(
      sql<boolean>`(d.created_at_ms, d.id) < (${after.createdAtMs}::bigint, ${after.id}::uuid)`,
    )
  return query.orderBy('d.createdAtMs', 'desc').orderBy('d.id', 'desc').limit(page.limit).execute()
}

/** `undefined`: this webhook has no such delivery. */
export async function get(tx: ScopedTx, webhookId: string, id: string): Promise<Delivery | undefined> {
  if (!isUuid(webhookId) || !isUuid(id)) return undefined
  return withEvent(tx).where('d.webhookId', '=', webhookId).where('d.id', '=', id).executeTakeFirst()
}

const withEvent = (tx: ScopedTx) =>
  tx
    .selectFrom('webhookDeliveries as d')
    .innerJoin('webhookEvents as e', 'e.id', 'd.eventId')
    .selectAll('d')
    .select(['e.type', 'e.createdAtMs as eventAtMs'])

/** Is due again, as at first. */
export async function replay(tx: ScopedTx, id: string, nowMs: number): Promise<void> {
  await tx.updateTable('webhookDeliveries').set(anew(nowMs)).where('id', '=', id).execute()
}

const anew = (nowMs: number) =>
  ({ state: 'waiting', tries: 0, nextTryAtMs: nowMs, queuedAtMs: null, updatedAtMs: nowMs }) as const

export interface ReplaySince {
  readonly sinceMs: number
  /** Leaves out what was delivered. */
  readonly missedOnly: boolean
  readonly most: number
  readonly nowMs: number
}

/** Every event of the webhook's types since then, told to it or not, the oldest first. Gives the time of each. */
export async function replaySince(
  tx: ScopedTx,
  webhook: Webhook,
  { sinceMs, missedOnly, most, nowMs }: ReplaySince,
): Promise<readonly number[]> {
  const { rows } = await sql<{ atMs: number }>`
    with wanted as (
      select e.id, e.created_at_ms from webhook_events e
      where e.tenant = ${webhook.tenant} and e.created_at_ms >= ${sinceMs}::bigint
        and ${JSON.stringify(webhook.events)}::jsonb @> to_jsonb(e.type)
        and not exists (select from webhook_deliveries d where d.webhook_id = ${webhook.id}::uuid and d.event_id = e.id
          and (d.state = 'waiting' or (d.state = 'delivered' and ${missedOnly}::boolean)))
      order by e.created_at_ms, e.id limit ${most}
    ), told as (
      insert into webhook_deliveries as d
        (id, tenant, webhook_id, event_id, state, next_try_at_ms, created_at_ms, updated_at_ms)
      select gen_random_uuid(), ${webhook.tenant}, ${webhook.id}::uuid, id, 'waiting', ${nowMs}::bigint,
        ${nowMs}::bigint, ${nowMs}::bigint
      from wanted
      on conflict (webhook_id, event_id) do update
        set state = 'waiting', tries = 0, next_try_at_ms = excluded.next_try_at_ms, queued_at_ms = null,
          updated_at_ms = excluded.updated_at_ms
    )
    select created_at_ms as "atMs" from wanted order by created_at_ms`.execute(tx)
  return rows.map(({ atMs }) => atMs)
}
