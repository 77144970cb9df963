/** Syncs: one row per run over a connection, from its start to an end that is always reached. */
import { sql, type Selectable } from 'kysely'
import type { ErrorCode } from '../../errors.js'
import type { Json, JsonObject } from '../../lib/canonical-json.js'
import type { Handle } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import type { SyncRequestIds, SyncRowStatus, SyncsTable } from '../tables.js'

export type SyncRow = Readonly<Selectable<SyncsTable>>

export interface NewSync {
  /** A UUID. */
  readonly id: string
  readonly connectionId: string
  readonly owner: string
  readonly provider: string
  readonly kind: string
  readonly stage: string
  readonly leaseNumber: number
  readonly keyFingerprint: string | null
  readonly statusTokenHash: string | null
  readonly request: SyncRequestIds | null
  readonly counts: JsonObject
  readonly nowMs: number
}

export interface SyncEnd {
  readonly status: Exclude<SyncRowStatus, 'running'>
  readonly stage: string
  readonly counts: JsonObject
  readonly issues: Json
  readonly suspectedDeletes: Json | null
  readonly more: boolean
  readonly errorCode: ErrorCode | null
  readonly nowMs: number
}

export async function create(handle: Handle, sync: NewSync): Promise<void> {
  const { nowMs, request, counts, ...columns } = sync
  await handle
    .insertInto('syncs')
    .values({
      ...columns,
      status: 'running',
      request: request === null ? null : jsonb(request),
      counts: jsonb(counts),
      issues: jsonb<Json>([]),
      startedAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    .execute()
}

/** `false` when the sync has ended already: what ended does not go on. */
export async function progress(
  handle: Handle,
  id: string,
  step: { readonly stage: string; readonly counts: JsonObject; readonly nowMs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await handle
    .updateTable('syncs')
    .set({ stage: step.stage, counts: jsonb(step.counts), updatedAtMs: step.nowMs })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** `false` when the sync has ended already; the first end stays. */
export async function finish(handle: Handle, id: string, end: SyncEnd): Promise<boolean> {
  const { nowMs, counts, issues, suspectedDeletes, ...columns } = end
  const { numUpdatedRows } = await handle
    .updateTable('syncs')
    .set({
      ...columns,
      counts: jsonb(counts),
      issues: jsonb(issues),
      suspectedDeletes: suspectedDeletes === null ? null : jsonb(suspectedDeletes),
      updatedAtMs: nowMs,
      finishedAtMs: nowMs,
    })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function get(handle: Handle, id: string): Promise<SyncRow | undefined> {
  if (!isUuid(id)) return undefined
  return handle.selectFrom('syncs').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The newest sync behind a Vault's request record. */
export async function findByRequest(handle: Handle, recordId: string): Promise<SyncRow | undefined> {
  return handle
    .selectFrom('syncs')
    .selectAll()
    .where(sql<string>`request ->> 'recordId'`, '=', recordId)
    .orderBy('startedAtMs', 'desc')
    .executeTakeFirst()
}

/** Newest first. */
export async function listByConnection(
  handle: Handle,
  connectionId: string,
  limit = 50,
): Promise<readonly SyncRow[]> {
  if (!isUuid(connectionId)) return []
  return handle
    .selectFrom('syncs')
    .selectAll()
    .where('connectionId', '=', connectionId)
    .orderBy('startedAtMs', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()
}

const KEPT_MS = 30 * 86_400_000
/** What a run that was broken off leaves, and the one before: the next run and health read them, however old. */
const KEPT_ROWS = 2

/** Lets go of the node's own runs of a month ago and more. A Vault's stay: its receipts are asked for by them. */
export async function forgetOld(handle: Handle, connectionId: string, nowMs: number): Promise<number> {
  const newest = handle
    .selectFrom('syncs')
    .select('id')
    .where('connectionId', '=', connectionId)
    .orderBy('startedAtMs', 'desc')
    .limit(KEPT_ROWS)
  const { numDeletedRows } = await handle
    .deleteFrom('syncs')
    .where('connectionId', '=', connectionId)
    .where('startedAtMs', '<', nowMs - KEPT_MS)
    .where('kind', '=', 'node')
    .where('status', '!=', 'running')
    .where('id', 'not in', newest)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** The one that runs now: at most one per connection has a live lease. */
export async function findRunning(handle: Handle, connectionId: string): Promise<SyncRow | undefined> {
  return handle
    .selectFrom('syncs')
    .selectAll()
    .where('connectionId', '=', connectionId)
    .where('status', '=', 'running')
    .orderBy('leaseNumber', 'desc')
    .executeTakeFirst()
}

/**
 * Ends syncs that nobody runs any more: their lease ran out, was given back, or is a later run's. Gives those rows,
 * so that their request records can be told. `holder` is this process: what others hold is taken for dead when
 * `alone` (embedded, at start), and left to them otherwise.
 */
export async function interruptDead(
  handle: Handle,
  facts: { readonly holder: string; readonly alone: boolean; readonly nowMs: number },
): Promise<readonly SyncRow[]> {
  const code: ErrorCode = 'INTERRUPTED'
  return handle
    .updateTable('syncs')
    .set({ status: 'interrupted', errorCode: code, updatedAtMs: facts.nowMs, finishedAtMs: facts.nowMs })
    .where('status', '=', 'running')
    .where((row) => {
      const alive = row
        .selectFrom('connections')
        .select('connections.id')
        .whereRef('connections.id', '=', 'syncs.connectionId')
        .whereRef('connections.leaseNumber', '=', 'syncs.leaseNumber')
        .where('leaseHolder', 'is not', null)
        .where('leaseUntilMs', '>', facts.nowMs)
        .$if(facts.alone, (query) => query.where('leaseHolder', '=', facts.holder))
      return row.not(row.exists(alive))
    })
    .returningAll()
    .execute()
}
