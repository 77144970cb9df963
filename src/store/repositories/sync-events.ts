/** What happened in a sync, in order; facts and numbers only, never data of the owner. */
import type { Selectable } from 'kysely'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Handle } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import type { SyncEventsTable } from '../tables.js'

export type SyncEvent = Readonly<Selectable<SyncEventsTable>>

export async function append(
  handle: Handle,
  syncId: string,
  event: { readonly kind: string; readonly data: JsonObject; readonly nowMs: number },
): Promise<void> {
  const { kind, data, nowMs } = event
  await handle
    .insertInto('syncEvents')
    .values({ syncId, atMs: nowMs, kind, data: jsonb(data) })
    .execute()
}

/** In order; the next page starts after the last id of this one. */
export async function list(
  handle: Handle,
  syncId: string,
  page: { readonly afterId?: number; readonly limit?: number } = {},
): Promise<readonly SyncEvent[]> {
  if (!isUuid(syncId)) return []
  return handle
    .selectFrom('syncEvents')
    .selectAll()
    .where('syncId', '=', syncId)
    .where('id', '>', page.afterId ?? 0)
    .orderBy('id')
    .limit(page.limit ?? 200)
    .execute()
}
