/** What the job queue is given, and the words it uses with the rest of the node. */
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { ScopedTx, Store } from '../store/index.js'

/** Why a sync runs: somebody asked, its time had come, or its service told of a change. */
export type SyncTrigger = 'request' | 'schedule' | 'webhook'

/** One run, as the function that does it is told. */
export interface SyncRun {
  readonly connectorId: string
  readonly tenant: string
  readonly trigger: SyncTrigger
  /** 1 for the first try of this job. */
  readonly attempt: number
  /** The tenant confirmed deletions that a scan only suspected. */
  readonly confirmDeletes: boolean
  /** The only ones that are wanted; missing: all. */
  readonly streams?: readonly string[]
  /** Aborted with INTERRUPTED when the node stops, with GONE when the job is no longer this process's. */
  readonly signal: AbortSignal
  /** For whoever watches this connector now: stage, stream, counts; nothing of a record. */
  report(facts: object): void
}

/**
 * Runs a sync. It returns when this run is over, and throws when the queue has to act: by the error's fate the job is
 * tried again later (`retry`), put with the dead letters (`stop`, `bug`), or over (`refuse`, `reconnect`, `skip`). May
 * run twice for one job (a process died): it has to be repeatable.
 */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a run that ends plainly says nothing
export type RunSync = (run: SyncRun) => Promise<RunEnd | void>

export interface RunEnd {
  /** It goes on then, as a new job: the provider's limit is used up until that time, in ms since 1970. */
  readonly resumesAtMs?: number | undefined
}

/** Something that is due, as its job carries it. */
export interface DueTask {
  /** Of the row that says so. */
  readonly id: string
  readonly tenant: string
  /** What it takes places from. */
  readonly group: string
  /** What it is about, when its tenant may be told. */
  readonly connectorId?: string
}

export interface TaskContent extends DueTask {
  readonly kind: string
  /** Of a dead letter that was given up while it could have been tried again, and at which try. */
  readonly errorCode?: string
  readonly attempts?: number
}

/** A kind of work beside syncs. */
export interface TaskKind {
  readonly name: string
  /** How often it is looked for what is due. */
  readonly everyMs: number
  /** Gives what is due, at most so many, and moves or marks its rows so that they are not given again. Takes the node's scope. */
  claimDue(tx: ScopedTx, nowMs: number, limit: number): Promise<readonly DueTask[]>
  /** As `RunSync`: may run twice for one job, and what it throws decides by its fate what becomes of the job. */
  run(task: DueTask, signal: AbortSignal): Promise<void>
}

/** Kinds that share places. */
export interface TaskLane {
  readonly queue: 'webhooks' | 'tasks'
  /** Tasks at once in this process. */
  readonly places: number
  /** Tasks at once of one group, over all processes. */
  readonly placesPerGroup: number
  readonly kinds: readonly TaskKind[]
}

export interface JobLimits {
  /** Syncs at once in this process. */
  readonly places: number
  /** Syncs at once of one tenant, over all processes. */
  readonly placesPerTenant: number
}

/** Times; shorter in tests. */
export interface JobPace {
  /** How long other processes' jobs wait to be seen; jobs of this process are seen at once. */
  readonly pollMs: number
  readonly tickMs: number
  /** A process that was not heard of for so long is dead; at least 10. */
  readonly heartbeatSeconds: number
  /** How often dead processes are looked for. */
  readonly monitorSeconds: number
  readonly retrySeconds: number
  readonly retryLimit: number
  /** How long a stop waits for runs to come to their end. */
  readonly stopMs: number
}

export const PACE: JobPace = {
  pollMs: 1_000,
  tickMs: 5_000,
  heartbeatSeconds: 30,
  monitorSeconds: 15,
  retrySeconds: 30,
  retryLimit: 5,
  stopMs: 25_000,
}

export interface JobPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly runSync: RunSync
  /** `api` takes jobs in and runs none; `worker` differs from `all` only in what else the process serves. */
  readonly role: 'all' | 'api' | 'worker'
  readonly limits: JobLimits
  readonly lanes?: readonly TaskLane[]
  readonly pace?: Partial<JobPace>
}
