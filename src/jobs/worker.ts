/** Takes jobs while it has places, keeps them alive while they run, and ends them when the node stops. */
import { NodeError } from '../errors.js'
import { createBell } from './bell.js'
import type { JobLimits, JobPace } from './ports.js'
import { runJob, type RunJobPorts } from './run-job.js'
import type { TakenJob } from './sync-queue.js'

export interface WorkerPorts extends RunJobPorts {
  readonly limits: JobLimits
  readonly pace: JobPace
}

export interface Worker {
  /** Looks for jobs now. */
  wake(): void
  readonly running: number
  /** Ends the connector's run in this process, if there is one, and waits for it. */
  abort(connectorId: string): Promise<void>
  /** Takes nothing more, ends what runs, and waits for it as long as the pace allows. */
  stop(): Promise<void>
}

interface Run {
  readonly job: TakenJob
  readonly controller: AbortController
  readonly done: Promise<void>
}

export function startWorker(ports: WorkerPorts): Worker {
  const { queue, limits, pace, log } = ports
  const runs = new Map<string, Run>()
  const bell = createBell()
  let stopping = false

  function begin(job: TakenJob): void {
    const controller = new AbortController()
    const done = runJob(ports, job, controller.signal).finally(() => {
      runs.delete(job.id)
      bell.ring()
    })
    runs.set(job.id, { job, controller, done })
    if (stopping) controller.abort(new NodeError('INTERRUPTED'))
  }

  async function takeJobs(): Promise<void> {
    while (!stopping) {
      const free = limits.places - runs.size
      try {
        if (free > 0) for (const job of await queue.take(free, limits.placesPerTenant)) begin(job)
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
      log.warn('job.lost', { jobId: id, connectorId: run.job.connectorId })
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
    async abort(connectorId) {
      const own = [...runs.values()].filter(({ job }) => job.connectorId === connectorId)
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
