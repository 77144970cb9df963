/** Records that did not pass, sealed with a key of their database, until they pass, expire or are forgotten. */
import { randomUUID } from 'node:crypto'
import { sql, type RawBuilder, type Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import { batches, storableText, textArray } from '../sql-values.js'
import type { QuarantineTable } from '../tables.js'

export type QuarantinedItem = Readonly<Selectable<QuarantineTable>>

const MAX_REASON = 1_000
const BATCH = 1_000

/**
 * The same item again keeps its id and the day it will be erased; its seal and reason are the newest. One whose time
 * is over counts as erased, and comes as new.
 */
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
      conflict.columns(['database', 'stream', 'itemHash']).doUpdateSet({
        sealed: row.sealed,
        reason: row.reason,
        partition: row.partition,
        createdAtMs: unlessOver('created_at_ms', nowMs),
        expiresAtMs: unlessOver('expires_at_ms', nowMs),
      }),
    )
    .execute()
}

function unlessOver(column: 'created_at_ms' | 'expires_at_ms', nowMs: number): RawBuilder<number> {
  const [kept, fresh] = [sql.ref(`quarantine.${column}`), sql.ref(`excluded.${column}`)]
  return sql<number>`case when quarantine.expires_at_ms <= ${nowMs}::bigint then ${fresh} else ${kept} end`
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

/** How many of a connection's items lie here for which reason, the most frequent first. Expired ones are left out. */
export async function reasons(
  handle: Handle,
  connectionId: string,
  { nowMs, limit = 20 }: { readonly nowMs: number; readonly limit?: number },
): Promise<readonly { readonly stream: string; readonly reason: string; readonly items: number }[]> {
  return handle
    .selectFrom('quarantine')
    .select(({ fn }) => ['stream', 'reason', fn.countAll<number>().as('items')])
    .where('connectionId', '=', connectionId)
    .where('expiresAtMs', '>', nowMs)
    .groupBy(['stream', 'reason'])
    .orderBy('items', 'desc')
    .orderBy('stream')
    .orderBy('reason')
    .limit(limit)
    .execute()
}

/** Items that have passed since, or are gone at the source. */
export async function remove(
  handle: Handle,
  of: { readonly database: string; readonly stream: string },
  itemHashes: readonly string[],
): Promise<void> {
  for (const hashes of batches(itemHashes, BATCH)) {
    await handle
      .deleteFrom('quarantine')
      .where('database', '=', of.database)
      .where('stream', '=', of.stream)
      .where('itemHash', '=', sql<string>`any(${textArray(hashes)})`)
      .execute()
  }
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

/** Of all databases whose name begins so, for a change of keys; by id. */
export async function listAll(
  handle: Handle,
  page: { readonly prefix: string; readonly afterId?: string | undefined; readonly limit: number },
): Promise<readonly QuarantinedItem[]> {
  const { prefix, afterId } = page
  return handle
    .selectFrom('quarantine')
    .selectAll()
    .where(sql<boolean>`starts_with(database, ${prefix})`)
    .$if(afterId !== undefined, (query) => query.where('id', '>', afterId ?? ''))
    .orderBy('id')
    .limit(page.limit)
    .execute()
}

/** The same item under another key; `false`, and nothing written, when it has changed. */
export async function reseal(handle: Handle, id: string, from: string, to: string): Promise<boolean> {
  const { numUpdatedRows } = await handle
    .updateTable('quarantine')
    .set({ sealed: to })
    .where('id', '=', id)
    .where('sealed', '=', from)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
