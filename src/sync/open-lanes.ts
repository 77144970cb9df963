/** Opens the lanes of a sync where their last committed slice ended; the one that waited longest comes first, those that failed last time come last. */
import { NodeError, toNodeError } from '../errors.js'
import { syncCursors, syncs, type Store, type SyncCursor } from '../store/index.js'
import type { SyncJob, SyncStream } from './job.js'
import { chunksAreLost } from './contents.js'
import { Lane } from './lane.js'
import { cursorRevision } from './selection.js'
import { cursorContext, storedCursor, type StoredCursor } from './stored-cursor.js'
import { isFailure, type StreamIssue } from './stream-issue.js'

export async function openLanes(store: Store, job: SyncJob): Promise<readonly Lane[]> {
  const now = job.clock.now()
  const failed = await failedBefore(store, job)
  const opened: { readonly lane: Lane; readonly movedAtMs: number }[] = []
  for (const stream of job.streams) {
    const rows = await syncCursors.listByDatabase(store.db, job.run.database(stream.schema))
    for (const partition of await partitionsOf(job, stream, now)) {
      if (partition instanceof NodeError) {
        const lane = new Lane(job, now, {
          stream,
          partition: '',
          cursor: undefined,
          fullRead: false,
          scanNumber: 0,
        })
        lane.stop(partition)
        opened.push({ lane, movedAtMs: 0 })
        continue
      }
      const row = rows.find(
        (candidate) => candidate.stream === stream.stream.name && candidate.partition === partition,
      )
      opened.push({ lane: openLane(job, stream, partition, row), movedAtMs: row?.updatedAtMs ?? 0 })
    }
  }
  const isLast = ({ stream, partition }: Lane): number =>
    failed.has(`${stream.stream.name}/${partition}`) ? 1 : 0
  return opened
    .sort((a, b) => isLast(a.lane) - isLast(b.lane) || a.movedAtMs - b.movedAtMs)
    .map(({ lane }) => lane)
}

/** Lanes that the last sync could not read: one that hangs must not take the time of the others again and again. */
async function failedBefore(store: Store, job: SyncJob): Promise<ReadonlySet<string>> {
  const latest = await syncs.listByConnection(store.db, job.connectionId, 2)
  const last = latest.find(({ id }) => id !== job.syncId)
  const issues = (last?.issues ?? []) as unknown as readonly StreamIssue[]
  return new Set(issues.filter(isFailure).map(({ stream, partition }) => `${stream}/${partition}`))
}

function openLane(job: SyncJob, stream: SyncStream, partition: string, row: SyncCursor | undefined): Lane {
  const isLost = job.run.isLost(stream.schema) || chunksAreLost(job, stream)
  const isGood = row?.revision === cursorRevision(job, stream) && !isLost
  const kept = isGood ? openCursor(job, stream, row) : undefined
  const isAnew = kept !== undefined && (isReread(job, stream, kept.full) || isWidened(job, kept))
  const stored = isAnew ? undefined : kept
  const scanNumber = (row?.scanNumber ?? 0) + (stored === undefined ? 1 : 0)
  return new Lane(job, job.clock.now(), {
    stream,
    partition,
    cursor: stored?.at,
    fullRead: stored?.full ?? true,
    sinceMs: stored === undefined ? job.sinceMs : stored.since,
    scanNumber,
  })
}

/** What a feed's full reading only suspected is deleted by another one: the feed itself will not tell of it again. */
function isReread(job: SyncJob, { stream }: SyncStream, full: boolean): boolean {
  return job.confirmDeletes && stream.deletes === 'feed' && !full
}

/** A window that now reaches further back: what is older was never asked for. */
function isWidened(job: SyncJob, { since = -Infinity }: StoredCursor): boolean {
  return since > (job.sinceMs ?? -Infinity)
}

function openCursor(job: SyncJob, { stream, schema }: SyncStream, row: SyncCursor): StoredCursor | undefined {
  if (row.cursorSealed === null) return undefined
  const stored = storedCursor.parse(
    job.run.box(schema, 'cursor').open(row.cursorSealed, cursorContext(stream.name, row.partition)),
  )
  const parsed = stream.cursor.safeParse(stored.at)
  return parsed.success ? { ...stored, at: parsed.data } : undefined
}

/** `null` starts anew: a finished scan reads everything next time, every other stream goes on from its cursor. */
export function sealCursor(job: SyncJob, lane: Lane): string | null {
  const { stream, schema } = lane.stream
  const isDone = lane.state.kind === 'done'
  if (lane.cursor === undefined || (isDone && stream.deletes === 'scan')) return null
  const full = lane.fullRead && !isDone
  const value = { at: lane.cursor, full, ...(lane.sinceMs !== undefined && { since: lane.sinceMs }) }
  return job.run.box(schema, 'cursor').seal(value, cursorContext(stream.name, lane.partition))
}

async function partitionsOf(
  job: SyncJob,
  { stream }: SyncStream,
  now: number,
): Promise<readonly (string | NodeError)[]> {
  const lacking = job.lacking?.(stream.scopes) ?? []
  // The provider would refuse each call: it is not asked.
  if (lacking.length > 0)
    return [new NodeError('SCOPE_MISSING', { detail: `${stream.name}: ${lacking.join(' ')} not granted` })]
  if (stream.partitions === undefined) return ['']
  try {
    return await stream.partitions(job.http, {
      settings: job.settings,
      fields: job.fields,
      account: job.account,
      now,
      signal: job.signal,
      ...(job.sinceMs !== undefined && { sinceMs: job.sinceMs }),
    })
  } catch (error) {
    job.signal.throwIfAborted()
    return [toNodeError(error)]
  }
}
