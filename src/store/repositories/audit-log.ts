/** What was done in a tenant's name, by whom and to what; rows are added, never changed or removed. */
import type { Selectable } from 'kysely'
import type { JsonObject } from '../../lib/canonical-json.js'
import { requestOrigin } from '../../lib/request-origin.js'
import type { ScopedTx } from '../handle.js'
import { jsonb, storableJson } from '../sql-values.js'
import { thisTenant } from '../tenant-scope.js'
import type { AuditLogTable } from '../tables.js'

export type AuditRow = Readonly<Selectable<AuditLogTable>>

export interface AuditEntry {
  readonly tenant: string
  readonly actor: string
  readonly action: string
  /** What it was done to. */
  readonly subject: string
  /** Never a secret. */
  readonly facts: JsonObject
  readonly nowMs: number
}

/**
 * In the transaction of what it tells of: either both happened or neither. Until it ends nobody else adds to the
 * tenant's chain, so that rows are locked before this, never after.
 */
export async function append(tx: ScopedTx, entry: AuditEntry): Promise<void> {
  const { nowMs, facts, ...columns } = entry
  const origin = requestOrigin()
  await tx
    .insertInto('auditLog')
    .values({
      ...columns,
      atMs: nowMs,
      facts: jsonb(storableJson(facts)),
      address: origin?.address ?? null,
      requestId: origin?.requestId ?? null,
    })
    .execute()
}

export interface AuditFilter {
  readonly subject?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
}

/** Of the transaction's tenant, in order; the next page starts after the last position of this one. */
export async function list(
  tx: ScopedTx,
  page: AuditFilter & { readonly after?: number | undefined; readonly limit?: number } = {},
): Promise<readonly AuditRow[]> {
  let query = tx
    .selectFrom('auditLog')
    .selectAll()
    .where('tenant', '=', thisTenant)
    .where('position', '>', page.after ?? 0)
  if (page.subject !== undefined) query = query.where('subject', '=', page.subject)
  if (page.actor !== undefined) query = query.where('actor', '=', page.actor)
  if (page.action !== undefined) query = query.where('action', '=', page.action)
  if (page.sinceMs !== undefined) query = query.where('atMs', '>=', page.sinceMs)
  if (page.untilMs !== undefined) query = query.where('atMs', '<', page.untilMs)
  return query
    .orderBy('position')
    .limit(page.limit ?? 200)
    .execute()
}
