/** Opens a destination and runs the pipeline over it: the part of a sync that is the same wherever its tokens and records lie. */
import { lackingScopes } from '../credentials/asked-scopes.js'
import type { OpenGrant } from '../credentials/open-grant.js'
import type { Clock } from '../lib/clock.js'
import { NO_FIELDS, type ProviderHttp, type UsableProvider } from '../provider/index.js'
import type { CommitPorts } from './commit-slice.js'
import type { DestinationRun, RunContext } from './destination.js'
import type { Progress, SliceLimits, SyncJob, SyncStream } from './job.js'
import type { HttpRun } from './http-run.js'
import { failureOf, type Reached, type RunningSync } from './run-to-end.js'
import { runSync } from './sync.js'

export interface PipelinePorts extends CommitPorts {
  readonly clock: Clock
  readonly limits: SliceLimits
  /** How long one sync fetches, in ms; the rest waits for the next one. */
  readonly fetchMs: number
  /** Makes the client through which one run talks to its provider. */
  readonly providerHttp: (run: HttpRun) => ProviderHttp
}

/** How long one run fetches contents at most, in ms; lists end before. */
const CONTENTS_MS = 1_800_000

/** The part of a grant that a run uses; the grant keeps itself durable. */
export type RunGrant = Pick<OpenGrant, 'account' | 'tokens' | 'current' | 'refresh' | 'liveTokens'>

export interface PipelineRun extends RunningSync {
  readonly use: UsableProvider
  readonly grant: RunGrant
  readonly startedAtMs: number
  /** What is read. */
  readonly streams: readonly SyncStream[]
  /** Everything that the destination opens, read or not. */
  readonly schemas: RunContext['schemas']
  readonly confirmDeletes: boolean
  /** Nothing older need be asked for, in ms since 1970. */
  readonly sinceMs?: number
  /** Ends the run at once. */
  readonly stopping: AbortSignal
  /** Ends it with what it has read, committed. Default: never. */
  readonly wrapUp?: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** Opens the destination, adding what only it must know. */
  readonly open: (context: Omit<RunContext, 'owner'>) => Promise<DestinationRun>
  /** After the last commit and before the last erase. */
  readonly announce: (reached: Reached, run: DestinationRun) => Promise<void>
}

/** @throws NodeError; what was committed stays */
export async function runPipeline(ports: PipelinePorts, sync: PipelineRun): Promise<Reached> {
  const { use, grant, connection, lease, onProgress } = sync
  const signal = AbortSignal.any([lease.signal, sync.stopping])
  const wrapUp = sync.wrapUp ?? new AbortController().signal
  const fetchSignal = AbortSignal.any([signal, wrapUp])
  const fetchUntilMs = sync.startedAtMs + ports.fetchMs
  const of = { connectionId: connection.id, leaseNumber: lease.leaseNumber }
  const run = await sync.open({
    ...of,
    provider: use.provider.id,
    accountId: grant.account.id,
    schemas: sync.schemas,
    signal,
  })
  const httpRun = { ...use, grant, connectionId: connection.id, signal: fetchSignal }
  const hasContents = sync.streams.some(({ content }) => content !== undefined)
  const job: SyncJob = {
    ...of,
    ...use,
    syncId: sync.syncId,
    fields: grant.tokens().fields ?? NO_FIELDS,
    lacking: (needed) => lackingScopes(use.provider, grant.tokens(), needed),
    account: grant.account,
    http: ports.providerHttp({ ...httpRun, deadlineAtMs: fetchUntilMs }),
    ...(hasContents && {
      contentHttp: ports.providerHttp({ ...httpRun, deadlineAtMs: sync.startedAtMs + CONTENTS_MS }),
    }),
    streams: sync.streams,
    run,
    clock: ports.clock,
    limits: ports.limits,
    fetchUntilMs,
    confirmDeletes: sync.confirmDeletes,
    ...(sync.sinceMs !== undefined && { sinceMs: sync.sinceMs }),
    liveTokens: () => grant.liveTokens(),
    signal,
    fetchSignal,
    wrapUp,
    onProgress,
  }
  let failure: Reached['failure']
  try {
    const outcome = await runSync(ports, job, async (reached) => {
      failure = failureOf(reached, job)
      await sync.announce({ outcome: reached, failure }, run)
    })
    return { outcome, failure }
  } finally {
    await run.close()
  }
}
