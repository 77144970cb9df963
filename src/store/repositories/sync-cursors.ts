/** Where each stream and partition of a database goes on; sealed with a key of that database. */
import { sql, type Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import type { SyncCursorsTable } from '../tables.js'

export type SyncCursor = Readonly<Selectable<SyncCursorsTable>>

/** Names one cursor, and the items of one scan. */
export interface LaneKey {
  readonly database: string
  readonly stream: string
  readonly partition: string
}

export async function get(handle: Handle, lane: LaneKey): Promise<SyncCursor | undefined> {
  return handle
    .selectFrom('syncCursors')
    .selectAll()
    .where('database', '=', lane.database)
    .where('stream', '=', lane.stream)
    .where('partition', '=', lane.partition)
    .executeTakeFirst()
}

export async function listByDatabase(handle: Handle, database: string): Promise<readonly SyncCursor[]> {
  return handle
    .selectFrom('syncCursors')
    .selectAll()
    .where('database', '=', database)
    .orderBy('stream')
    .orderBy('partition')
    .execute()
}

export async function put(
  handle: Handle,
  cursor: Omit<SyncCursor, 'updatedAtMs'>,
  nowMs: number,
): Promise<void> {
  const { revision, cursorSealed, scanNumber } = cursor
  const changing = { revision, cursorSealed, scanNumber, updatedAtMs: nowMs }
  await handle
    .insertInto('syncCursors')
    .values({ ...cursor, updatedAtMs: nowMs })
    .onConflict((conflict) => conflict.columns(['database', 'stream', 'partition']).doUpdateSet(changing))
    .execute()
}

export async function removeByDatabase(handle: Handle, database: string): Promise<void> {
  await handle.deleteFrom('syncCursors').where('database', '=', database).execute()
}

/** Of all databases whose name begins so, for a change of keys; the next page starts after the last one of this page. */
export async function listAll(
  handle: Handle,
  page: { readonly prefix: string; readonly after?: LaneKey | undefined; readonly limit: number },
): Promise<readonly SyncCursor[]> {
  const { prefix, after } = page
  let query = handle
    .selectFrom('syncCursors')
    .selectAll()
    .where(sql<boolean>`starts_with(database, ${prefix})`)
  if (after !== undefined)
    query = query.where(
      sql<boolean>`(database, stream, partition) > (${after.database}, ${after.stream}, ${after.partition})`,
    )
  return query.orderBy('database').orderBy('stream').orderBy('partition').limit(page.limit).execute()
}

/** The same cursor under another key; `false`, and nothing written, when it has moved on. */
export async function reseal(handle: Handle, lane: LaneKey, from: string, to: string): Promise<boolean> {
  const { numUpdatedRows } = await handle
    .updateTable('syncCursors')
    .set({ cursorSealed: to })
    .where('database', '=', lane.database)
    .where('stream', '=', lane.stream)
    .where('partition', '=', lane.partition)
    .where('cursorSealed', '=', from)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
