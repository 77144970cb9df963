/** What is still to be done for calendars: mails to send and metadata to set, each once, tried until it is done. */
import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid } from '../sql-values.js'
import type { CalendarOutboxTable, OutboxKind } from '../tables.js'

export type CalendarTurn = Readonly<Selectable<CalendarOutboxTable>>

/** A queued one that was not tried for so long was lost on its way. */
const LOST_MS = 5 * 60_000

/** In the transaction of what it follows from. One that waits already begins anew, under another id. */
export async function put(
  tx: ScopedTx,
  {
    nowMs,
    ...row
  }: Pick<CalendarTurn, 'tenant' | 'calendarId' | 'kind' | 'nextTryAtMs'> & {
    readonly nowMs: number
  },
): Promise<string> {
  const anew = { id: randomUUID(), tries: 0, nextTryAtMs: row.nextTryAtMs, queuedAtMs: null }
  const { id } = await tx
    .insertInto('calendarOutbox')
    .values({ ...row, ...anew, createdAtMs: nowMs })
    .onConflict((conflict) =>
      conflict.columns(['calendarId', 'kind']).doUpdateSet({ ...anew, lastErrorCode: null }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Marks those whose time has come as queued and gives them, of every tenant. Takes `store.node`. */
export async function claimDue(
  tx: ScopedTx,
  kind: OutboxKind,
  nowMs: number,
  limit: number,
): Promise<readonly CalendarTurn[]> {
  return tx
    .updateTable('calendarOutbox')
    .set({ queuedAtMs: nowMs })
    .where('id', 'in', (due) =>
      due
        .selectFrom('calendarOutbox')
        .select('id')
        .where('kind', '=', kind)
        .where('nextTryAtMs', '<=', nowMs)
        .where((is) => is.or([is('queuedAtMs', 'is', null), is('queuedAtMs', '<', nowMs - LOST_MS)]))
        .orderBy('nextTryAtMs')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute()
}

export async function get(tx: ScopedTx, id: string): Promise<CalendarTurn | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('calendarOutbox').selectAll().where('id', '=', id).executeTakeFirst()
}

/** It is tried again then. */
export async function putOff(
  tx: ScopedTx,
  id: string,
  facts: Pick<CalendarTurn, 'tries' | 'nextTryAtMs' | 'lastErrorCode'>,
): Promise<void> {
  await tx
    .updateTable('calendarOutbox')
    .set({ ...facts, queuedAtMs: null })
    .where('id', '=', id)
    .execute()
}

/** By its id, so that one that began anew meanwhile stays. */
export async function remove(tx: ScopedTx, id: string): Promise<void> {
  await tx.deleteFrom('calendarOutbox').where('id', '=', id).execute()
}

/** Nothing of this kind is to be done for it any more. */
export async function cancel(tx: ScopedTx, calendarId: string, kind: OutboxKind): Promise<void> {
  await tx
    .deleteFrom('calendarOutbox')
    .where('calendarId', '=', calendarId)
    .where('kind', '=', kind)
    .execute()
}
