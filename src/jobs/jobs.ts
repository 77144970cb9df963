/** The job queue put together: what the node's other parts may ask of it. */
import { NodeError } from '../errors.js'
import { connectors } from '../store/index.js'
import { DEAD_QUEUE, openBoss, SYNC_QUEUE } from './boss.js'
import { jobList, type JobList } from './job-list.js'
import { jobQueue, type QueueShape } from './job-queue.js'
import type { DeadLetter, JobContent, JobStats } from './job-rows.js'
import { PACE, type JobPorts, type SyncTrigger } from './ports.js'
import { progressBus, type ProgressFeed } from './progress.js'
import { runJob } from './run-job.js'
import { startScheduler, type Scheduler } from './scheduler.js'
import { taskRunner } from './tasks.js'
import { startWorker, type Worker } from './worker.js'

export interface EnqueuedSync {
  readonly jobId: string
  /** The connector had a live job already: it is that one. */
  readonly already: boolean
  /** It runs already: what happened since it began may be left to the next one. */
  readonly isRunning?: boolean
}

export interface SyncWish {
  /** The tenant confirmed deletions that a scan only suspected. */
  readonly confirmDeletes?: boolean
  /** These alone. A job that waits is made wider by it, never narrower. */
  readonly streams?: readonly string[]
}

export interface Jobs extends JobList {
  /**
   * One live job per connector: while there is one, its id is given. A request makes a waiting one the next.
   * @throws NodeError CONNECTOR_UNKNOWN, STORE_UNAVAILABLE; WRITE_CONFLICT when deletions are confirmed for one that runs already
   */
  enqueueSync(connectorId: string, trigger: SyncTrigger, wish?: SyncWish): Promise<EnqueuedSync>
  /**
   * Takes the connector's live job out of the queue and ends its run: at once in this process, at the next heartbeat
   * in another. To be called when the connector is paused already, or a due one comes back.
   */
  unschedule(connectorId: string): Promise<void>
  /** Begins to run and to schedule, by the role. */
  start(): Promise<void>
  /** Ends the running syncs, gives their jobs back, and lets go of the store. */
  stop(): Promise<void>
  /** Whether the queue can be asked. @throws NodeError STORE_UNAVAILABLE */
  ready(): Promise<void>
  /** Counted over all processes, `runningHere` in this one. */
  stats(): Promise<JobStats & { readonly runningHere: number }>
  /** The newest first. */
  deadLetters(query?: { readonly tenant?: string; readonly limit?: number }): Promise<readonly DeadLetter[]>
  /** Of runs in this process. */
  progressOf(connectorId: string): ProgressFeed
}

const SENDS = 3
/** After which it is worth asking whether a sync still runs. */
const RUNS_MS = 10_000
/** Somebody waits for those. */
const PRIORITY = { request: 10, webhook: 5, schedule: 0 } as const

const syncShape: QueueShape<JobContent> = {
  name: SYNC_QUEUE,
  dead: DEAD_QUEUE,
  keyOf: ({ connectorId }) => connectorId,
  groupOf: ({ tenant }) => tenant,
  priorityOf: ({ trigger }) => PRIORITY[trigger],
}

/** One job that does what both were to do. */
function joined(waiting: JobContent, wish: JobContent): JobContent {
  const { streams: some, ...content } = waiting
  const streams = some && wish.streams && [...new Set([...some, ...wish.streams])].sort()
  return {
    ...content,
    ...(wish.trigger === 'request' && { trigger: wish.trigger }),
    ...(wish.confirmDeletes === true && { confirmDeletes: true }),
    ...(streams !== undefined && { streams }),
  }
}

/** @throws NodeError STORE_UNAVAILABLE, CONFIG_INVALID */
export async function createJobs(ports: JobPorts): Promise<Jobs> {
  const { store, clock, log, role } = ports
  const pace = { ...PACE, ...ports.pace }
  const opened = await openBoss(store, log, pace)
  const queue = jobQueue(store, opened, syncShape)
  const tasks = (ports.lanes ?? []).map((lane) => taskRunner({ store, opened, clock, log, pace }, lane))
  const progress = progressBus(() => clock.now())
  let worker: Worker | undefined
  let scheduler: Scheduler | undefined

  function tellQueued(connectorIds: readonly string[]): void {
    for (const id of connectorIds) progress.tell(id, 'queued')
    worker?.wake()
  }

  return {
    ...jobList(store, opened),
    async enqueueSync(connectorId, trigger, { confirmDeletes = false, streams } = {}) {
      const connector = await store.node((tx) => connectors.get(tx, connectorId))
      if (connector === undefined) throw new NodeError('CONNECTOR_UNKNOWN')
      for (let send = 0; send < SENDS; send++) {
        const content = {
          connectorId,
          tenant: connector.tenant,
          trigger,
          ...(confirmDeletes && { confirmDeletes }),
          ...(streams !== undefined && { streams }),
        }
        const jobId = await queue.add(content)
        if (jobId !== undefined) {
          tellQueued([connectorId])
          return { jobId, already: false }
        }
        const live = await queue.rows.live(connectorId)
        // It came to its end just now.
        if (live === undefined) continue
        if (confirmDeletes && live.state === 'active')
          throw new NodeError('WRITE_CONFLICT', {
            detail: 'a sync runs: ask again after it',
            retryAfterMs: RUNS_MS,
          })
        if (live.state === 'active') return { jobId: live.id, already: true, isRunning: true }
        const isHurried = trigger === 'request'
        // It began or ended just now, without the wish.
        if (!(await queue.change(live.id, (waiting) => joined(waiting, content), { hurry: isHurried })))
          continue
        if (isHurried) worker?.wake()
        return { jobId: live.id, already: true }
      }
      throw new NodeError('WRITE_CONFLICT', { detail: 'jobs of this connector come and go' })
    },
    async unschedule(connectorId) {
      const live = await queue.rows.live(connectorId)
      if (live !== undefined) await queue.cancel(live.id)
      await worker?.abort(connectorId)
    },
    async start() {
      if (role === 'api' || worker !== undefined) return
      // Embedded, no other process can be running them.
      if (store.dialect === 'pglite') await queue.recover(await queue.rows.active())
      worker = startWorker({
        queue,
        log,
        pace,
        places: ports.limits.places,
        perGroup: ports.limits.placesPerTenant,
        run: (job, signal) => runJob({ ...ports, queue, progress }, job, signal),
      })
      scheduler = startScheduler({ store, queue, clock, log, tickMs: pace.tickMs, onQueued: tellQueued })
      for (const runner of tasks) await runner.start()
    },
    async stop() {
      await scheduler?.stop()
      await Promise.all([worker?.stop(), ...tasks.map((runner) => runner.stop())])
      await opened.boss.stop({ graceful: false })
    },
    async ready() {
      await queue.rows.live('')
    },
    stats: async () => ({ ...(await queue.rows.stats()), runningHere: worker?.running ?? 0 }),
    deadLetters: ({ tenant, limit = 100 } = {}) =>
      queue.rows.dead({ ...(tenant === undefined ? {} : { tenant }), limit }),
    progressOf: (connectorId) => progress.progressOf(connectorId),
  }
}
