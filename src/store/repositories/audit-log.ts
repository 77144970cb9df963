/** What was done in a tenant's name, by whom and to what; rows are added, never changed or removed. */
import type { Selectable } from 'kysely'
import type { JsonObject } from '../../lib/canonical-json.js'
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

/** In the transaction of what it tells of: either both happened or neither. */
export async function append(tx: ScopedTx, entry: AuditEntry): Promise<void> {
  const { nowMs, facts, ...columns } = entry
  await tx
    .insertInto('auditLog')
    .values({ ...columns, atMs: nowMs, facts: jsonb(storableJson(facts)) })
    .execute()
}

/** Of the transaction's tenant, in order; the next page starts after the last id of this one. */
export async function list(
  tx: ScopedTx,
  page: {
    readonly subject?: string | undefined
    readonly after?: number | undefined
    readonly limit?: number
  } = {},
): Promise<readonly AuditRow[]> {
  let query = tx
    .selectFrom('auditLog')
    .selectAll()
    .where('tenant', '=', thisTenant)
    .where('id', '>', page.after ?? 0)
  if (page.subject !== undefined) query = query.where('subject', '=', page.subject)
  return query
    .orderBy('id')
    .limit(page.limit ?? 200)
    .execute()
}
