/** Connectors and queues for the tests of the job queue. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../src/lib/clock.js'
import { systemClock } from '../../src/lib/clock.js'
import { silentLog } from '../../src/lib/log.js'
import { createJobs, type JobPorts, type Jobs, type RunSync, type SyncRun } from '../../src/jobs/index.js'
import { connectors, type Connector, type NewConnector, type Store } from '../../src/store/index.js'
import { addConnection } from './store-rows.js'

export const someTenant = (): string => `tenant-${randomUUID().slice(0, 8)}`

/** An active connector without a schedule. */
export async function addConnector(store: Store, facts: Partial<NewConnector> = {}): Promise<Connector> {
  const tenant = facts.tenant ?? someTenant()
  const connection = await addConnection(store, {
    owner: `tenant:${tenant}:${randomUUID()}`,
    custody: 'node',
    destination: 'tables',
  })
  return store.tenant(tenant, (tx) =>
    connectors.create(tx, {
      id: randomUUID(),
      tenant,
      subject: 'someone',
      type: 'sandbox',
      displayName: 'Sandbox',
      authKind: 'oauth2',
      config: {},
      status: 'active',
      streams: null,
      syncFrequency: null,
      nextRunAtMs: null,
      connectionId: connection.id,
      nowMs: systemClock.now(),
      ...facts,
    }),
  )
}

export async function readConnector(store: Store, { id }: Connector): Promise<Connector> {
  const row = await store.node((tx) => connectors.get(tx, id))
  if (row === undefined) throw new Error('the connector is gone')
  return row
}

/** Quick looks; a dead process is found as fast as pg-boss allows. */
export const QUICK = {
  pollMs: 200,
  tickMs: 200,
  heartbeatSeconds: 10,
  monitorSeconds: 1,
  retrySeconds: 1,
} as const

export async function openJobs(
  store: Store,
  runSync: RunSync,
  ports: Partial<Omit<JobPorts, 'store' | 'runSync'>> = {},
): Promise<Jobs> {
  return createJobs({
    store,
    runSync,
    clock: systemClock,
    log: silentLog,
    role: 'all',
    limits: { places: 4, placesPerTenant: 4 },
    ...ports,
    pace: { ...QUICK, ...ports.pace },
  })
}

/** Runs that last until a test ends them; each can be awaited to begin. */
export interface HeldRuns {
  readonly runSync: RunSync
  readonly running: readonly SyncRun[]
  /** Every run that ever began, in order. */
  readonly begun: readonly SyncRun[]
  /** Waits until so many have begun in all. */
  untilBegun(count: number): Promise<void>
  /** Ends the oldest running one, of this tenant when one is named. */
  endOne(tenant?: string): void
}

export function heldRuns(): HeldRuns {
  const running: SyncRun[] = []
  const begun: SyncRun[] = []
  const ends = new Map<SyncRun, (error?: Error) => void>()
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>()
  return {
    running,
    begun,
    runSync: (run) =>
      new Promise<void>((resolve, reject) => {
        const end = (error?: Error): void => {
          running.splice(running.indexOf(run), 1)
          ends.delete(run)
          if (error === undefined) resolve()
          else reject(error)
        }
        running.push(run)
        begun.push(run)
        ends.set(run, end)
        run.signal.addEventListener('abort', () => end(run.signal.reason as Error))
        for (const waiter of waiting) if (begun.length >= waiter.count) waiter.resolve()
      }),
    untilBegun: (count) =>
      new Promise((resolve) => {
        if (begun.length >= count) resolve()
        else waiting.add({ count, resolve })
      }),
    endOne(tenant) {
      const oldest = running.find((run) => tenant === undefined || run.tenant === tenant)
      if (oldest === undefined) throw new Error('nothing runs')
      ends.get(oldest)?.()
    },
  }
}

/** A wall clock that tests set. */
export interface SetClock extends Clock {
  set(ms: number): void
}

export function setClock(startMs: number): SetClock {
  let at = startMs
  return { now: () => at, set: (ms) => (at = ms) }
}

/** Resolves with the first event of one of these kinds. */
export async function untilTold(
  jobs: Jobs,
  connectorId: string,
  ...kinds: readonly string[]
): Promise<string> {
  return new Promise((resolve) => {
    const feed = jobs.progressOf(connectorId)
    const stop = feed.follow(({ kind }) => {
      if (!kinds.includes(kind)) return
      stop()
      resolve(kind)
    })
  })
}
