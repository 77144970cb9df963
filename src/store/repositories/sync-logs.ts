/** What became of each run of a file connection; kept for a month. */
import { sql, type Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid } from '../sql-values.js'
import type { SyncLogsTable } from '../tables.js'

export type SyncLog = Readonly<Selectable<SyncLogsTable>>

const KEPT_MS = 30 * 86_400_000

/** Lets go of what is too old. */
export async function add(tx: ScopedTx, log: SyncLog): Promise<void> {
  await tx.insertInto('syncLogs').values(log).execute()
  await tx
    .deleteFrom('syncLogs')
    .where('connectorId', '=', log.connectorId)
    .where('startedAtMs', '<', log.finishedAtMs - KEPT_MS)
    .execute()
}

/** Newest first. */
export async function list(
  tx: ScopedTx,
  page: {
    readonly connectorId: string
    readonly before?: { readonly startedAtMs: number; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<readonly SyncLog[]> {
  const { connectorId, before, limit } = page
  if (!isUuid(connectorId) || (before !== undefined && !isUuid(before.id))) return []
  let query = tx.selectFrom('syncLogs').selectAll().where('connectorId', '=', connectorId)
  if (before !== undefined)
    query = query.where(
      sql<boolean>`(started_at_ms, id) < (${before.startedAtMs}::bigint, ${before.id}::uuid)`,
    )
  return query.orderBy('startedAtMs', 'desc').orderBy('id', 'desc').limit(limit).execute()
}
