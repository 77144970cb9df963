/** Connectors that list files: what they have beside their own row, and all of it by the view `endpoints`. */
import { sql, type Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import { thisTenant } from '../tenant-scope.js'
import type { EndpointsView, FileConnectionsTable, FileSyncStatus } from '../tables.js'

export type FileConnection = Readonly<Selectable<EndpointsView>>

/** What people may say of one. */
export type FileConnectionFacts = Readonly<
  Pick<FileConnectionsTable, 'projectId' | 'description' | 'fileTypes' | 'maxFilesPerSync' | 'tags'>
>
export type FileConnectionChanges = Partial<FileConnectionFacts>

export async function create(
  tx: ScopedTx,
  of: { readonly connectorId: string; readonly tenant: string },
  { fileTypes, tags, ...facts }: FileConnectionFacts,
): Promise<void> {
  await tx
    .insertInto('fileConnections')
    .values({ ...of, ...facts, fileTypes: jsonb(fileTypes), tags: jsonb(tags) })
    .execute()
}

/** `undefined` for another tenant's, and for a connector that lists no files. */
export async function get(tx: ScopedTx, id: string): Promise<FileConnection | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('endpoints').selectAll().where('id', '=', id).executeTakeFirst()
}

export interface FileConnectionPage {
  /** Default: of every tenant that the transaction sees. */
  readonly tenant?: string | undefined
  readonly userId?: string | undefined
  readonly endpointType?: string | undefined
  readonly tag?: string | undefined
  readonly enabled?: boolean | undefined
  readonly after?: { readonly createdAtMs: number; readonly id: string } | undefined
  readonly limit: number
}

/** Oldest first. */
export async function list(tx: ScopedTx, page: FileConnectionPage): Promise<readonly FileConnection[]> {
  const { tenant, userId, endpointType, tag, enabled, after } = page
  if (after !== undefined && !isUuid(after.id)) return []
  let query = tx.selectFrom('endpoints').selectAll()
  if (tenant !== undefined) query = query.where('tenant', '=', thisTenant)
  if (userId !== undefined) query = query.where('userId', '=', userId)
  if (endpointType !== undefined) query = query.where('endpointType', '=', endpointType)
  if (enabled !== undefined) query = query.where('enabled', '=', enabled)
  if (tag !== undefined) query = query.where(sql<boolean>`tags @> ${jsonb([tag])}`)
  if (after !== undefined)
    query = query.where(sql<boolean>`(created_at_ms, id) > (${after.createdAtMs}::bigint, ${after.id}::uuid)`)
  return query.orderBy('createdAtMs').orderBy('id').limit(page.limit).execute()
}

/** Other `fileTypes` count the selection up. */
export async function update(tx: ScopedTx, id: string, changes: FileConnectionChanges): Promise<void> {
  if (Object.keys(changes).length === 0) return
  const { fileTypes, tags, ...facts } = changes
  const types = fileTypes === undefined ? undefined : jsonb(fileTypes)
  await tx
    .updateTable('fileConnections')
    .set({
      ...facts,
      ...(tags !== undefined && { tags: jsonb(tags) }),
      ...(types !== undefined && {
        fileTypes: types,
        selection: sql<number>`selection + case when file_types = ${types} then 0 else 1 end`,
      }),
    })
    .where('connectorId', '=', id)
    .execute()
}

export type FileSelection = Readonly<
  Pick<Selectable<FileConnectionsTable>, 'fileTypes' | 'maxFilesPerSync' | 'selection'>
>

/** What a run may read; marks it as running. `undefined`: the connector lists no files. */
export async function startRun(tx: ScopedTx, id: string): Promise<FileSelection | undefined> {
  return tx
    .updateTable('fileConnections')
    .set({ lastSyncStatus: 'running' })
    .where('connectorId', '=', id)
    .returning(['fileTypes', 'maxFilesPerSync', 'selection'])
    .executeTakeFirst()
}

/** `false`: the connector lists no files. */
export async function endRun(tx: ScopedTx, id: string, status: FileSyncStatus): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('fileConnections')
    .set({ lastSyncStatus: status })
    .where('connectorId', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
