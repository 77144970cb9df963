/** The job queue put together: what the node's other parts may ask of it. */
import { NodeError } from '../errors.js'
import { connectors } from '../store/index.js'
import { openBoss } from './boss.js'
import type { DeadLetter, JobStats } from './job-rows.js'
import { PACE, type JobPorts, type SyncTrigger } from './ports.js'
import { progressBus, type ProgressFeed } from './progress.js'
import { startScheduler, type Scheduler } from './scheduler.js'
import { syncQueue } from './sync-queue.js'
import { startWorker, type Worker } from './worker.js'

export interface EnqueuedSync {
  readonly jobId: string
  /** The connector had a live job already: it is that one. */
  readonly already: boolean
}

export interface Jobs {
  /**
   * One live job per connector: while there is one, its id is given. A request makes a waiting one the next.
   * @throws NodeError CONNECTOR_UNKNOWN, STORE_UNAVAILABLE
   */
  enqueueSync(connectorId: string, trigger: SyncTrigger): Promise<EnqueuedSync>
  /**
   * Takes the connector's live job out of the queue and ends its run: at once in this process, at the next heartbeat
   * in another. To be called when the connector is paused already, or a due one comes back.
   */
  unschedule(connectorId: string): Promise<void>
  /** Begins to run and to schedule, by the role. */
  start(): Promise<void>
  /** Ends the running syncs, gives their jobs back, and lets go of the store. */
  stop(): Promise<void>
  /** Counted over all processes, `runningHere` in this one. */
  stats(): Promise<JobStats & { readonly runningHere: number }>
  /** The newest first. */
  deadLetters(query?: { readonly tenant?: string; readonly limit?: number }): Promise<readonly DeadLetter[]>
  /** Of runs in this process. */
  progressOf(connectorId: string): ProgressFeed
}

const SENDS = 3

/** @throws NodeError STORE_UNAVAILABLE, CONFIG_INVALID */
export async function createJobs(ports: JobPorts): Promise<Jobs> {
  const { store, clock, log, role } = ports
  const pace = { ...PACE, ...ports.pace }
  const opened = await openBoss(store, log, pace)
  const queue = syncQueue(store, opened)
  const progress = progressBus(() => clock.now())
  let worker: Worker | undefined
  let scheduler: Scheduler | undefined

  function tellQueued(connectorIds: readonly string[]): void {
    for (const id of connectorIds) progress.tell(id, 'queued')
    worker?.wake()
  }

  return {
    async enqueueSync(connectorId, trigger) {
      const connector = await store.node((tx) => connectors.get(tx, connectorId))
      if (connector === undefined) throw new NodeError('CONNECTOR_UNKNOWN')
      for (let send = 0; send < SENDS; send++) {
        const jobId = await queue.add({ connectorId, tenant: connector.tenant, trigger })
        if (jobId !== undefined) {
          tellQueued([connectorId])
          return { jobId, already: false }
        }
        const live = await queue.rows.live(connectorId)
        // It came to its end just now.
        if (live === undefined) continue
        if (trigger === 'request' && live.state !== 'active') {
          await queue.hurry(live.id)
          worker?.wake()
        }
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
      worker = startWorker({ ...ports, queue, progress, pace })
      scheduler = startScheduler({ store, queue, clock, log, tickMs: pace.tickMs, onQueued: tellQueued })
    },
    async stop() {
      await scheduler?.stop()
      await worker?.stop()
      await opened.boss.stop({ graceful: false })
    },
    stats: async () => ({ ...(await queue.rows.stats()), runningHere: worker?.running ?? 0 }),
    deadLetters: ({ tenant, limit = 100 } = {}) =>
      queue.rows.dead({ ...(tenant === undefined ? {} : { tenant }), limit }),
    progressOf: (connectorId) => progress.progressOf(connectorId),
  }
}
