/** Connectors that a service told of: one row each, however many deliveries came, until a sync is queued. Takes `store.node`. */
import { sql, type RawBuilder, type Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { textArray } from '../sql-values.js'
import type { InboundChangesTable } from '../tables.js'

export type InboundChange = Readonly<Selectable<InboundChangesTable>>

/** When the sync of a change begins: so long after the last delivery, but never longer after the first. */
export interface FoldTimes {
  readonly nowMs: number
  readonly quietMs: number
  readonly mostMs: number
}

/** `null`: all of them. */
export type ChangedStreams = readonly string[] | null

/** `false`: the connector runs no syncs now. */
export async function note(
  tx: ScopedTx,
  connectorId: string,
  streams: ChangedStreams,
  times: FoldTimes,
): Promise<boolean> {
  const told = sql`(select ${asJson(streams)} as streams) as told join connectors on connectors.id = ${connectorId}`
  return (await fold(tx, told, times)).length > 0
}

/** Every connector of these accounts; gives the hashes that have one. */
export async function noteAccounts(
  tx: ScopedTx,
  type: string,
  accounts: readonly { readonly accountHash: string; readonly streams: ChangedStreams }[],
  times: FoldTimes,
): Promise<readonly string[]> {
  if (accounts.length === 0) return []
  const hashes = textArray(accounts.map(({ accountHash }) => accountHash))
  const lists = textArray(accounts.map(({ streams }) => JSON.stringify(streams)))
  const told = sql`
    (select hash, nullif(list::jsonb, 'null'::jsonb) as streams from unnest(${hashes}, ${lists}) as given (hash, list)) as told
    join connectors on connectors.type = ${type} and connectors.account_hash = told.hash`
  return fold(tx, told, times)
}

/** Every connector of a type; gives how many. */
export async function noteType(
  tx: ScopedTx,
  type: string,
  streams: ChangedStreams,
  times: FoldTimes,
): Promise<number> {
  const told = sql`(select ${asJson(streams)} as streams) as told join connectors on connectors.type = ${type}`
  return (await fold(tx, told, times)).length
}

const asJson = (streams: ChangedStreams): RawBuilder<unknown> =>
  sql`${streams === null ? null : JSON.stringify(streams)}::jsonb`

async function fold(
  tx: ScopedTx,
  told: RawBuilder<unknown>,
  { nowMs, quietMs, mostMs }: FoldTimes,
): Promise<readonly string[]> {
  const { rows } = await sql<{ hash: string | null }>`
    with matched as (
      select connectors.id, connectors.tenant, connectors.account_hash as hash, told.streams
      from ${told} where connectors.status in ('active', 'error')
    ), folded as (
      insert into inbound_changes (connector_id, tenant, streams, deliveries, first_at_ms, due_at_ms)
      select id, tenant, streams, 1, ${nowMs}::bigint, ${nowMs + quietMs}::bigint from matched order by id
      on conflict (connector_id) do update set
        streams = case when inbound_changes.streams is null or excluded.streams is null then null
          else (select jsonb_agg(distinct name) from jsonb_array_elements(inbound_changes.streams || excluded.streams) as name) end,
        deliveries = inbound_changes.deliveries + 1,
        due_at_ms = least(excluded.due_at_ms, inbound_changes.first_at_ms + ${mostMs}::bigint)
    )
    select hash from matched`.execute(tx)
  return rows.map(({ hash }) => hash ?? '')
}

/** Gives those whose time has come; they come again after `againMs` when nobody takes them. */
export async function claimDue(
  tx: ScopedTx,
  facts: { readonly nowMs: number; readonly againMs: number; readonly limit: number },
): Promise<readonly Pick<InboundChange, 'connectorId' | 'tenant'>[]> {
  const { nowMs, againMs, limit } = facts
  return tx
    .updateTable('inboundChanges')
    .set({ dueAtMs: nowMs + againMs, firstAtMs: nowMs })
    .where('connectorId', 'in', (due) =>
      due
        .selectFrom('inboundChanges')
        .select('connectorId')
        .where('dueAtMs', '<=', nowMs)
        .orderBy('dueAtMs')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['connectorId', 'tenant'])
    .execute()
}

export async function get(tx: ScopedTx, connectorId: string): Promise<InboundChange | undefined> {
  return tx.selectFrom('inboundChanges').selectAll().where('connectorId', '=', connectorId).executeTakeFirst()
}

/** A sync that runs may have passed it: it is looked at again then. */
export async function putOff(tx: ScopedTx, connectorId: string, dueAtMs: number): Promise<void> {
  await tx.updateTable('inboundChanges').set({ dueAtMs }).where('connectorId', '=', connectorId).execute()
}

/** Unless more was told meanwhile. */
export async function settle(
  tx: ScopedTx,
  { connectorId, deliveries }: Pick<InboundChange, 'connectorId' | 'deliveries'>,
): Promise<void> {
  await tx
    .deleteFrom('inboundChanges')
    .where('connectorId', '=', connectorId)
    .where('deliveries', '=', deliveries)
    .execute()
}
