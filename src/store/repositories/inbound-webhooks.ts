/** Registrations at services: one a connector. The part of the address that nobody can guess, and the secrets, are sealed. */
import type { Insertable, Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import type { InboundWebhooksTable } from '../tables.js'

export type InboundWebhookRow = Readonly<Selectable<InboundWebhooksTable>>

type NewInboundWebhook = Omit<Insertable<InboundWebhooksTable>, 'lastDeliveryAtMs'>

/** `undefined`: the connector has one. */
export async function create(
  tx: ScopedTx,
  { streams, ...columns }: NewInboundWebhook,
): Promise<InboundWebhookRow | undefined> {
  return tx
    .insertInto('inboundWebhooks')
    .values({ ...columns, streams: jsonb(streams) })
    .onConflict((conflict) => conflict.column('connectorId').doNothing())
    .returningAll()
    .executeTakeFirst()
}

export async function get(tx: ScopedTx, id: string): Promise<InboundWebhookRow | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('inboundWebhooks').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function ofConnector(tx: ScopedTx, connectorId: string): Promise<InboundWebhookRow | undefined> {
  if (!isUuid(connectorId)) return undefined
  return tx
    .selectFrom('inboundWebhooks')
    .selectAll()
    .where('connectorId', '=', connectorId)
    .executeTakeFirst()
}

/** By the hash of its path, of any tenant. Takes `store.node`. */
export async function byPath(tx: ScopedTx, pathHash: string): Promise<InboundWebhookRow | undefined> {
  return tx.selectFrom('inboundWebhooks').selectAll().where('pathHash', '=', pathHash).executeTakeFirst()
}

export interface InboundWebhookChanges {
  readonly registrationSealed?: string
  readonly streams?: readonly string[]
  readonly status?: InboundWebhookRow['status']
  readonly expiresAtMs?: number | null
  readonly renewAtMs?: number | null
  readonly lastErrorCode?: string | null
  readonly updatedAtMs: number
}

/** `undefined`: it is gone, or its sealed part is not the one that was read. */
export async function update(
  tx: ScopedTx,
  { id, registrationSealed: from }: Pick<InboundWebhookRow, 'id' | 'registrationSealed'>,
  { streams, ...columns }: InboundWebhookChanges,
): Promise<InboundWebhookRow | undefined> {
  return tx
    .updateTable('inboundWebhooks')
    .set({ ...columns, ...(streams !== undefined && { streams: jsonb(streams) }) })
    .where('id', '=', id)
    .where('registrationSealed', '=', from)
    .returningAll()
    .executeTakeFirst()
}

/** Deliveries come in bursts: one time a second is enough. */
export async function noteDelivery(tx: ScopedTx, id: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('inboundWebhooks')
    .set({ lastDeliveryAtMs: nowMs })
    .where('id', '=', id)
    .where((is) => is.or([is('lastDeliveryAtMs', 'is', null), is('lastDeliveryAtMs', '<', nowMs - 1_000)]))
    .execute()
}

export async function remove(tx: ScopedTx, id: string): Promise<void> {
  await tx.deleteFrom('inboundWebhooks').where('id', '=', id).execute()
}

/** Those that are to be renewed; they come again at `againAtMs` unless they are by then. Takes `store.node`. */
export async function claimRenewals(
  tx: ScopedTx,
  facts: { readonly nowMs: number; readonly againAtMs: number; readonly limit: number },
): Promise<readonly Pick<InboundWebhookRow, 'id' | 'tenant' | 'connectorId'>[]> {
  const { nowMs, againAtMs, limit } = facts
  return tx
    .updateTable('inboundWebhooks')
    .set({ renewAtMs: againAtMs })
    .where('id', 'in', (due) =>
      due
        .selectFrom('inboundWebhooks')
        .select('id')
        .where('renewAtMs', '<=', nowMs)
        .orderBy('renewAtMs')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'tenant', 'connectorId'])
    .execute()
}

/** Of everyone, for a change of keys; the next page starts after the last id of this one. Takes `store.node`. */
export async function listAll(
  tx: ScopedTx,
  page: { readonly afterId?: string | undefined; readonly limit: number },
): Promise<readonly InboundWebhookRow[]> {
  let query = tx.selectFrom('inboundWebhooks').selectAll()
  if (page.afterId !== undefined) query = query.where('id', '>', page.afterId)
  return query.orderBy('id').limit(page.limit).execute()
}
