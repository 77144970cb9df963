/** Files of connectors, by the view over their records; and how many there are. */
import { sql } from 'kysely'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { ScopedTx } from '../handle.js'
import { isUuid, textArray } from '../sql-values.js'
import { thisTenant } from '../tenant-scope.js'
import type { FilesView } from '../tables.js'

/** Times as RFC 3339 in UTC. */
export interface FileRow extends Readonly<
  Omit<FilesView, 'externalCreatedAt' | 'externalUpdatedAt' | 'deletedAt' | 'syncedAt' | 'fileMetadata'>
> {
  readonly fileMetadata: JsonObject
  readonly externalCreatedAt: string | null
  readonly externalUpdatedAt: string | null
  readonly deletedAt: string | null
  readonly syncedAt: string
}

export interface FilePage {
  readonly connectionId?: string | undefined
  /** Of connections of this person only. */
  readonly userId?: string | undefined
  readonly fileType?: string | undefined
  readonly mimeType?: string | undefined
  /** Part of the name, whatever its case. */
  readonly name?: string | undefined
  readonly updatedSinceMs?: number | undefined
  readonly includeDeleted: boolean
  readonly afterSequence?: number | undefined
  readonly limit: number
}

const COLUMNS = [
  'id',
  'endpointId',
  'tenant',
  'externalFileId',
  'fileName',
  'filePath',
  'fileLink',
  'fileSize',
  'fileType',
  'mimeType',
  'syncStatus',
  'fileMetadata',
  'version',
  'checksum',
  'sequence',
] as const

const utc = <T extends string | null>(column: string) =>
  sql<T>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Of the transaction's tenant, in the order of their changes. */
export async function list(tx: ScopedTx, page: FilePage): Promise<readonly FileRow[]> {
  const { connectionId, userId, fileType, mimeType, name, updatedSinceMs } = page
  if (connectionId !== undefined && !isUuid(connectionId)) return []
  let query = tx
    .selectFrom('files')
    .select(COLUMNS)
    .select([
      utc<string | null>('external_created_at').as('externalCreatedAt'),
      utc<string | null>('external_updated_at').as('externalUpdatedAt'),
      utc<string | null>('deleted_at').as('deletedAt'),
      utc<string>('synced_at').as('syncedAt'),
    ])
    .where('tenant', '=', thisTenant)
    .where('sequence', '>', page.afterSequence ?? 0)
  query =
    connectionId === undefined
      ? query.where(sql<boolean>`endpoint_id in (select connector_id from file_connections)`)
      : query.where('endpointId', '=', connectionId)
  if (userId !== undefined)
    query = query.where(sql<boolean>`endpoint_id in (select id from connectors where subject = ${userId})`)
  if (!page.includeDeleted) query = query.where('syncStatus', '=', 'completed')
  if (fileType !== undefined) query = query.where('fileType', '=', fileType.toLowerCase())
  if (mimeType !== undefined) query = query.where('mimeType', '=', mimeType)
  if (name !== undefined)
    query = query.where(sql<boolean>`strpos(lower(file_name), ${name.toLowerCase()}) > 0`)
  if (updatedSinceMs !== undefined)
    query = query.where(sql<boolean>`external_updated_at >= to_timestamp(${updatedSinceMs}::bigint / 1000.0)`)
  return query.orderBy('sequence').limit(page.limit).execute()
}

export interface FileTotals {
  readonly endpointId: string
  readonly totalFiles: number
  /** Of those that tell their size. */
  readonly totalSize: number
  readonly latestUpdate: string | null
}

/** Of the connections that have any file that is not deleted. */
export async function totals(
  tx: ScopedTx,
  connectionIds: readonly string[],
): Promise<ReadonlyMap<string, FileTotals>> {
  const rows = await tx
    .selectFrom('files')
    .select(({ fn }) => [
      'endpointId',
      fn.countAll<number>().as('totalFiles'),
      sql<number>`coalesce(sum(file_size), 0)::bigint`.as('totalSize'),
      sql<
        string | null
      >`to_char(max(external_updated_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`.as(
        'latestUpdate',
      ),
    ])
    .where('endpointId', '=', sql<string>`any(${textArray(connectionIds)}::uuid[])`)
    .where('syncStatus', '=', 'completed')
    .groupBy('endpointId')
    .execute()
  return new Map(rows.map((row) => [row.endpointId, row]))
}
