/** A process that is killed in the middle of a sync: its job finishes on another one, or on the next one of a folder. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Jobs } from '../../../src/jobs/index.js'
import { openStore, type Store } from '../../../src/store/index.js'
import { findServerFault, makeTestDatabase, type StoreKind } from '../../support/database.js'
import { addConnector, heldRuns, openJobs, untilTold } from '../../support/job-bench.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const WORKER = join(import.meta.dirname, '../../support/job-worker.ts')

async function makeDatabase(kind: StoreKind) {
  const database = await makeTestDatabase(kind)
  ends.push(() => database.remove())
  return database
}

async function open(options: Parameters<typeof openStore>[0]): Promise<Store> {
  const store = await openStore(options)
  ends.push(() => store.close())
  return store
}

async function startHere(store: Store, runSync: Parameters<typeof openJobs>[1]): Promise<Jobs> {
  const jobs = await openJobs(store, runSync)
  ends.push(() => jobs.stop())
  await jobs.start()
  return jobs
}

async function startWorker(options: Parameters<typeof openStore>[0]): Promise<ChildProcess> {
  const child = fork(WORKER, [options.folder, options.databaseUrl ?? ''], { execArgv: ['--import', 'tsx'] })
  ends.push(() => kill(child))
  const [said] = (await once(child, 'message')) as [unknown]
  expect(said).toBe('ready')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const serverFault = await findServerFault()

test.skipIf(serverFault !== undefined)(
  `on a server the job of a killed process finishes once on another process (${serverFault ?? 'postgres'})`,
  { timeout: 60_000 },
  async () => {
    const { options } = await makeDatabase('postgres')
    const child = await startWorker(options)
    const store = await open(options)
    const connector = await addConnector(store)
    const begun = once(child, 'message')
    child.send(connector.id)
    expect((await begun)[0]).toEqual({ connectorId: connector.id, attempt: 1 })

    const runs = heldRuns()
    const jobs = await startHere(store, runs.runSync)
    const { already } = await jobs.enqueueSync(connector.id, 'request')
    expect(already).toBe(true)
    await kill(child)
    await runs.untilBegun(1)
    expect(runs.begun[0]).toMatchObject({ connectorId: connector.id, attempt: 2 })
    const finished = untilTold(jobs, connector.id, 'finished')
    runs.endOne()
    await finished
    expect(await jobs.stats()).toMatchObject({ waiting: 0, retrying: 0, running: 0, dead: 0 })
    expect(runs.begun).toHaveLength(1)
  },
)

test.skipIf(serverFault !== undefined)(
  `on a server a job that is taken out ends in another process at its next heartbeat (${serverFault ?? 'postgres'})`,
  { timeout: 60_000 },
  async () => {
    const { options } = await makeDatabase('postgres')
    const store = await open(options)
    const runs = heldRuns()
    const there = await startHere(store, runs.runSync)
    const here = await openJobs(store, runs.runSync, { role: 'api' })
    ends.push(() => here.stop())
    const connector = await addConnector(store)
    await there.enqueueSync(connector.id, 'request')
    await runs.untilBegun(1)
    const interrupted = untilTold(there, connector.id, 'interrupted')
    await here.unschedule(connector.id)
    await interrupted
    expect(runs.begun[0]?.signal.reason).toMatchObject({ code: 'GONE' })
    expect(await here.stats()).toMatchObject({ waiting: 0, retrying: 0, running: 0 })
  },
)

test(
  'embedded, the job of a killed process runs when the node starts again',
  { timeout: 60_000 },
  async () => {
    const { options } = await makeDatabase('pglite')
    const first = await openStore(options)
    const connector = await addConnector(first)
    await first.close()
    const child = await startWorker(options)
    const begun = once(child, 'message')
    child.send(connector.id)
    await begun
    await kill(child)

    const runs = heldRuns()
    const jobs = await startHere(await open(options), runs.runSync)
    await runs.untilBegun(1)
    expect(runs.begun[0]).toMatchObject({ connectorId: connector.id, attempt: 2, trigger: 'request' })
    expect(await jobs.enqueueSync(connector.id, 'request')).toMatchObject({ already: true })
    const finished = untilTold(jobs, connector.id, 'finished')
    runs.endOne()
    await finished
    expect(await jobs.stats()).toMatchObject({ waiting: 0, retrying: 0, running: 0, dead: 0 })
  },
)
