/** Work beside syncs: rows say when something is due, the queue runs it. Each kind claims its rows in the transaction that puts their jobs in. */
import { toNodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Store } from '../store/index.js'
import { DEAD_TASK_QUEUE, type OpenBoss, type TASK_QUEUE, type WEBHOOK_QUEUE } from './boss.js'
import { jobQueue, type JobQueue, type QueueShape } from './job-queue.js'
import type { JobPace, TaskContent, TaskKind, TaskLane } from './ports.js'
import { settleJob } from './settle-job.js'
import { startWorker, type Worker } from './worker.js'

export interface TaskPorts {
  readonly store: Store
  readonly opened: OpenBoss
  readonly clock: Clock
  readonly log: Log
  readonly pace: JobPace
}

export interface TaskRunner {
  readonly queue: JobQueue<TaskContent>
  /** Begins to look for what is due, and to run it. */
  start(): Promise<void>
  stop(): Promise<void>
}

const PAGE = 200
/** Other processes' jobs are seen later than one's own: whoever claims wakes its own worker. */
const POLLS = 5

export const taskShape = (name: typeof TASK_QUEUE | typeof WEBHOOK_QUEUE): QueueShape<TaskContent> => ({
  name,
  dead: DEAD_TASK_QUEUE,
  keyOf: ({ kind, id }) => `${kind} ${id}`,
  groupOf: ({ group }) => group,
  priorityOf: () => 0,
})

export function taskRunner(ports: TaskPorts, lane: TaskLane): TaskRunner {
  const { store, opened, clock, log, pace } = ports
  const queue = jobQueue(store, opened, taskShape(lane.queue))
  const kinds = new Map(lane.kinds.map((kind) => [kind.name, kind]))
  const timers: NodeJS.Timeout[] = []
  const looks = new Map<TaskKind, Promise<void>>()
  let worker: Worker | undefined
  let stopping = false

  /** Once at a time; what fails is looked for again. */
  function look(kind: TaskKind): void {
    if (looks.has(kind)) return
    const looking = claimAll(kind)
      .catch((error: unknown) => log.warn('jobs.failed', { kind: kind.name, error: toNodeError(error) }))
      .finally(() => looks.delete(kind))
    looks.set(kind, looking)
  }

  async function claimAll(kind: TaskKind): Promise<void> {
    while (!stopping && (await claim(kind)) === PAGE);
  }

  async function claim(kind: TaskKind): Promise<number> {
    const due = await store.node(async (tx) => {
      const tasks = await kind.claimDue(tx, clock.now(), PAGE)
      if (tasks.length > 0)
        await queue.addAllIn(
          tx,
          tasks.map((task) => ({ ...task, kind: kind.name })),
        )
      return tasks.length
    })
    if (due > 0) worker?.wake()
    return due
  }

  return {
    queue,
    async start() {
      if (worker !== undefined) return
      // Embedded, no other process can be running them.
      if (store.dialect === 'pglite') await queue.recover(await queue.rows.active())
      worker = startWorker({
        queue,
        log,
        pace: { ...pace, pollMs: pace.pollMs * POLLS },
        places: lane.places,
        perGroup: lane.placesPerGroup,
        async run(job, signal) {
          try {
            const error = await runTask(kinds.get(job.content.kind), job.content, signal)
            if (error === undefined) await queue.complete(job)
            else await settleJob({ queue, log }, job, { error, signal })
          } catch (error) {
            log.warn('jobs.failed', { jobId: job.id, kind: job.content.kind, error: toNodeError(error) })
          }
        },
      })
      for (const kind of lane.kinds) {
        timers.push(setInterval(() => look(kind), kind.everyMs))
        look(kind)
      }
    },
    async stop() {
      stopping = true
      for (const timer of timers) clearInterval(timer)
      await Promise.all(looks.values())
      await worker?.stop()
    },
  }
}

/** A kind that this version does not know is over: its row is there for the version that does. */
async function runTask(kind: TaskKind | undefined, content: TaskContent, signal: AbortSignal) {
  return kind?.run(content, signal).then(() => undefined, toNodeError)
}
