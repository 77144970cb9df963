/** Records of the destination `tables`: the newest form of each document, and a mark where one was deleted. */
import { sql, type Selectable } from 'kysely'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { ScopedTx } from '../handle.js'
import { batches, isUuid, jsonb, storableJson, textArray } from '../sql-values.js'
import type { RecordsTable } from '../tables.js'
import { rowBatches, type RowText } from '../row-batches.js'

export type StoredRecord = Readonly<Selectable<RecordsTable>>

export interface NewRecord {
  readonly connectorId: string
  readonly tenant: string
  readonly schemaUri: string
  readonly documentId: string
  readonly stream: string
  readonly sourceId: string
  readonly data: JsonObject
  /** Of `storableJson(data)`: that is what is kept. */
  readonly contentHash: string
}

/** In `hashes`, of a document that was deleted. */
export const DELETED = 'deleted'

const BATCH = 1_000

/**
 * Writes what is new, changed or was deleted, each with a new sequence; the same content again writes nothing.
 * Of one document twice the last counts.
 */
export async function upsertMany(
  tx: ScopedTx,
  rows: readonly NewRecord[],
  nowMs: number,
): Promise<{ readonly written: number; readonly unchanged: number }> {
  const newest = [...new Map(rows.map((row) => [identity(row), row])).values()]
  await takeSequences(tx, newest)
  let written = 0
  for await (const { json } of rowBatches(newest.map(rowText))) {
    const { numAffectedRows } = await sql`
      insert into records as kept (connector_id, schema_uri, document_id, tenant, stream, source_id, data,
        content_hash, created_at_ms, updated_at_ms)
      select c, s, d, t, st, so, da, h, ${nowMs}::bigint, ${nowMs}::bigint
      from jsonb_to_recordset(${json}::jsonb)
        as row(c uuid, s text, d text, t text, st text, so text, da jsonb, h text)
      on conflict (connector_id, schema_uri, document_id) do update set
        stream = excluded.stream, source_id = excluded.source_id, data = excluded.data,
        content_hash = excluded.content_hash, deleted = false, sequence = excluded.sequence,
        updated_at_ms = excluded.updated_at_ms
      where kept.content_hash <> excluded.content_hash or kept.deleted
    `.execute(tx)
    written += Number(numAffectedRows ?? 0n)
  }
  return { written, unchanged: rows.length - written }
}

const identity = (row: NewRecord): string => JSON.stringify([row.connectorId, row.schemaUri, row.documentId])

const rowText = (row: NewRecord): RowText => ({
  table: 'records',
  json: JSON.stringify({
    c: row.connectorId,
    s: row.schemaUri,
    d: row.documentId,
    t: row.tenant,
    st: row.stream,
    so: storableJson(row.sourceId),
    da: storableJson(row.data),
    h: row.contentHash,
  }),
})

/**
 * One writer per connector until it commits. Without it a reader that follows sequences could pass a number that is
 * committed later, and never see that record.
 */
async function takeSequences(tx: ScopedTx, rows: readonly { readonly connectorId: string }[]): Promise<void> {
  for (const id of [...new Set(rows.map((row) => row.connectorId))].sort())
    await sql`select pg_advisory_xact_lock(hashtextextended(${`records ${id}`}, 0))`.execute(tx)
}

/** Marks documents as deleted and erases what was in them; gives how many were there. */
export async function tombstone(
  tx: ScopedTx,
  of: { readonly connectorId: string; readonly schemaUri: string },
  documentIds: readonly string[],
  nowMs: number,
): Promise<number> {
  await takeSequences(tx, [of])
  let count = 0
  for (const ids of batches(documentIds, BATCH)) {
    const { numUpdatedRows } = await tx
      .updateTable('records')
      .set({
        deleted: true,
        data: jsonb<JsonObject>({}),
        sequence: sql<number>`nextval('record_sequence')`,
        updatedAtMs: nowMs,
      })
      .where('connectorId', '=', of.connectorId)
      .where('schemaUri', '=', of.schemaUri)
      .where('documentId', '=', sql<string>`any(${textArray(ids)})`)
      .where('deleted', '=', false)
      .executeTakeFirst()
    count += Number(numUpdatedRows)
  }
  return count
}

/** What is kept of these documents: a content hash, or `DELETED`; what is not there is not in the map. */
export async function hashes(
  tx: ScopedTx,
  of: { readonly connectorId: string; readonly schemaUri: string },
  documentIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const ids of batches(documentIds, BATCH)) {
    const rows = await tx
      .selectFrom('records')
      .select(['documentId', 'contentHash', 'deleted'])
      .where('connectorId', '=', of.connectorId)
      .where('schemaUri', '=', of.schemaUri)
      .where('documentId', '=', sql<string>`any(${textArray(ids)})`)
      .execute()
    for (const row of rows) found.set(row.documentId, row.deleted ? DELETED : row.contentHash)
  }
  return found
}

/** By sequence; the next page starts after the last one of this page, and shows what changed meanwhile again. */
export async function list(
  tx: ScopedTx,
  page: {
    readonly connectorId: string
    readonly schemaUri?: string | undefined
    readonly stream?: string | undefined
    readonly includeDeleted?: boolean
    readonly afterSequence?: number | undefined
    readonly limit: number
  },
): Promise<readonly StoredRecord[]> {
  if (!isUuid(page.connectorId)) return []
  let query = tx
    .selectFrom('records')
    .selectAll()
    .where('connectorId', '=', page.connectorId)
    .where('sequence', '>', page.afterSequence ?? 0)
  if (page.schemaUri !== undefined) query = query.where('schemaUri', '=', page.schemaUri)
  if (page.stream !== undefined) query = query.where('stream', '=', page.stream)
  if (page.includeDeleted !== true) query = query.where('deleted', '=', false)
  return query.orderBy('sequence').limit(page.limit).execute()
}

/** Those that are not deleted. */
export async function count(tx: ScopedTx, connectorId: string): Promise<number> {
  if (!isUuid(connectorId)) return 0
  const row = await tx
    .selectFrom('records')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('connectorId', '=', connectorId)
    .where('deleted', '=', false)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Marks of deletion too; gives how many. */
export async function removeByConnector(tx: ScopedTx, connectorId: string): Promise<number> {
  if (!isUuid(connectorId)) return 0
  const { numDeletedRows } = await tx
    .deleteFrom('records')
    .where('connectorId', '=', connectorId)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Schemas of which a connector has rows, or marks of deletion. */
export async function schemasOf(tx: ScopedTx, connectorId: string): Promise<readonly string[]> {
  if (!isUuid(connectorId)) return []
  const rows = await tx
    .selectFrom('records')
    .select('schemaUri')
    .distinct()
    .where('connectorId', '=', connectorId)
    .orderBy('schemaUri')
    .execute()
  return rows.map(({ schemaUri }) => schemaUri)
}
