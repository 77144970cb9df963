/** One process for requests and two for syncs, on one PostgreSQL: a worker that dies or is stopped in mid-sync costs nothing. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateKey } from '../../src/credentials/key-ring.js'
import { generateNodeSecret } from '../../src/credentials/node-secrets.js'
import { startSandboxService, type SandboxService } from '../../src/devnet/sandbox-service/index.js'
import { findServerFault, makeTestDatabase, type TestDatabase } from '../support/database.js'
import { testDevnet, type TestDevnet } from '../support/devnet.js'
import { nodeProcess, type NodeProcess } from '../support/node-process.js'
import { openTenant, type Tenant, type TenantRecord } from '../support/tenant.js'

/** 5,000 items in 50 pages, committed every 600 records: work lies before and after the moment of death. */
const CONTENT = { posts: 4_000, followings: 500, files: 300, events: 200, pageSize: 100 }
const SLICE_RECORDS = '600'
const COMMITS_BEFORE = 2
/** The least that pg-boss takes. */
const JOB_PACE = { heartbeatSeconds: 10, monitorSeconds: 2, retrySeconds: 1 }

interface Worker {
  readonly node: NodeProcess
  readonly logFile: string
}

const secrets = {
  VERIDA_PRIVATE_KEY: randomBytes(32).toString('hex'),
  NODE_DERIVATION_SECRET: generateNodeSecret(),
  CONNECTOR_ENCRYPTION_KEY: generateKey(),
  JWT_SHARED_SECRET: randomBytes(32).toString('base64url'),
}

const serverFault = await findServerFault()

describe.skipIf(serverFault !== undefined)(`two workers on one server (${serverFault ?? 'postgres'})`, () => {
  let devnet: TestDevnet
  let sandbox: SandboxService
  let database: TestDatabase
  let folder: string
  let api: NodeProcess
  let tenant: Tenant
  const workers: Worker[] = []
  let undisturbed: readonly string[]

  async function start(role: 'api' | 'worker', name: string): Promise<Worker> {
    const logFile = join(folder, `${name}.log`)
    const environment = {
      ...secrets,
      NODE_ROLE: role,
      DATABASE_URL: database.options.databaseUrl ?? '',
      DATA_DIR: join(folder, name),
      PORT: '0',
      VERIDA_RPC_URL: devnet.rpcUrl,
      VERIDA_STORAGE_NODES: devnet.storageNodes.map(({ url }) => url).join(','),
      VERIDA_DID_ENDPOINTS: devnet.didEndpoints.join(','),
      SANDBOX_ORIGIN: sandbox.origin,
      SANDBOX_CLIENT_SECRET: sandbox.client.secret,
      SLICE_RECORDS,
      // These tests ask more often than an application does.
      RATE_PER_ADDRESS: '100000',
      RATE_PER_TENANT: '100000',
    }
    return { node: await nodeProcess({ environment, logFile, jobPace: JOB_PACE }), logFile }
  }

  beforeAll(async () => {
    devnet = await testDevnet({ nodes: 1 })
    folder = await mkdtemp(join(tmpdir(), 'two-workers-'))
    sandbox = await startSandboxService({ port: 0, host: '127.0.0.1', ...CONTENT })
    database = await makeTestDatabase('postgres')
    api = (await start('api', 'api')).node
    await sandbox.admin.registerRedirectUri(`${api.url}/v1/oauth/sandbox/callback`)
    tenant = await openTenant(api.url, secrets.JWT_SHARED_SECRET, 'acme')
    workers.push(await start('worker', 'first'), await start('worker', 'second'))
    const id = await tenant.connect()
    await tenant.call('POST', `/v1/connectors/${id}/sync`)
    await until('the undisturbed sync ends', () => isSynced(id))
    undisturbed = contentOf(await tenant.records(id))
  }, 120_000)
  afterAll(async () => {
    for (const { node } of workers) await node.kill()
    await api.kill()
    await database.remove()
    await sandbox.close()
    await devnet.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const isSynced = async (id: string): Promise<boolean> =>
    (await tenant.call('GET', `/v1/connectors/${id}/health`)).json['last_success_at'] !== null

  /** Starts a sync and waits until the worker that runs it has committed some slices; gives the worker and the other one. */
  async function inMidSync(): Promise<{ readonly id: string; readonly busy: Worker; readonly idle: Worker }> {
    const before = await Promise.all(workers.map(commits))
    const id = await tenant.connect()
    sandbox.admin.resetCounts()
    await tenant.call('POST', `/v1/connectors/${id}/sync`)
    let found = -1
    await until('two slices are committed', async () => {
      const now = await Promise.all(workers.map(commits))
      found = now.findIndex((count, index) => count - (before[index] ?? 0) >= COMMITS_BEFORE)
      return found >= 0
    })
    const [busy, idle] = [workers[found], workers[1 - found]]
    if (busy === undefined || idle === undefined) throw new Error('there are two workers')
    expect(await isSynced(id)).toBe(false)
    return { id, busy, idle }
  }

  async function endsWhole(id: string): Promise<void> {
    await until('the sync ends', () => isSynced(id))
    const records = await tenant.records(id)
    const expected = Object.values(sandbox.expected).reduce((sum, counts) => sum + counts.records, 0)
    expect(records).toHaveLength(expected)
    expect(new Set(records.map(({ id: own }) => own)).size).toBe(expected)
    expect(contentOf(records)).toEqual(undisturbed)
    // A page that was read again wrote nothing: no row was written twice.
    expect(records.filter((row) => row.created_at !== row.updated_at)).toEqual([])
  }

  it('finishes a killed one’s sync on the other: nothing is lost, nothing doubled, and it does not begin anew', async () => {
    const { id, busy, idle } = await inMidSync()
    const begunBefore = (await logged(idle, 'sync.started')).length
    await busy.node.kill()
    await endsWhole(id)
    expect((await logged(idle, 'sync.started')).length).toBeGreaterThan(begunBefore)
    // One slice and a page under way are read again, not everything.
    expect(dataCalls(sandbox)).toBeLessThanOrEqual(pagesOf() + 8)
    workers[workers.indexOf(busy)] = await start('worker', 'third')
  }, 120_000)

  it('hands the sync of one that is stopped to the other at once, with every page that was read committed', async () => {
    const { id, busy, idle } = await inMidSync()
    await busy.node.stop()
    expect(await busy.node.gone).toBe('0')
    const [returned] = (await logged(busy, 'job.returned')).slice(-1)
    expect(returned).toMatchObject({ key: id, code: 'INTERRUPTED' })
    await endsWhole(id)
    // Pages under way were given up, at most one for each of the six lists; no committed page is read again.
    expect(dataCalls(sandbox)).toBeLessThanOrEqual(pagesOf() + 6)
    expect(await logged(idle, 'job.lost')).toEqual([])
  }, 120_000)
})

/** What the records hold, without the names that the connector gave them. */
const contentOf = (records: readonly TenantRecord[]): readonly string[] =>
  records.map(({ stream, source_id, data }) => JSON.stringify([stream, source_id, data])).sort()

const commits = async (worker: Worker): Promise<number> =>
  (await logged(worker, 'sync.stage')).filter(({ stage }) => stage === 'commit').length

interface Line {
  readonly event?: string
  readonly stage?: string
}

async function logged({ logFile }: Worker, event: string): Promise<readonly Line[]> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line.includes(event))
    .map((line) => JSON.parse(line) as Line)
}

/** Pages of an undisturbed reading: one more for each list whose size is a multiple of a page's at the most. */
function pagesOf(): number {
  const { posts, followings, files, events, pageSize } = CONTENT
  return (
    Math.ceil(posts / pageSize) +
    Math.ceil(followings / pageSize) +
    Math.ceil(files / pageSize) +
    Math.ceil(events / pageSize) +
    8
  )
}

function dataCalls({ admin }: SandboxService): number {
  const { posts, followings, files, events } = admin.counts().calls
  return posts + followings + files + events
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 90_000; Date.now() < end; await wait(20)) if (await isSo()) return
  throw new Error(`waited in vain: ${what}`)
}
