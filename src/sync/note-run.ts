/** What a connector shows of its last run: health, status, the day's usage. In one transaction of its tenant. */
import type { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import {
  connections,
  connectors,
  fileConnections,
  syncLogs,
  usageDaily,
  type ConnectionStatus,
  type Connector,
  type ScopedTx,
  type Store,
  type SyncLog,
} from '../store/index.js'
import { tellEvent } from '../webhooks/outbound/events.js'
import type { SyncCounts } from './job.js'
import type { HeldLease } from './lease.js'
import type { SyncResult } from './run-to-end.js'
import { NOT_SELECTED } from './selection.js'
import { isFailure } from './stream-issue.js'
import type { UsageMeter } from './usage-meter.js'

/** Failures in a row that waiting does not mend, until a person has to look. */
const FAILURES_TO_ERROR = 10

/** One reading of a run. */
export interface NotedPass {
  readonly syncId: string
  readonly result: SyncResult
  readonly used: Pick<UsageMeter, 'calls' | 'bytes'>
  /** Of the whole run up to now. */
  readonly total: SyncCounts
  readonly startedAtMs: number
  /** Another one follows at once: only the last one is told to the tenant's applications. */
  readonly goesOn: boolean
}

export async function noteRun(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { id, tenant }: Pick<Connector, 'id' | 'tenant'>,
  lease: Pick<HeldLease, 'signal'>,
  pass: NotedPass,
): Promise<void> {
  const { result, used } = pass
  const nowMs = clock.now()
  await store.tenant(tenant, async (tx) => {
    // A run that was stopped or fenced says nothing of the connector.
    const isTelling = result.status !== 'interrupted' && !lease.signal.aborted
    const before = isTelling ? await markRun(tx, id, result.error, nowMs) : undefined
    const connector = await connectors.get(tx, id)
    // Removed while it ran: there is nothing to note it on.
    if (connector === undefined) return
    if (before !== undefined && !pass.goesOn) await tellPass(tx, pass, { before, connector, nowMs })
    if (!pass.goesOn && !lease.signal.aborted) await logRun(tx, connector, pass, nowMs)
    await usageDaily.add(tx, {
      connectorId: id,
      tenant,
      day: new Date(nowMs).toISOString().slice(0, 10),
      calls: used.calls,
      records: result.counts.fetched,
      bytes: used.bytes,
      errors: errorsOf(result),
    })
  })
}

/** For connectors that list files; others have no such log. */
async function logRun(
  tx: ScopedTx,
  { id, tenant }: Connector,
  { syncId, startedAtMs, result, total }: NotedPass,
  nowMs: number,
): Promise<void> {
  const status = logStatusOf(result)
  if (!(await fileConnections.endRun(tx, id, status))) return
  const { fetched, written, unchanged, deleted, skipped } = total
  await syncLogs.add(tx, {
    id: syncId,
    connectorId: id,
    tenant,
    status,
    startedAtMs,
    finishedAtMs: nowMs,
    itemsRead: fetched,
    filesWritten: written,
    filesUnchanged: unchanged,
    filesDeleted: deleted,
    filesSkipped: skipped[NOT_SELECTED] ?? 0,
    errorCode: result.error?.code ?? null,
  })
}

function logStatusOf({ status, outcome }: SyncResult): SyncLog['status'] {
  if (status === 'error') return 'failed'
  if (status === 'interrupted') return 'interrupted'
  const isWhole = outcome !== undefined && !outcome.more && !outcome.issues.some(isFailure)
  return isWhole ? 'completed' : 'partial'
}

/** Gives the connector as it was before its status changed. */
async function markRun(
  tx: ScopedTx,
  id: string,
  error: NodeError | undefined,
  nowMs: number,
): Promise<Connector | undefined> {
  await connectors.markRun(tx, id, {
    ok: error === undefined,
    nowMs,
    ...(error && { errorCode: error.code }),
  })
  // Read only now: the row is locked since the mark, so that nobody's pause is overwritten.
  const connector = await connectors.get(tx, id)
  if (connector === undefined) return undefined
  const status = statusAfter(connector, error)
  if (status !== connector.status) {
    await connectors.update(tx, id, { status, nowMs })
    await connections.setStatus(tx, connector.connectionId, status, nowMs)
  }
  return connector
}

async function tellPass(
  tx: ScopedTx,
  { syncId, result, total }: NotedPass,
  {
    before,
    connector,
    nowMs,
  }: { readonly before: Connector; readonly connector: Connector; readonly nowMs: number },
): Promise<void> {
  const { error, outcome } = result
  if (error === undefined) {
    const { fetched, written, unchanged, deleted, quarantined } = total
    const facts = {
      sync_id: syncId,
      counts: { fetched, written, unchanged, deleted, quarantined },
      more: outcome?.more ?? true,
      suspected_deletes: (outcome?.suspectedDeletes ?? []).map(({ stream, missing, known }) => ({
        stream,
        missing,
        known,
      })),
    }
    return tellEvent(tx, { type: 'sync.completed', connector, facts, nowMs })
  }
  const { code, publicMessage: message } = error
  const facts = {
    sync_id: syncId,
    error: { code, message },
    consecutive_failures: connector.consecutiveFailures,
  }
  await tellEvent(tx, { type: 'sync.failed', connector, facts, nowMs })
  if (connector.status === 'reconnect_needed' && before.status !== 'reconnect_needed')
    await tellEvent(tx, { type: 'connection.reconnect_needed', connector, facts: { reason: code }, nowMs })
}

/** A pause or an end by a person stands; a failure that passes by itself changes nothing: the schedule goes on. */
function statusAfter(connector: Connector, error: NodeError | undefined): ConnectionStatus {
  const { status, consecutiveFailures } = connector
  if (status === 'paused' || status === 'revoked') return status
  if (error === undefined) return 'active'
  if (error.fate === 'reconnect') return 'reconnect_needed'
  const isLasting = error.fate !== 'retry' && consecutiveFailures >= FAILURES_TO_ERROR
  return isLasting ? 'error' : status
}

/** Streams that did not get to their end, or the sync that did not. */
function errorsOf({ outcome, error }: SyncResult): number {
  const failed = outcome?.issues.filter(isFailure) ?? []
  return Math.max(failed.length, error === undefined ? 0 : 1)
}
