/** Schedules, on every engine and on a clock that tests set: nothing is missed for ever, and nothing runs in a storm. */
import { afterEach, expect, test } from 'vitest'
import { connectors } from '../../../src/store/index.js'
import type { Jobs } from '../../../src/jobs/index.js'
import {
  addConnector,
  heldRuns,
  openJobs,
  readConnector,
  setClock,
  someTenant,
  untilTold,
} from '../../support/job-bench.js'
import { NOW } from '../../support/store-rows.js'
import { onEveryStore } from '../../support/store-suite.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

await onEveryStore('schedules', (store) => {
  const open: Jobs[] = []
  const made: string[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((jobs) => jobs.stop()))
    await store().node(async (tx) => {
      for (const id of made.splice(0)) await connectors.remove(tx, id)
    })
    const { rows } = await store().raw('select current_schema() as schema')
    await store().raw(`delete from ${(rows[0] as { schema: string }).schema}_jobs.job`)
  })
  async function add(syncFrequency: string, nextRunAtMs: number, facts = {}) {
    const connector = await addConnector(store(), { syncFrequency, nextRunAtMs, ...facts })
    made.push(connector.id)
    return connector
  }
  async function start(clock: ReturnType<typeof setClock>, places = 4) {
    const runs = heldRuns()
    const jobs = await openJobs(store(), runs.runSync, {
      clock,
      limits: { places, placesPerTenant: places },
    })
    open.push(jobs)
    await jobs.start()
    return { runs, jobs }
  }

  test('a run whose time has come runs, by the schedule, and the next one is planned before it ends', async () => {
    const clock = setClock(NOW)
    const due = await add('hourly', NOW - 1)
    const later = await add('hourly', NOW + 1_000)
    const { runs } = await start(clock)
    await runs.untilBegun(1)
    expect(runs.begun[0]).toMatchObject({ connectorId: due.id, trigger: 'schedule' })
    await until(async () => (await readConnector(store(), due)).nextRunAtMs === NOW - 1 + HOUR)
    clock.set(NOW + 1_000)
    await runs.untilBegun(2)
    expect(runs.begun[1]?.connectorId).toBe(later.id)
  })

  test('paused connectors and those without a schedule do not run', async () => {
    const clock = setClock(NOW)
    await add('hourly', NOW - 1, { status: 'paused' })
    made.push((await addConnector(store())).id)
    const due = await add('hourly', NOW - 1)
    const { runs, jobs } = await start(clock)
    await runs.untilBegun(1)
    expect(runs.begun[0]?.connectorId).toBe(due.id)
    expect(await jobs.stats()).toMatchObject({ waiting: 0, running: 1 })
  })

  test('a run that is still going when its time comes again is not doubled', async () => {
    const clock = setClock(NOW)
    const due = await add('every 5 minutes', NOW)
    const { runs, jobs } = await start(clock)
    await runs.untilBegun(1)
    clock.set(NOW + 11 * 60_000)
    await until(async () => (await readConnector(store(), due)).nextRunAtMs === NOW + 15 * 60_000)
    expect(await jobs.stats()).toMatchObject({ waiting: 0, retrying: 0, running: 1 })
    expect(runs.begun).toHaveLength(1)
  })

  test('a run that makes itself due again before its job is over is continued, not put off', async () => {
    const clock = setClock(NOW)
    const large = await add('daily', NOW)
    const { runs } = await start(clock)
    await runs.untilBegun(1)
    await until(async () => (await readConnector(store(), large)).nextRunAtMs === NOW + DAY)
    await store().node((tx) => connectors.setNextRun(tx, large.id, NOW))
    // A tick takes up the one and must leave the other.
    const other = await add('daily', NOW)
    await runs.untilBegun(2)
    expect(runs.begun[1]?.connectorId).toBe(other.id)
    runs.endOne()
    await runs.untilBegun(3)
    expect(runs.begun[2]?.connectorId).toBe(large.id)
    await until(async () => (await readConnector(store(), large)).nextRunAtMs === NOW + DAY)
  })

  test('after a stop of days each missed schedule runs once, and no more at once than there are places', async () => {
    const clock = setClock(NOW)
    const tenant = someTenant()
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, index) => add('hourly', NOW - 9 * DAY + index * 60_000, { tenant })),
    )
    const { runs, jobs } = await start(clock, 3)
    for (let begun = 3; begun <= all.length; begun++) {
      await runs.untilBegun(begun)
      expect(runs.running.length).toBeLessThanOrEqual(3)
      runs.endOne()
    }
    while (runs.running.length > 0) runs.endOne()
    await until(async () => {
      const { waiting, running, retrying } = await jobs.stats()
      return waiting + running + retrying === 0
    })
    expect(runs.begun).toHaveLength(all.length)
    expect(new Set(runs.begun.map(({ connectorId }) => connectorId)).size).toBe(all.length)
    const planned = await Promise.all(all.map((row) => readConnector(store(), row)))
    for (const { nextRunAtMs } of planned) {
      expect(nextRunAtMs).toBeGreaterThan(NOW)
      expect(nextRunAtMs).toBeLessThanOrEqual(NOW + HOUR)
    }
    // They keep their places in the hour.
    expect(new Set(planned.map(({ nextRunAtMs }) => nextRunAtMs)).size).toBe(all.length)
  })

  test('a clock that jumps a day ahead gives one run; put back again, nothing waits for that day', async () => {
    const clock = setClock(NOW)
    const hourly = await add('hourly', NOW + HOUR)
    const weekdays = await add('0 6 * * *', NOW + DAY)
    const { runs, jobs } = await start(clock)
    clock.set(NOW + 30 * DAY)
    await runs.untilBegun(2)
    const ends = runs.running.map(({ connectorId }) => untilTold(jobs, connectorId, 'finished'))
    runs.endOne()
    runs.endOne()
    await Promise.all(ends)
    await until(async () => (await readConnector(store(), hourly)).nextRunAtMs! > NOW + 30 * DAY)
    expect(runs.begun).toHaveLength(2)
    clock.set(NOW + 1_000)
    await until(async () => (await readConnector(store(), hourly)).nextRunAtMs! <= NOW + 1_000 + HOUR)
    await until(async () => (await readConnector(store(), weekdays)).nextRunAtMs! <= NOW + 1_000 + DAY)
    expect(runs.begun).toHaveLength(2)
  })

  test('a clock that was put back while the node was down is found at the start', async () => {
    const clock = setClock(NOW)
    const far = await add('daily', NOW + 400 * DAY)
    const waits = await add('hourly', NOW + 2 * HOUR)
    await start(clock)
    await until(async () => (await readConnector(store(), far)).nextRunAtMs! <= NOW + DAY)
    // One left out is a provider's wish to wait.
    expect((await readConnector(store(), waits)).nextRunAtMs).toBe(NOW + 2 * HOUR)
  })

  test('two processes that look at the same time put a run in once', async () => {
    const clock = setClock(NOW)
    const all = await Promise.all(Array.from({ length: 8 }, () => add('daily', NOW - 1)))
    const runs = heldRuns()
    const limits = { places: 8, placesPerTenant: 8 }
    const both = await Promise.all([1, 2].map(() => openJobs(store(), runs.runSync, { clock, limits })))
    open.push(...both)
    await Promise.all(both.map((jobs) => jobs.start()))
    await runs.untilBegun(all.length)
    const { waiting, running, retrying } = await both[0]!.stats()
    expect(waiting + running + retrying).toBe(all.length)
    expect(new Set(runs.running.map(({ connectorId }) => connectorId)).size).toBe(all.length)
  })

  test('a schedule that cannot be read holds up no other', async () => {
    const clock = setClock(NOW)
    const odd = await add('sometimes', NOW - 2)
    const due = await add('daily', NOW - 1)
    const { runs } = await start(clock)
    await runs.untilBegun(2)
    expect(runs.begun.map(({ connectorId }) => connectorId).sort()).toEqual([odd.id, due.id].sort())
    await until(async () => (await readConnector(store(), odd)).nextRunAtMs === null)
  })
})

/** For what shows in the database only. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: 10_000, interval: 50 }).toBe(true)
}
