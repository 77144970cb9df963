/** Takes jobs while it has places, keeps them alive while they run, and ends them when the node stops. */
import { NodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import { createBell } from './bell.js'
import type { JobQueue, TakenJob } from './job-queue.js'
import type { JobPace } from './ports.js'

export interface WorkerPorts<C extends object> {
  readonly queue: JobQueue<C>
  readonly log: Log
  readonly pace: JobPace
  /** Jobs at once in this process. */
  readonly places: number
  /** Jobs at once of one group, over all processes. */
  readonly perGroup: number
  /** From its start to its end in the queue; never rejects. */
  readonly run: (job: TakenJob<C>, signal: AbortSignal) => Promise<void>
}

export interface Worker {
  /** Looks for jobs now. */
  wake(): void
  readonly running: number
  /** Ends the run of a key in this process, if there is one, and waits for it. */
  abort(key: string): Promise<void>
  /** Takes nothing more, ends what runs, and waits for it as long as the pace allows. */
  stop(): Promise<void>
}

interface Run<C extends object> {
  readonly job: TakenJob<C>
  readonly controller: AbortController
  readonly done: Promise<void>
}

export function startWorker<C extends object>(ports: WorkerPorts<C>): Worker {
  const { queue, places, perGroup, pace, log } = ports
  const runs = new Map<string, Run<C>>()
  const bell = createBell()
  let stopping = false

  function begin(job: TakenJob<C>): void {
    const controller = new AbortController()
    const done = ports.run(job, controller.signal).finally(() => {
      runs.delete(job.id)
      bell.ring()
    })
    runs.set(job.id, { job, controller, done })
    if (stopping) controller.abort(new NodeError('INTERRUPTED'))
  }

  async function takeJobs(): Promise<void> {
    while (!stopping) {
      const free = places - runs.size
      try {
        if (free > 0) for (const job of await queue.take(free, perGroup)) begin(job)
      } catch (error) {
        log.warn('jobs.failed', { error })
      }
      // A stop rings.
      await bell.wait(pace.pollMs)
    }
  }

  async function keepAlive(): Promise<void> {
    const ids = [...runs.keys()]
    if (ids.length === 0 || (await queue.touch(ids)) === ids.length) return
    const ours = new Set(await queue.rows.active(ids))
    for (const id of ids) {
      const run = ours.has(id) ? undefined : runs.get(id)
      if (run === undefined || run.controller.signal.aborted) continue
      log.warn('job.lost', { jobId: id, key: queue.keyOf(run.job.content) })
      run.controller.abort(
        new NodeError('GONE', { detail: 'the job was cancelled, or is another process’s' }),
      )
    }
  }

  const loop = takeJobs()
  const heart = setInterval(
    () => void keepAlive().catch((error: unknown) => log.warn('jobs.failed', { error })),
    (pace.heartbeatSeconds * 1_000) / 3,
  )

  return {
    wake: () => bell.ring(),
    get running() {
      return runs.size
    },
    async abort(key) {
      const own = [...runs.values()].filter(({ job }) => queue.keyOf(job.content) === key)
      for (const { controller } of own) controller.abort(new NodeError('GONE'))
      await Promise.all(own.map(({ done }) => done))
    },
    async stop() {
      stopping = true
      bell.ring()
      await loop
      for (const { controller } of runs.values()) controller.abort(new NodeError('INTERRUPTED'))
      await within(pace.stopMs, Promise.all([...runs.values()].map(({ done }) => done)))
      clearInterval(heart)
    },
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
