/** One sync, read aloud: pages are fetched, mapped, validated, written; each slice is proven, committed, announced, and only then erased here. */
import { NodeError } from '../errors.js'
import { commitSlice, type CommitPorts } from './commit-slice.js'
import { forgetLostContents } from './contents.js'
import { ContentFetcher } from './fetch-contents.js'
import { addCounts, NO_COUNTS, type SyncCounts, type SyncJob, type SyncStream } from './job.js'
import type { Lane, LaneState } from './lane.js'
import { openLanes } from './open-lanes.js'
import type { Receipt } from './receipt.js'
import { retryQuarantine, type HeldItems } from './quarantine.js'
import { endScan, type SuspectedDeletes } from './scan.js'
import { Slice } from './slice.js'
import type { StreamIssue } from './stream-issue.js'
import { writePage } from './write-page.js'

export interface SyncOutcome {
  readonly counts: SyncCounts
  readonly receipts: readonly Receipt[]
  readonly issues: readonly StreamIssue[]
  readonly suspectedDeletes: readonly SuspectedDeletes[]
  /** More is waiting at the provider. */
  readonly more: boolean
  /** Of it, contents of files. */
  readonly moreContents: boolean
  /** Nothing more can be read before: every stream that has more waits for its limit. In ms since 1970. */
  readonly resumesAtMs?: number
}

/**
 * Runs a sync to its end. `announce` is called after the last commit and before the last erase: it completes the
 * Vault's request record. @throws NodeError; what was committed stays, what was not is repeated by the next sync.
 */
export async function runSync(
  ports: CommitPorts,
  job: SyncJob,
  announce: (outcome: SyncOutcome) => Promise<void>,
): Promise<SyncOutcome> {
  const lanes = await openLanes(ports.store, job)
  await forgetLostContents(ports.store, job)
  const contents = new ContentFetcher(ports.store, job)
  try {
    return await runSlices(ports, { job, lanes, contents }, announce)
  } finally {
    await contents.close()
  }
}

interface Running {
  readonly job: SyncJob
  readonly lanes: readonly Lane[]
  readonly contents: ContentFetcher
}

async function runSlices(
  ports: CommitPorts,
  { job, lanes, contents }: Running,
  announce: (outcome: SyncOutcome) => Promise<void>,
): Promise<SyncOutcome> {
  const receipts = new Map<string, Receipt>()
  const suspectedDeletes: SuspectedDeletes[] = []
  let counts = NO_COUNTS
  let held: HeldItems | undefined
  for (;;) {
    const sliceEndMs = job.clock.now() + job.limits.ms
    const slice = new Slice(
      job.limits,
      contents.isInFile ? sliceEndMs : Math.min(job.fetchUntilMs, sliceEndMs),
    )
    held ??= await retryQuarantine(ports.store, job, slice, lanes)
    suspectedDeletes.push(...(await fillSlice(ports, job, slice, lanes, held, counts)))
    const areRead = lanes.every((lane) => lane.state.kind !== 'open')
    if (areRead) await contents.fill(slice)
    counts = addCounts(counts, slice.counts)
    const isLate = job.clock.now() >= job.fetchUntilMs && !contents.isInFile
    const final = (areRead && contents.isDone) || isLate

    job.onProgress({ stage: 'prove', counts })
    const proof = await job.run.prove({ final })
    job.onProgress({ stage: 'commit', counts })
    const made = await commitSlice(ports, job, slice, proof, counts)
    for (const receipt of made) receipts.set(receipt.body.database, receipt)
    job.onProgress({ stage: 'publish', counts })
    await job.run.publishHeads(
      made.map(({ body, hash }) => ({ database: body.database, sequence: body.sequence, hash })),
    )

    const outcome = {
      counts,
      receipts: [...receipts.values()],
      issues: [...issuesOf(lanes), ...contents.issues],
      suspectedDeletes,
      more: isMoreWaiting(lanes) || contents.more || contents.resumesAtMs !== undefined,
      moreContents: contents.more,
      ...resumptionOf(lanes, contents),
    }
    if (final) {
      job.onProgress({ stage: 'announce', counts })
      await announce(outcome)
    }
    job.onProgress({ stage: 'erase', counts })
    await job.run.release(proof)
    if (final) return outcome
    job.wrapUp.throwIfAborted()
  }
}

/** Fetch, map, validate, write until the slice is full or every lane has ended. */
async function fillSlice(
  ports: CommitPorts,
  job: SyncJob,
  slice: Slice,
  lanes: readonly Lane[],
  held: HeldItems,
  before: SyncCounts,
): Promise<readonly SuspectedDeletes[]> {
  const suspected: SuspectedDeletes[] = []
  for (const lane of lanes) {
    if (lane.state.kind === 'open' && isRevoked(lanes)) lane.stop(new NodeError('TOKEN_REVOKED'))
    while (lane.state.kind === 'open' && !job.wrapUp.aborted && !slice.isFull(job.clock.now())) {
      job.signal.throwIfAborted()
      if (isEnough(lanes, lane.stream)) {
        lane.stop()
        break
      }
      const page = await lane.next()
      if (page === undefined) break
      await writePage({ ...ports, job, slice, held }, lane, page)
      if (!page.more) suspected.push(...(await endScan(ports.store, job, slice, lane)))
      job.onProgress({
        stage: 'fetch',
        stream: lane.stream.stream.name,
        counts: addCounts(before, slice.counts),
      })
    }
  }
  return suspected
}

function issuesOf(lanes: readonly Lane[]): StreamIssue[] {
  return lanes.flatMap(({ state, stream, partition, setAside }) => {
    const at = { stream: stream.stream.name, partition }
    const skipped: StreamIssue[] = setAside === 0 ? [] : [{ ...at, code: 'RECORD_SKIPPED', count: setAside }]
    if (state.kind !== 'stopped' || state.error === undefined) return skipped
    const { code, retryAfterMs } = state.error
    const { resumesAtMs } = state
    const when = {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(resumesAtMs !== undefined && { resumesAtMs }),
    }
    return [...skipped, { ...at, code, ...when }]
  })
}

const isMoreWaiting = (lanes: readonly Lane[]): boolean =>
  lanes.some(({ state }) => isReadable(state) || resumesAt(state) !== undefined)

/** Stopped by the deadline or the owner's limit: it goes on at once. */
const isReadable = (state: LaneState): boolean =>
  state.kind === 'open' || (state.kind === 'stopped' && state.error === undefined)

const resumesAt = (state: LaneState): number | undefined =>
  state.kind === 'stopped' ? state.resumesAtMs : undefined

function resumptionOf(
  lanes: readonly Lane[],
  contents: Pick<ContentFetcher, 'more' | 'resumesAtMs'>,
): Pick<SyncOutcome, 'resumesAtMs'> {
  const times = [...lanes.map(({ state }) => resumesAt(state)), contents.resumesAtMs].filter(
    (time) => time !== undefined,
  )
  if (times.length === 0 || contents.more || lanes.some(({ state }) => isReadable(state))) return {}
  return { resumesAtMs: Math.min(...times) }
}

/** Whether the owner's limit for a schema is reached, by all lanes that write it; whole pages are kept. */
function isEnough(lanes: readonly Lane[], { schema, wish: { limit } }: SyncStream): boolean {
  if (limit === undefined) return false
  const ofSchema = lanes.filter(({ stream }) => stream.schema === schema)
  return ofSchema.reduce((sum, { fetched }) => sum + fetched, 0) >= limit
}

/** A dead grant is dead for every stream: the provider is not asked again by each. */
const isRevoked = (lanes: readonly Lane[]): boolean =>
  lanes.some(({ state }) => state.kind === 'stopped' && state.error?.code === 'TOKEN_REVOKED')
