/** Which documents the last scans saw, for streams whose deletions show only as absence from a complete scan. */
import { sql } from 'kysely'
import type { Handle } from '../handle.js'
import { batches, textArray } from '../sql-values.js'
import type { LaneKey } from './sync-cursors.js'

const BATCH = 1_000

/** Notes documents as seen by this scan. A scan that is older than what is noted changes nothing. */
export async function mark(
  handle: Handle,
  lane: LaneKey,
  documentIds: Iterable<string>,
  scanNumber: number,
): Promise<void> {
  for (const ids of batches([...new Set(documentIds)], BATCH)) {
    await sql`
      insert into scan_items (database, stream, partition, document_id, scan_number)
      select ${lane.database}, ${lane.stream}, ${lane.partition}, id, ${scanNumber}::int from unnest(${textArray(ids)}) as id
      on conflict (database, stream, partition, document_id)
      do update set scan_number = greatest(scan_items.scan_number, excluded.scan_number)
    `.execute(handle)
  }
}

/** Documents not seen by this scan, sorted; the next page starts after the last id of this one. */
export async function missing(
  handle: Handle,
  lane: LaneKey,
  scanNumber: number,
  page: { readonly after?: string; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await inLane(handle, lane)
    .select('documentId')
    .where('scanNumber', '<', scanNumber)
    .where('documentId', '>', page.after ?? '')
    .orderBy('documentId')
    .limit(page.limit)
    .execute()
  return rows.map((row) => row.documentId)
}

/** All documents noted, and those that this scan did not see. */
export async function count(
  handle: Handle,
  lane: LaneKey,
  scanNumber: number,
): Promise<{ readonly all: number; readonly missing: number }> {
  return inLane(handle, lane)
    .select(({ fn }) => [
      fn.countAll<number>().as('all'),
      fn.countAll<number>().filterWhere('scanNumber', '<', scanNumber).as('missing'),
    ])
    .executeTakeFirstOrThrow()
}

export async function remove(handle: Handle, lane: LaneKey, documentIds: readonly string[]): Promise<void> {
  for (const ids of batches(documentIds, BATCH)) {
    await handle
      .deleteFrom('scanItems')
      .where('database', '=', lane.database)
      .where('stream', '=', lane.stream)
      .where('partition', '=', lane.partition)
      .where('documentId', '=', sql<string>`any(${textArray(ids)})`)
      .execute()
  }
}

export async function removeByDatabase(handle: Handle, database: string): Promise<void> {
  await handle.deleteFrom('scanItems').where('database', '=', database).execute()
}

function inLane(handle: Handle, lane: LaneKey) {
  return handle
    .selectFrom('scanItems')
    .where('database', '=', lane.database)
    .where('stream', '=', lane.stream)
    .where('partition', '=', lane.partition)
}
