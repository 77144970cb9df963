/** The job queue over a store, on every engine: who runs what, how often, and what happens when it fails. */
import { afterEach, expect, test } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import type { JobPorts, Jobs, RunSync } from '../../../src/jobs/index.js'
import type { Store } from '../../../src/store/index.js'
import { addConnector, heldRuns, openJobs, someTenant, untilTold } from '../../support/job-bench.js'
import { onEveryStore } from '../../support/store-suite.js'

await onEveryStore('jobs', (store, kind) => {
  const open: Jobs[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((jobs) => jobs.stop()))
    await jobsTable(store(), 'delete from')
  })
  async function startJobs(runSync: RunSync, ports?: Parameters<typeof openJobs>[2]): Promise<Jobs> {
    const jobs = await openJobs(store(), runSync, ports)
    open.push(jobs)
    await jobs.start()
    return jobs
  }

  test('a request runs once, and its job is over', async () => {
    const runs = heldRuns()
    const jobs = await startJobs(runs.runSync)
    const connector = await addConnector(store())
    const { already } = await jobs.enqueueSync(connector.id, 'request')
    await runs.untilBegun(1)
    expect(already).toBe(false)
    expect(runs.begun[0]).toMatchObject({
      connectorId: connector.id,
      tenant: connector.tenant,
      trigger: 'request',
      attempt: 1,
    })
    const told = untilTold(jobs, connector.id, 'finished')
    runs.endOne()
    await told
    expect(await jobs.stats()).toMatchObject({ waiting: 0, running: 0, retrying: 0, runningHere: 0 })
  })

  test('a queue that cannot be asked says so, takes nothing, and goes on when it is back', async () => {
    const runs = heldRuns()
    const jobs = await startJobs(runs.runSync)
    const connector = await addConnector(store())
    await jobs.ready()
    await moveQueue(store(), 'jobs', 'gone')
    try {
      const page = { tenant: connector.tenant, limit: 1 }
      const asks = [
        () => jobs.ready(),
        () => jobs.enqueueSync(connector.id, 'request'),
        () => jobs.list(page),
      ]
      for (const ask of asks) await expect(ask()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    } finally {
      await moveQueue(store(), 'gone', 'jobs')
    }
    await jobs.ready()
    expect(await jobs.enqueueSync(connector.id, 'request')).toMatchObject({ already: false })
    await runs.untilBegun(1)
    runs.endOne()
  })

  test('a connector has one live job: a second request gets the id of the first, waiting or running', async () => {
    const runs = heldRuns()
    const jobs = await openJobs(store(), runs.runSync)
    open.push(jobs)
    const connector = await addConnector(store())
    const first = await jobs.enqueueSync(connector.id, 'schedule')
    expect(await jobs.enqueueSync(connector.id, 'request')).toEqual({ jobId: first.jobId, already: true })
    await jobs.start()
    await runs.untilBegun(1)
    const many = await Promise.all([1, 2, 3].map(() => jobs.enqueueSync(connector.id, 'request')))
    expect(many).toEqual(Array(3).fill({ jobId: first.jobId, already: true, isRunning: true }))
    const told = untilTold(jobs, connector.id, 'finished')
    runs.endOne()
    await told
    expect(await jobs.enqueueSync(connector.id, 'request')).toMatchObject({ already: false })
    await runs.untilBegun(2)
    expect(runs.begun).toHaveLength(2)
  })

  test('a job of some streams is made wider while it waits, and never narrower', async () => {
    const runs = heldRuns()
    const jobs = await openJobs(store(), runs.runSync)
    open.push(jobs)
    const [some, all] = [await addConnector(store()), await addConnector(store())]
    await jobs.enqueueSync(some.id, 'webhook', { streams: ['posts'] })
    await jobs.enqueueSync(some.id, 'webhook', { streams: ['files', 'posts'] })
    await jobs.enqueueSync(all.id, 'webhook', { streams: ['posts'] })
    await jobs.enqueueSync(all.id, 'request', { confirmDeletes: true })
    await jobs.enqueueSync(all.id, 'webhook', { streams: ['posts'] })
    await jobs.start()
    await runs.untilBegun(2)
    const of = (id: string) => runs.begun.find(({ connectorId }) => connectorId === id)
    expect(of(some.id)).toMatchObject({ trigger: 'webhook', streams: ['files', 'posts'] })
    expect(of(all.id)).toMatchObject({ trigger: 'request', confirmDeletes: true })
    expect(of(all.id)?.streams).toBeUndefined()
    expect(await jobs.enqueueSync(some.id, 'webhook', { streams: ['posts'] })).toMatchObject({
      isRunning: true,
    })
    runs.endOne()
    runs.endOne()
  })

  test('an unknown connector is refused', async () => {
    const jobs = await startJobs(async () => undefined)
    const id = '5d0f8a37-6f4c-4a0e-9c49-8f1f6f6f0001'
    await expect(jobs.enqueueSync(id, 'request')).rejects.toMatchObject({ code: 'CONNECTOR_UNKNOWN' })
  })

  test('a process runs no more than its places, and a request goes before the schedule', async () => {
    const runs = heldRuns()
    const jobs = await openJobs(store(), runs.runSync, { limits: { places: 2, placesPerTenant: 2 } })
    open.push(jobs)
    const all = await Promise.all([1, 2, 3, 4].map(() => addConnector(store())))
    for (const { id } of all.slice(0, 3)) await jobs.enqueueSync(id, 'schedule')
    await jobs.enqueueSync(all[3]!.id, 'request')
    await jobs.start()
    await runs.untilBegun(2)
    expect(runs.begun.map(({ connectorId }) => connectorId)).toContain(all[3]!.id)
    expect(await jobs.stats()).toMatchObject({ waiting: 2, running: 2, runningHere: 2 })
    runs.endOne()
    await runs.untilBegun(3)
    expect(runs.running).toHaveLength(2)
    runs.endOne()
    runs.endOne()
    await runs.untilBegun(4)
    expect(new Set(runs.begun.map(({ connectorId }) => connectorId)).size).toBe(4)
  })

  test('a tenant gets no more than its places over all processes, and does not hold up others', async () => {
    const runs = heldRuns()
    const limits = { places: 4, placesPerTenant: 2 }
    const busy = someTenant()
    // Embedded, one process is all there is.
    const processes = Array.from({ length: kind === 'pglite' ? 1 : 2 })
    const all = await Promise.all(processes.map(() => openJobs(store(), runs.runSync, { limits })))
    open.push(...all)
    const [jobs] = all
    for (let count = 0; count < 6; count++) {
      const { id } = await addConnector(store(), { tenant: busy })
      await jobs!.enqueueSync(id, 'request')
    }
    const other = await addConnector(store())
    await jobs!.enqueueSync(other.id, 'schedule')
    await Promise.all(all.map((one) => one.start()))
    await runs.untilBegun(3)
    const most = (): number => runs.running.filter(({ tenant }) => tenant === busy).length
    expect(runs.running.some(({ connectorId }) => connectorId === other.id)).toBe(true)
    expect(most()).toBe(2)
    for (let begun = 3; begun < 7; begun++) {
      runs.endOne(busy)
      await runs.untilBegun(begun + 1)
      expect(most()).toBeLessThanOrEqual(2)
    }
  })

  test('an error that waiting mends is tried again, then given up as a dead letter', async () => {
    const attempts: number[] = []
    const jobs = await startJobs(
      async ({ attempt }) => {
        attempts.push(attempt)
        throw new NodeError('PROVIDER_DOWN')
      },
      { pace: { retryLimit: 1 } },
    )
    const connector = await addConnector(store())
    const told = untilTold(jobs, connector.id, 'failed')
    await jobs.enqueueSync(connector.id, 'request')
    await told
    expect(attempts).toEqual([1, 2])
    const letters = await jobs.deadLetters({ tenant: connector.tenant })
    expect(letters).toMatchObject([
      { connectorId: connector.id, tenant: connector.tenant, trigger: 'request', errorCode: 'PROVIDER_DOWN' },
    ])
    expect(await jobs.deadLetters({ tenant: someTenant() })).toEqual([])
    const { tenant } = connector
    expect(await jobs.list({ tenant, state: 'dead', limit: 1 })).toMatchObject([{ attempts: 2 }])
    expect(await jobs.enqueueSync(connector.id, 'request')).toMatchObject({ already: false })
  })

  test('an error that waiting does not mend is a dead letter at once; one that is the caller’s is over', async () => {
    const codes = ['PROVIDER_CHANGED', 'TOKEN_REVOKED'] as const
    const begun: string[] = []
    const byConnector = new Map<string, (typeof codes)[number]>()
    const jobs = await startJobs(async ({ connectorId }) => {
      const code = byConnector.get(connectorId)
      if (code === undefined) return
      begun.push(code)
      throw new NodeError(code)
    })
    const tenant = someTenant()
    for (const code of codes) {
      const { id } = await addConnector(store(), { tenant })
      byConnector.set(id, code)
      const told = untilTold(jobs, id, 'failed')
      await jobs.enqueueSync(id, 'request')
      await told
    }
    expect(begun).toEqual(codes)
    const letters = await jobs.deadLetters({ tenant })
    expect(letters.map(({ errorCode }) => errorCode)).toEqual(['PROVIDER_CHANGED'])
  })

  test('a run that waits for its limit goes on as a new job, not before, and is no failure', async () => {
    const attempts: number[] = []
    const jobs = await startJobs(async ({ attempt }) => {
      attempts.push(attempt)
      return attempts.length === 1 ? { resumesAtMs: Date.now() + 3_600_000 } : {}
    })
    const { id } = await addConnector(store())
    const first = untilTold(jobs, id, 'finished')
    const { jobId } = await jobs.enqueueSync(id, 'request')
    await first
    const scheduled = await jobs.enqueueSync(id, 'schedule')
    expect(scheduled.already).toBe(true)
    expect(scheduled.jobId).not.toBe(jobId)
    expect(attempts).toEqual([1])
    const second = untilTold(jobs, id, 'finished')
    await jobs.enqueueSync(id, 'request')
    await second
    expect(attempts).toEqual([1, 1])
  })

  test('a provider’s wish to wait is kept, and a request makes the waiting retry the next one', async () => {
    let runs = 0
    const jobs = await startJobs(async () => {
      if (++runs === 1) throw new NodeError('RATE_LIMITED', { retryAfterMs: 3_600_000 })
    })
    const connector = await addConnector(store())
    const retrying = untilTold(jobs, connector.id, 'retrying')
    const { jobId } = await jobs.enqueueSync(connector.id, 'schedule')
    await retrying
    expect(await secondsUntilStart(store(), jobId)).toBeGreaterThan(3_500)
    const page = { tenant: connector.tenant, state: 'waiting', limit: 1 } as const
    expect(await jobs.list(page)).toMatchObject([{ attempts: 1, errorCode: 'RATE_LIMITED' }])
    const finished = untilTold(jobs, connector.id, 'finished')
    expect(await jobs.enqueueSync(connector.id, 'request')).toEqual({ jobId, already: true })
    await finished
    expect(runs).toBe(2)
  })

  test('a job that is taken out runs no more: a waiting one never, a running one is ended', async () => {
    const runs = heldRuns()
    const jobs = await startJobs(runs.runSync, { limits: { places: 1, placesPerTenant: 1 } })
    const [running, waiting, last] = await Promise.all([1, 2, 3].map(() => addConnector(store())))
    await jobs.enqueueSync(running!.id, 'request')
    await runs.untilBegun(1)
    await jobs.enqueueSync(waiting!.id, 'request')
    await jobs.unschedule(waiting!.id)
    await jobs.unschedule(running!.id)
    expect(runs.running).toHaveLength(0)
    expect(runs.begun[0]?.signal.reason).toMatchObject({ code: 'GONE' })
    await jobs.enqueueSync(last!.id, 'request')
    await runs.untilBegun(2)
    expect(runs.begun.map(({ connectorId }) => connectorId)).toEqual([running!.id, last!.id])
    expect(await jobs.stats()).toMatchObject({ waiting: 0, retrying: 0, running: 1 })
  })

  test('a stop gives running jobs back, and they cost no try', async () => {
    const runs = heldRuns()
    const first = await openJobs(store(), runs.runSync)
    await first.start()
    const connector = await addConnector(store())
    await first.enqueueSync(connector.id, 'request')
    await runs.untilBegun(1)
    await first.stop()
    expect(runs.begun[0]?.signal.reason).toMatchObject({ code: 'INTERRUPTED' })
    const second = await startJobs(runs.runSync)
    await runs.untilBegun(2)
    expect(runs.begun[1]).toMatchObject({ connectorId: connector.id, attempt: 1, trigger: 'request' })
    expect(await second.stats()).toMatchObject({ waiting: 0, running: 1 })
  })

  test('a process that only takes jobs in runs none', async () => {
    const runs = heldRuns()
    const role: JobPorts['role'] = 'api'
    const api = await startJobs(async () => Promise.reject(new Error('it ran')), { role })
    const connector = await addConnector(store())
    await api.enqueueSync(connector.id, 'request')
    await startJobs(runs.runSync, { role: 'worker' })
    await runs.untilBegun(1)
    expect(await api.stats()).toMatchObject({ running: 1, runningHere: 0 })
  })

  test('nothing of an error but its code reaches a table', async () => {
    const canary = 'canary-7f3a'
    const jobs = await startJobs(
      async () =>
        Promise.reject(new NodeError('PROVIDER_DOWN', { detail: canary, cause: new Error(canary) })),
      { pace: { retryLimit: 0 } },
    )
    const connector = await addConnector(store())
    const told = untilTold(jobs, connector.id, 'failed')
    await jobs.enqueueSync(connector.id, 'request')
    await told
    const { rows } = await jobsTable(store(), 'select row_to_json(job)::text as text from')
    expect(JSON.stringify(rows)).toContain('PROVIDER_DOWN')
    expect(JSON.stringify(rows)).not.toContain(canary)
  })
})

async function moveQueue(store: Store, name: string, to: string): Promise<unknown> {
  const { rows } = await store.raw('select current_schema() as schema')
  const { schema } = rows[0] as { schema: string }
  return store.raw(`alter schema ${schema}_${name} rename to ${schema}_${to}`)
}

async function jobsTable(store: Store, select: string, where = ''): Promise<{ rows: unknown[] }> {
  const { rows } = await store.raw('select current_schema() as schema')
  const { schema } = rows[0] as { schema: string }
  return store.raw(`${select} ${schema}_jobs.job ${where}`)
}

async function secondsUntilStart(store: Store, jobId: string): Promise<number> {
  const seconds = 'select extract(epoch from start_after - now())::float8 as seconds from'
  const { rows } = await jobsTable(store, seconds, `where id = '${jobId}'`)
  return (rows[0] as { seconds: number }).seconds
}
