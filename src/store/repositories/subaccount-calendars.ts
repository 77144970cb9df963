/** Calendars of subaccounts: each a connector of its own, with the newest link that invites to connect it. */
import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid } from '../sql-values.js'
import type { SubaccountCalendarsTable } from '../tables.js'

export type SubaccountCalendar = Readonly<Selectable<SubaccountCalendarsTable>>

export interface NewLink {
  readonly linkHash: string
  readonly linkExpiresAtMs: number
  readonly nowMs: number
}

export interface NewCalendar extends NewLink {
  readonly tenant: string
  readonly subaccountConnectorId: string
  readonly connectorId: string
}

export async function create(tx: ScopedTx, { nowMs, ...columns }: NewCalendar): Promise<SubaccountCalendar> {
  return tx
    .insertInto('subaccountCalendars')
    .values({ id: randomUUID(), ...columns, createdAtMs: nowMs, updatedAtMs: nowMs })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Another link takes the place of the one before, which opens nothing any more. `undefined`: it is gone. */
export async function renewLink(
  tx: ScopedTx,
  id: string,
  { nowMs, ...link }: NewLink,
): Promise<SubaccountCalendar | undefined> {
  return tx
    .updateTable('subaccountCalendars')
    .set({ ...link, linkUsedAtMs: null, mailedAtMs: null, updatedAtMs: nowMs })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}

/** `undefined` for another tenant's, as for one that never was. */
export async function get(tx: ScopedTx, id: string): Promise<SubaccountCalendar | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('subaccountCalendars').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function ofConnector(
  tx: ScopedTx,
  connectorId: string,
): Promise<SubaccountCalendar | undefined> {
  if (!isUuid(connectorId)) return undefined
  return tx
    .selectFrom('subaccountCalendars')
    .selectAll()
    .where('connectorId', '=', connectorId)
    .executeTakeFirst()
}

/** Takes `store.node`: whoever follows a link has not said whose it is. */
export async function byLink(tx: ScopedTx, linkHash: string): Promise<SubaccountCalendar | undefined> {
  return tx.selectFrom('subaccountCalendars').selectAll().where('linkHash', '=', linkHash).executeTakeFirst()
}

/** Oldest first. */
export async function list(
  tx: ScopedTx,
  subaccountConnectorId: string,
): Promise<readonly SubaccountCalendar[]> {
  return tx
    .selectFrom('subaccountCalendars')
    .selectAll()
    .where('subaccountConnectorId', '=', subaccountConnectorId)
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute()
}

/** Its account is connected: its link has done what it was for. */
export async function markConnected(tx: ScopedTx, id: string, nowMs: number): Promise<void> {
  const changes = { connectedAtMs: nowMs, linkUsedAtMs: nowMs, updatedAtMs: nowMs }
  await tx.updateTable('subaccountCalendars').set(changes).where('id', '=', id).execute()
}

/** Of this link and no other. */
export async function markMailed(tx: ScopedTx, linkHash: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('subaccountCalendars')
    .set({ mailedAtMs: nowMs })
    .where('linkHash', '=', linkHash)
    .execute()
}
