/** Puts the runs whose time has come into the queue, on every process that works; a run is put in once, however many look. */
import { toNodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { connectors, type Connector, type Store } from '../store/index.js'
import { nextRun, nextRunAfter } from './frequency.js'
import type { JobContent } from './job-rows.js'
import type { JobQueue } from './job-queue.js'

export interface SchedulerPorts {
  readonly store: Store
  readonly queue: JobQueue<JobContent>
  readonly clock: Clock
  readonly log: Log
  readonly tickMs: number
  /** Called when jobs were put in. */
  readonly onQueued: (connectorIds: readonly string[]) => void
}

export interface Scheduler {
  /** One look; for tests, and for whoever cannot wait. */
  tick(): Promise<void>
  /** Waits for the look that is under way. */
  stop(): Promise<void>
}

const PAGE = 200
/** A step of the wall clock beside the time that really passed; less is drift. */
const JUMP_MS = 60_000
/**
 * A run that has more to do is due again before its job is over: such a one stays due for a while. Later the run is
 * taken for one that outlasts its interval, and this time of it is left out.
 */
const ENDING_MS = 30_000

export function startScheduler(ports: SchedulerPorts): Scheduler {
  const { store, queue, clock, log, tickMs, onQueued } = ports
  let stopping = false
  let last = { wallMs: clock.now(), realMs: performance.now() }
  // At the start too: it may have happened while no process was running.
  let wasPutBack = true

  async function tick(): Promise<void> {
    while (!stopping) {
      const nowMs = readClock()
      if (wasPutBack) await bringNearer(nowMs)
      wasPutBack = false
      const due = await store.node((tx) => connectors.due(tx, nowMs, PAGE))
      if (due.length === 0) return
      // In this order: a process that dies between the two leaves runs that are put in again, never one that is lost.
      const added = await queue.addAll(due.map(asContent))
      const late = due.filter((row) => !added.has(row.id) && isPast(row, nowMs - ENDING_MS))
      // A sync of some streams stands for no run of all.
      const narrow = await queue.rows.narrow(late.map(({ id }) => id))
      const settled = due.filter((row) => added.has(row.id) || (late.includes(row) && !narrow.has(row.id)))
      await move(settled, nowMs)
      onQueued([...added])
      if (due.length < PAGE || settled.length === 0) return
    }
  }

  /** Every reading is compared with the one before. */
  function readClock(): number {
    const now = { wallMs: clock.now(), realMs: performance.now() }
    const passedMs = now.realMs - last.realMs
    if (now.wallMs - last.wallMs < passedMs - JUMP_MS) wasPutBack = true
    last = now
    return now.wallMs
  }

  /** Runs planned by a clock that was ahead would wait for that time to come again. */
  async function bringNearer(nowMs: number): Promise<void> {
    let after: Pick<Connector, 'id' | 'nextRunAtMs'> | undefined
    let moved = 0
    while (!stopping) {
      const from = after
      const page = await store.node((tx) => connectors.plannedAfter(tx, nowMs, from, PAGE))
      const far = page.filter((row) => isTooFar(row, nowMs))
      await move(far, nowMs)
      moved += far.length
      after = page.at(-1)
      if (page.length < PAGE) break
    }
    if (moved > 0) log.warn('jobs.schedule', { moved, reason: 'the clock was put back' })
  }

  async function move(rows: readonly Connector[], nowMs: number): Promise<void> {
    if (rows.length === 0) return
    const moves = rows.map((row) => ({
      id: row.id,
      fromMs: row.nextRunAtMs,
      toMs: following(row, nowMs),
    }))
    await store.node((tx) => connectors.moveNextRuns(tx, moves))
  }

  /** One run may be left out on purpose, when a provider asked to wait; two may not. */
  function isTooFar({ syncFrequency, nextRunAtMs, id }: Connector, nowMs: number): boolean {
    if (syncFrequency === null || nextRunAtMs === null) return false
    try {
      return nextRunAtMs > nextRun(syncFrequency, nextRun(syncFrequency, nowMs))
    } catch (error) {
      log.error('jobs.schedule', { connectorId: id, error: toNodeError(error) })
      return false
    }
  }

  /** A schedule that cannot be read must not stop those of others. */
  function following({ syncFrequency, nextRunAtMs, id }: Connector, nowMs: number): number | null {
    if (syncFrequency === null) return null
    try {
      return nextRunAfter(syncFrequency, nextRunAtMs ?? nowMs, nowMs)
    } catch (error) {
      log.error('jobs.schedule', { connectorId: id, error: toNodeError(error) })
      return null
    }
  }

  let current: Promise<void> | undefined
  const tickOnce = (): Promise<void> =>
    (current ??= tick().finally(() => {
      current = undefined
    }))
  const inBackground = (): void =>
    void tickOnce().catch((error: unknown) => log.warn('jobs.failed', { error: toNodeError(error) }))
  const timer = setInterval(inBackground, tickMs)
  inBackground()

  return {
    tick: tickOnce,
    async stop() {
      stopping = true
      clearInterval(timer)
      await current?.catch(() => undefined)
    },
  }
}

const asContent = ({ id, tenant }: Connector): JobContent => ({
  connectorId: id,
  tenant,
  trigger: 'schedule',
})

const isPast = ({ nextRunAtMs }: Connector, ms: number): boolean => nextRunAtMs === null || nextRunAtMs <= ms
