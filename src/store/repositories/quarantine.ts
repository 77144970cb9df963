/** Records that did not pass, sealed with a key of their database, until they pass, expire or are forgotten. */
import { randomUUID } from 'node:crypto'
import { sql, type Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import { storableText } from '../sql-values.js'
import type { QuarantineTable } from '../tables.js'

export type QuarantinedItem = Readonly<Selectable<QuarantineTable>>

const MAX_REASON = 1_000

/** The same item again keeps its id and the day it will be erased; its seal and reason are the newest. */
export async function upsert(
  handle: Handle,
  item: Omit<QuarantinedItem, 'id' | 'createdAtMs'>,
  nowMs: number,
): Promise<void> {
  const row = { ...item, reason: storableText(item.reason, MAX_REASON) }
  await handle
    .insertInto('quarantine')
    .values({ id: randomUUID(), ...row, createdAtMs: nowMs })
    .onConflict((conflict) =>
      conflict
        .columns(['database', 'stream', 'itemHash'])
        .doUpdateSet({ sealed: row.sealed, reason: row.reason, partition: row.partition }),
    )
    .execute()
}

/** By id; the next page starts after the last id of this one. Expired ones are left out. */
export async function listForRetry(
  handle: Handle,
  database: string,
  page: { readonly nowMs: number; readonly afterId?: string; readonly limit?: number },
): Promise<readonly QuarantinedItem[]> {
  const { afterId } = page
  return handle
    .selectFrom('quarantine')
    .selectAll()
    .where('database', '=', database)
    .where('expiresAtMs', '>', page.nowMs)
    .$if(afterId !== undefined, (query) => query.where('id', '>', afterId ?? ''))
    .orderBy('id')
    .limit(page.limit ?? 500)
    .execute()
}

export async function remove(handle: Handle, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await handle
    .deleteFrom('quarantine')
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .execute()
}

/** Removes what is over its time; gives how many. */
export async function purgeExpired(handle: Handle, nowMs: number): Promise<number> {
  const { numDeletedRows } = await handle
    .deleteFrom('quarantine')
    .where('expiresAtMs', '<=', nowMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

export async function count(handle: Handle, database: string): Promise<number> {
  const row = await handle
    .selectFrom('quarantine')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('database', '=', database)
    .executeTakeFirstOrThrow()
  return row.count
}

export async function removeByDatabase(handle: Handle, database: string): Promise<void> {
  await handle.deleteFrom('quarantine').where('database', '=', database).execute()
}
