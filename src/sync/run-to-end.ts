/** One sync from its start to an end that is always recorded; what goes wrong ends it with a code. */
import { NodeError, toNodeError } from '../errors.js'
import type { Json, JsonObject } from '../lib/canonical-json.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { connections, syncs, type Connection, type Store, type SyncEnd } from '../store/index.js'
import { NO_COUNTS, type Progress, type SyncCounts, type SyncJob } from './job.js'
import type { HeldLease } from './lease.js'
import { isFailure } from './stream-issue.js'
import type { SyncOutcome } from './sync.js'

export interface EndPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** A sync that has a row and a lease. */
export interface RunningSync {
  readonly syncId: string
  readonly connection: Connection
  readonly lease: HeldLease
}

/** What the pipeline reached, and the failure that it amounts to, if it does. */
export interface Reached {
  readonly outcome: SyncOutcome
  readonly failure: NodeError | undefined
}

export interface Steps {
  readonly run: (report: (progress: Progress) => void) => Promise<Reached>
  /** Tells whoever waits for this sync that it failed, before the end is recorded. */
  readonly announceFailure?: (error: NodeError) => Promise<void>
  readonly onProgress: (progress: Progress) => void
  /** Aborted when the node stops. */
  readonly stopping: AbortSignal
}

export interface SyncResult {
  readonly status: SyncEnd['status']
  readonly counts: SyncCounts
  /** Missing when the sync was thrown out of the pipeline. */
  readonly outcome?: SyncOutcome
  readonly error?: NodeError
}

/** Never throws: what was not committed is repeated by the next sync. */
export async function runToEnd(ports: EndPorts, sync: RunningSync, steps: Steps): Promise<SyncResult> {
  const { log } = ports
  const facts = { syncId: sync.syncId, provider: sync.connection.provider }
  let last: Progress = { stage: 'fetch', counts: NO_COUNTS }
  const report = (progress: Progress): void => {
    last = progress
    log.debug('sync.stage', { ...facts, stage: progress.stage, pages: progress.counts.pages })
    steps.onProgress(progress)
  }
  try {
    const { outcome, failure } = await steps.run(report)
    const { counts, more } = outcome
    await recordEnd(ports, sync, { counts, stage: last.stage, outcome, failure })
    log.info('sync.finished', { ...facts, counts, code: failure?.code, more })
    return { status: statusOf(failure), counts, outcome, ...(failure && { error: failure }) }
  } catch (thrown) {
    const error = endOf(thrown, steps.stopping)
    log.warn('sync.failed', { ...facts, stage: last.stage, error })
    try {
      if (error.code !== 'WRITE_CONFLICT') await steps.announceFailure?.(error)
    } catch (unannounced) {
      log.warn('sync.failed', { ...facts, stage: 'announce', error: toNodeError(unannounced) })
    }
    try {
      await recordEnd(ports, sync, { counts: last.counts, stage: last.stage, failure: error })
    } catch (unrecorded) {
      // The start of the next process ends it as interrupted.
      log.error('sync.failed', { ...facts, stage: 'end', error: toNodeError(unrecorded) })
    }
    return { status: statusOf(error), counts: last.counts, error }
  }
}

/** A dead grant fails the sync, and so does a sync in which no stream got anywhere; one stream's trouble is an issue among others. */
export function failureOf(
  { issues }: Pick<SyncOutcome, 'issues'>,
  job: Pick<SyncJob, 'streams'>,
): NodeError | undefined {
  const failures = issues.filter(isFailure)
  const revoked = failures.find(({ code }) => code === 'TOKEN_REVOKED')
  const failed = new Set(failures.map(({ stream }) => stream))
  const all = job.streams.every(({ stream }) => failed.has(stream.name))
  const worst = revoked ?? (all ? failures[0] : undefined)
  if (worst === undefined) return undefined
  const { code, retryAfterMs } = worst
  return new NodeError(code, retryAfterMs === undefined ? {} : { retryAfterMs })
}

interface End {
  readonly stage: string
  readonly counts: SyncCounts
  readonly outcome?: SyncOutcome
  readonly failure: NodeError | undefined
}

async function recordEnd(
  { store, clock }: EndPorts,
  { syncId, connection, lease }: RunningSync,
  { stage, counts, outcome, failure }: End,
): Promise<void> {
  const nowMs = clock.now()
  const row: SyncEnd = {
    status: statusOf(failure),
    stage,
    counts: counts as unknown as JsonObject,
    issues: (outcome?.issues ?? []) as unknown as Json,
    suspectedDeletes: outcome?.suspectedDeletes.length ? (outcome.suspectedDeletes as unknown as Json) : null,
    more: outcome?.more ?? true,
    errorCode: failure?.code ?? null,
    nowMs,
  }
  const ended = await syncs.finish(store.db, syncId, row)
  // In node custody the connector has the say, and its connection follows (note-run.ts).
  if (!ended || lease.signal.aborted || connection.custody === 'node') return
  const status =
    failure === undefined ? 'active' : failure.fate === 'reconnect' ? 'reconnect_needed' : 'error'
  await connections.setStatus(store.db, connection.id, status, nowMs)
}

function statusOf(failure: NodeError | undefined): SyncEnd['status'] {
  if (failure === undefined) return 'complete'
  return failure.code === 'INTERRUPTED' ? 'interrupted' : 'error'
}

/** What an abort was for; anything else keeps its own code. */
function endOf(thrown: unknown, stopping: AbortSignal): NodeError {
  if (stopping.aborted) return new NodeError('INTERRUPTED', { cause: thrown })
  return toNodeError(thrown)
}
