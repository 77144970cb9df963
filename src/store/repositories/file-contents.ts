/** Which contents of files a vault's databases hold, and which are still to be fetched; what is said of them is sealed. */
import { sql, type Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import { batches, textArray } from '../sql-values.js'
import type { FileContentsTable } from '../tables.js'

export type FileContentRow = Readonly<Selectable<FileContentsTable>>

type Lane = Pick<FileContentRow, 'database' | 'stream'>

const BATCH = 1_000

/** By document id. */
export async function getMany(
  handle: Handle,
  of: Lane,
  documentIds: readonly string[],
): Promise<ReadonlyMap<string, FileContentRow>> {
  const found = new Map<string, FileContentRow>()
  for (const ids of batches(documentIds, BATCH)) {
    const rows = await inLane(handle, of)
      .selectAll()
      .where('documentId', '=', sql<string>`any(${textArray(ids)})`)
      .execute()
    for (const row of rows) found.set(row.documentId, row)
  }
  return found
}

/** The next ones to fetch, those that failed last; without `except`. */
export async function wanted(
  handle: Handle,
  of: Lane,
  { limit, except }: { readonly limit: number; readonly except: readonly string[] },
): Promise<readonly FileContentRow[]> {
  return inLane(handle, of)
    .selectAll()
    .where('state', '=', 'wanted')
    .$if(except.length > 0, (query) =>
      query.where('documentId', '<>', sql<string>`all(${textArray(except)})`),
    )
    .orderBy('failures')
    .orderBy('documentId')
    .limit(limit)
    .execute()
}

/** Any of them, by id. */
export async function listIds(handle: Handle, of: Lane, limit: number): Promise<readonly string[]> {
  const rows = await inLane(handle, of).select('documentId').orderBy('documentId').limit(limit).execute()
  return rows.map(({ documentId }) => documentId)
}

export async function put(
  handle: Handle,
  row: Omit<FileContentRow, 'updatedAtMs'>,
  nowMs: number,
): Promise<void> {
  const { state, sealed, failures } = row
  const changing = { state, sealed, failures, updatedAtMs: nowMs }
  await handle
    .insertInto('fileContents')
    .values({ ...row, updatedAtMs: nowMs })
    .onConflict((conflict) => conflict.columns(['database', 'stream', 'documentId']).doUpdateSet(changing))
    .execute()
}

export async function remove(handle: Handle, of: Lane, documentIds: readonly string[]): Promise<void> {
  for (const ids of batches(documentIds, BATCH)) {
    await handle
      .deleteFrom('fileContents')
      .where('database', '=', of.database)
      .where('stream', '=', of.stream)
      .where('documentId', '=', sql<string>`any(${textArray(ids)})`)
      .execute()
  }
}

export async function removeByDatabase(handle: Handle, database: string): Promise<void> {
  await handle.deleteFrom('fileContents').where('database', '=', database).execute()
}

function inLane(handle: Handle, of: Lane) {
  return handle.selectFrom('fileContents').where('database', '=', of.database).where('stream', '=', of.stream)
}
