/** The outbox: events as they are told, in the transaction of what they tell, with a delivery for every webhook that wants them. */
import { sql } from 'kysely'
import type { ScopedTx } from '../handle.js'

export interface NewWebhookEvent {
  readonly id: string
  readonly tenant: string
  readonly type: string
  /** As it is sent. */
  readonly payload: string
  readonly nowMs: number
}

/** Nothing is written when no webhook of the tenant, enabled or not, wants this type. Gives the number of deliveries. */
export async function tell(tx: ScopedTx, event: NewWebhookEvent): Promise<number> {
  const { id, tenant, type, payload, nowMs } = event
  const wanted = JSON.stringify([type])
  const { rows } = await sql`
    insert into webhook_events (id, tenant, type, payload, created_at_ms)
    select ${id}, ${tenant}, ${type}, ${payload}, ${nowMs}::bigint
    where exists (select from webhooks where tenant = ${tenant} and events @> ${wanted}::jsonb)
    returning id`.execute(tx)
  if (rows.length === 0) return 0
  // The lock: a webhook that is being deleted must not fail what is told.
  const { numAffectedRows } = await sql`
    insert into webhook_deliveries
      (id, tenant, webhook_id, event_id, state, next_try_at_ms, created_at_ms, updated_at_ms)
    select gen_random_uuid(), tenant, id, ${id}, 'waiting', ${nowMs}::bigint, ${nowMs}::bigint, ${nowMs}::bigint
    from (
      select id, tenant from webhooks
      where tenant = ${tenant} and enabled and events @> ${wanted}::jsonb
      for key share
    ) as listening`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

/** For one webhook, whatever it wants to hear. Gives the delivery's id. */
export async function tellOne(tx: ScopedTx, event: NewWebhookEvent, webhookId: string): Promise<string> {
  const { nowMs, ...columns } = event
  await tx
    .insertInto('webhookEvents')
    .values({ ...columns, createdAtMs: nowMs })
    .execute()
  const { id } = await tx
    .insertInto('webhookDeliveries')
    .values({
      id: sql<string>`gen_random_uuid()`,
      tenant: event.tenant,
      webhookId,
      eventId: event.id,
      state: 'waiting',
      nextTryAtMs: nowMs,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** With their deliveries. Takes `store.node`. */
export async function purge(tx: ScopedTx, beforeMs: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('webhookEvents')
    .where('createdAtMs', '<', beforeMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
