/** Where each stream and partition of a database goes on; sealed with a key of that database. */
import type { Selectable } from 'kysely'
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
