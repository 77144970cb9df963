/** A connector that fills an owner's databases from node custody: kill -9 in mid-sync, and a storage node that is away, cost nothing. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consentText } from '../../src/api/authentication/owner-consent.js'
import { startSandboxService, type SandboxService } from '../../src/devnet/sandbox-service/index.js'
import { checkReceipts, type Receipt } from '../../src/sync/index.js'
import { testDevnet, type TestDevnet } from '../support/devnet.js'
import { nodeProcess, type NodeProcess } from '../support/node-process.js'
import { openOwner, type Owner } from '../support/owner.js'
import { openTenant, type Tenant } from '../support/tenant.js'

const PROVIDER = 'sandbox'
const SECRET = randomBytes(32).toString('base64url')
const IDENTITY = randomBytes(32).toString('hex')
/** Several slices, so that work lies before and after the moment of death. */
const CONTENT = { posts: 240, followings: 60, files: 30, events: 30, pageSize: 40 }
/** The least that pg-boss takes. */
const JOB_PACE = { heartbeatSeconds: 10, monitorSeconds: 2, retrySeconds: 1 }
const WAIT = { timeout: 60_000, interval: 200 }

interface Owned {
  readonly did: string
  readonly serverDid: string
  readonly signerDid: string
  readonly contextName: string
  readonly connections: readonly {
    readonly id: string
    readonly schemas: Readonly<
      Record<string, { readonly databaseName: string; readonly encryptionKey: string }>
    >
    readonly receipts: readonly Receipt[]
  }[]
}

let devnet: TestDevnet
let sandbox: SandboxService
let folder: string
let node: NodeProcess
let tenant: Tenant

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  folder = await mkdtemp(join(tmpdir(), 'owned-'))
  sandbox = await startSandboxService({ port: 0, host: '127.0.0.1', ...CONTENT })
  await start()
}, 60_000)
afterAll(async () => {
  await node.kill()
  await sandbox.close()
  await devnet.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

async function start(): Promise<void> {
  const environment = {
    DATA_DIR: join(folder, 'node'),
    PORT: '0',
    VERIDA_PRIVATE_KEY: IDENTITY,
    VERIDA_RPC_URL: devnet.rpcUrl,
    VERIDA_STORAGE_NODES: devnet.storageNodes.map(({ url }) => url).join(','),
    VERIDA_DID_ENDPOINTS: devnet.didEndpoints.join(','),
    SANDBOX_ORIGIN: sandbox.origin,
    SANDBOX_CLIENT_SECRET: sandbox.client.secret,
    JWT_SHARED_SECRET: SECRET,
    SLICE_RECORDS: '120',
    RATE_PER_ADDRESS: '100000',
    RATE_PER_TENANT: '100000',
  }
  const logFile = join(folder, 'node.log')
  node = await nodeProcess({ environment, logFile, jobPace: JOB_PACE })
  await sandbox.admin.registerRedirectUri(`${node.url}/v1/oauth/${PROVIDER}/callback`)
  tenant = await openTenant(node.url, SECRET, 'acme')
}

/** A connector of this owner, connected, not yet synced. */
async function connected(owner: Owner): Promise<string> {
  const token = await owner.vault.signedRequest({
    method: 'POST',
    url: `${node.url}/v1/connectors`,
    body: consentText({ tenant: 'acme', type: PROVIDER }),
    audience: node.url,
  })
  const facts = { destination: 'vault', owner_did: owner.did, owner_consent: token }
  const made = await tenant.call('POST', '/v1/connectors', { connector_type: PROVIDER, ...facts })
  expect(made.status, made.text).toBe(201)
  return tenant.connect({ connector_id: String(made.json['id']) })
}

const health = async (id: string) => (await tenant.call('GET', `/v1/connectors/${id}/health`)).json

/** Everything is at the owner's once, on every storage node, and nothing is left here. */
async function isWhole(owner: Owner): Promise<void> {
  const { connections, ...answer } = await owner.at(node.url).get<Owned>('/owned/connections')
  const { schemas: granted, receipts } = connections[0]!
  const { schemas } = await owner.vault.pull({ ...answer, schemas: granted })
  for (const report of Object.values(schemas))
    expect(report).toMatchObject({ conflicts: 0, stale: 0, valid: report.pulled, decrypted: report.pulled })
  const expected = Object.values(sandbox.expected).reduce((sum, { records }) => sum + records, 0)
  expect(Object.values(schemas).reduce((sum, { pulled }) => sum + pulled, 0)).toBe(expected)
  expect(checkReceipts(receipts, { did: node.did, pulled: schemas })).toEqual([])
  // A further run, which finds nothing new, may be under way.
  const staged = async () =>
    (await readdir(join(folder, 'node', 'staging'))).filter((entry) => entry !== '.machine')
  await expect.poll(staged, WAIT).toEqual([])
}

describe('an owned connector', () => {
  it.each([
    ['after a proof, before its commit', { event: 'sync.stage', stage: 'commit', times: 1 }],
    ['before the first erasure', { event: 'sync.stage', stage: 'erase', times: 1 }],
  ])(
    'killed %s is whole after a restart, without anybody asking',
    async (name, killAt) => {
      const owner = await openOwner(devnet, name.replaceAll(/[^a-z]/g, '-'))
      try {
        const id = await connected(owner)
        node.killAt(killAt)
        // The answer may be lost with the node.
        await tenant.call('POST', `/v1/connectors/${id}/sync`).catch(() => undefined)
        expect(await node.gone).toBe('SIGKILL')
        await start()
        await expect.poll(async () => (await health(id))['last_success_at'], WAIT).not.toBeNull()
        await isWhole(owner)
      } finally {
        await owner.close()
      }
    },
    120_000,
  )

  it('waits for a storage node that is away, says so, and is whole once it is back', async () => {
    const owner = await openOwner(devnet, 'away')
    const id = await connected(owner)
    const { faults } = devnet.storageNodes[1]!
    faults.set({ at: 'any', fault: { kind: 'status', status: 503 } })
    await tenant.call('POST', `/v1/connectors/${id}/sync`)
    const failed = async () => (await health(id))['last_error']
    await expect.poll(failed, WAIT).toMatchObject({ code: 'STORAGE_UNREACHABLE' })
    expect((await health(id))['last_success_at']).toBeNull()
    faults.clear()
    await tenant.call('POST', `/v1/connectors/${id}/sync`)
    await expect.poll(async () => (await health(id))['last_success_at'], WAIT).not.toBeNull()
    await isWhole(owner)
    await owner.close()
  }, 120_000)
})
