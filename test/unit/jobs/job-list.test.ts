/** The view of jobs, a second chance for one that was given up, tasks beside syncs, and deletions that were confirmed; on every engine. */
import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import type { DueTask, Jobs, TaskKind } from '../../../src/jobs/index.js'
import { addConnector, heldRuns, openJobs, untilTold } from '../../support/job-bench.js'
import { onEveryStore } from '../../support/store-suite.js'

await onEveryStore('listed jobs', (store) => {
  const open: Jobs[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((jobs) => jobs.stop()))
  })
  async function start(...wishes: Parameters<typeof openJobs> extends [unknown, ...infer R] ? R : never) {
    const jobs = await openJobs(store(), ...wishes)
    open.push(jobs)
    return jobs
  }

  test('a job is seen waiting, running and dead, by its tenant and the operator, and runs again when it is redriven', async () => {
    let fails = true
    const runs = heldRuns()
    const jobs = await start((run) =>
      fails ? Promise.reject(new NodeError('PROVIDER_CHANGED')) : runs.runSync(run),
    )
    const [connector, other] = [await addConnector(store()), await addConnector(store())]
    const { tenant, id: connectorId } = connector
    const { jobId } = await jobs.enqueueSync(connectorId, 'request')
    await jobs.enqueueSync(other.id, 'request')
    const list = (state?: 'waiting' | 'running' | 'dead', whose: string | undefined = tenant) =>
      jobs.list({ tenant: whose, state, limit: 10 })
    const shown = { tenant, kind: 'sync', connectorId }
    expect(await list('waiting')).toMatchObject([
      { ...shown, id: jobId, state: 'waiting', attempts: 0, errorCode: null },
    ])
    expect(await jobs.list({ tenant: undefined, state: 'waiting', limit: 10 })).toHaveLength(2)
    expect(await list('dead')).toEqual([])
    const dead = untilTold(jobs, connectorId, 'failed')
    await jobs.start()
    await dead
    const [letter] = await list('dead')
    expect(letter).toMatchObject({ ...shown, state: 'dead', attempts: 1, errorCode: 'PROVIDER_CHANGED' })
    await expect
      .poll(async () => (await jobs.list({ tenant: undefined, limit: 10 })).map(({ state }) => state))
      .toEqual(['dead', 'dead'])
    const [first, second] = await jobs.list({ tenant: undefined, limit: 10 })
    expect(await jobs.list({ tenant: undefined, limit: 10, after: first })).toEqual([second])

    for (const wrong of [randomUUID(), 'no id', jobId])
      await expect(jobs.redrive(wrong, tenant)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
    await expect(jobs.redrive(letter!.id, other.tenant)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
    fails = false
    const again = await jobs.redrive(letter!.id, tenant)
    expect(await list('dead')).toEqual([])
    await runs.untilBegun(1)
    expect(await list('running')).toMatchObject([{ id: again.jobId, state: 'running', attempts: 1 }])
    await expect(jobs.redrive(letter!.id, tenant)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
    const finished = untilTold(jobs, connectorId, 'finished')
    runs.endOne()
    await finished
    expect(await list()).toEqual([])
  })

  test('one job is found by its tenant from its start to after its end, with how it ended', async () => {
    let error: NodeError | undefined
    const jobs = await start(() => (error === undefined ? Promise.resolve() : Promise.reject(error)))
    const { id, tenant } = await addConnector(store())
    const other = await addConnector(store())
    const { jobId } = await jobs.enqueueSync(id, 'request')
    expect(await jobs.find(jobId, tenant)).toMatchObject({
      connectorId: id,
      state: 'waiting',
      errorCode: null,
    })
    for (const [wrong, whose] of [
      [jobId, other.tenant],
      [randomUUID(), tenant],
      ['no id', tenant],
    ] as const)
      await expect(jobs.find(wrong, whose)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
    const page = { tenant, limit: 10 }
    expect(await jobs.list({ ...page, connectorIds: [id] })).toMatchObject([{ id: jobId }])
    expect(await jobs.list({ ...page, connectorIds: [other.id] })).toEqual([])
    await jobs.unschedule(id)
    expect(await jobs.find(jobId, tenant)).toMatchObject({ state: 'cancelled' })

    await jobs.start()
    const run = async (kind: 'finished' | 'failed') => {
      const told = untilTold(jobs, id, kind)
      const next = await jobs.enqueueSync(id, 'request')
      await told
      return next.jobId
    }
    const done = await run('finished')
    await expect.poll(async () => (await jobs.find(done, tenant)).state).toBe('done')
    error = new NodeError('TOKEN_REVOKED')
    const failed = await run('failed')
    await expect
      .poll(() => jobs.find(failed, tenant))
      .toMatchObject({ state: 'failed', errorCode: 'TOKEN_REVOKED', attempts: 1 })
    error = new NodeError('PROVIDER_CHANGED')
    const buried = await run('failed')
    await expect
      .poll(() => jobs.find(buried, tenant))
      .toMatchObject({ state: 'failed', errorCode: 'PROVIDER_CHANGED' })
  })

  test('a confirmation of deletions reaches a job that waits already, and is refused while it runs', async () => {
    const runs = heldRuns()
    const jobs = await start(runs.runSync)
    const { id } = await addConnector(store())
    const { jobId } = await jobs.enqueueSync(id, 'schedule')
    expect(await jobs.enqueueSync(id, 'request', { confirmDeletes: true })).toEqual({ jobId, already: true })
    await jobs.start()
    await runs.untilBegun(1)
    expect(runs.begun[0]).toMatchObject({ connectorId: id, confirmDeletes: true, trigger: 'request' })
    await expect(jobs.enqueueSync(id, 'request', { confirmDeletes: true })).rejects.toMatchObject({
      code: 'WRITE_CONFLICT',
      retryAfterMs: 10_000,
    })
    const finished = untilTold(jobs, id, 'finished')
    runs.endOne()
    await finished
  })

  test('a task is tried again with a growing wait, then given up, and listed with its kind; others go on', async () => {
    const tenant = `tenant-${randomUUID()}`
    const task = (id: string): DueTask => ({ id, tenant, group: tenant, connectorId: id })
    const [bad, good] = [randomUUID(), randomUUID()]
    let due = [task(bad), task(good)]
    const begun: string[] = []
    const kind: TaskKind = {
      name: 'probe',
      everyMs: 100,
      claimDue: () => Promise.resolve(due.splice(0)),
      run: ({ id }) => {
        begun.push(id)
        return id === bad ? Promise.reject(new NodeError('STORE_UNAVAILABLE')) : Promise.resolve()
      },
    }
    const lane = { queue: 'tasks', places: 2, placesPerGroup: 2, kinds: [kind] } as const
    const jobs = await start(() => Promise.resolve(), { lanes: [lane], pace: { retryLimit: 1 } })
    await jobs.start()
    await expect
      .poll(() => jobs.list({ tenant, state: 'dead', limit: 10 }), { timeout: 20_000 })
      .toMatchObject([{ kind: 'probe', connectorId: bad, errorCode: 'STORE_UNAVAILABLE' }])
    expect(begun.filter((id) => id === bad)).toHaveLength(2)
    expect(begun.filter((id) => id === good)).toHaveLength(1)
    due = [task(good)]
    await expect.poll(() => begun.filter((id) => id === good).length, { timeout: 10_000 }).toBe(2)
  }, 40_000)
})
