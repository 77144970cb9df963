/** kill -9 at every stage boundary and in mid-push: after a restart the Vault reads what it reads of an undisturbed run. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandboxService, type SandboxService } from '../../src/devnet/sandbox-service/index.js'
import { checkReceipts, type Receipt } from '../../src/sync/index.js'
import { testDevnet, type TestDevnet } from '../support/devnet.js'
import { nodeProcess, type Moment, type NodeProcess } from '../support/node-process.js'
import { openOwner } from '../support/owner.js'

const PROVIDER = 'sandbox'
/** Several slices, so that every stage is met with work before it and work after it. */
const SLICE_RECORDS = '120'
/** 363 items of 40 a page in slices of at least 120; the undisturbed run counts them. */
const SLICES = 3

let devnet: TestDevnet
let sandbox: SandboxService
let folder: string
let node: NodeProcess
let undisturbed: string

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  folder = await mkdtemp(join(tmpdir(), 'kill-'))
  sandbox = await startSandboxService({
    port: 0,
    host: '127.0.0.1',
    posts: 240,
    followings: 60,
    files: 30,
    events: 30,
    pageSize: 40,
  })
  node = await startNode()
  undisturbed = await journey('undisturbed')
}, 120_000)
afterAll(async () => {
  await node.kill()
  await sandbox.close()
  await devnet.close()
  await rm(folder, { recursive: true, force: true })
})

const identity = randomBytes(32).toString('hex')

async function startNode(): Promise<NodeProcess> {
  const started = await nodeProcess({
    environment: {
      DATA_DIR: join(folder, 'node'),
      PORT: '0',
      PUBLIC_URL: '',
      VERIDA_PRIVATE_KEY: identity,
      VERIDA_RPC_URL: devnet.rpcUrl,
      VERIDA_STORAGE_NODES: devnet.storageNodes.map(({ url }) => url).join(','),
      VERIDA_DID_ENDPOINTS: devnet.didEndpoints.join(','),
      SANDBOX_ORIGIN: sandbox.origin,
      SANDBOX_CLIENT_SECRET: sandbox.client.secret,
      SLICE_RECORDS,
    },
    logFile: join(folder, 'node.log'),
  })
  await sandbox.admin.registerRedirectUri(`${started.url}/auth/${PROVIDER}`)
  return started
}

/** Connects a new owner and syncs; a node that kills itself is started again, and asked again. Gives the digest. */
async function journey(name: string, killAt?: Moment): Promise<string> {
  const owner = await openOwner(devnet, name)
  try {
    const capsules = await owner.at(node.url).connect(PROVIDER)
    if (killAt !== undefined) {
      node.killAt(killAt)
      // The answer may be lost with the node.
      await owner
        .at(node.url)
        .syncByPost(PROVIDER, capsules)
        .catch(() => undefined)
      expect(await node.gone).toBe('SIGKILL')
      node = await startNode()
    }
    const http = owner.at(node.url)
    const answer = await http.syncByPost(PROVIDER, capsules)
    const info = await owner.await(answer)
    expect(await http.ended(PROVIDER, answer.syncRequestId)).toMatchObject({
      status: 'complete',
      more: false,
    })
    const { schemas } = await owner.pull(answer, info)
    for (const report of Object.values(schemas))
      expect(report).toMatchObject({ conflicts: 0, stale: 0, valid: report.pulled, decrypted: report.pulled })
    const receipts = info['receipts'] as readonly Receipt[]
    expect(checkReceipts(receipts, { did: answer.serverDid, pulled: schemas })).toEqual([])
    const staged = await readdir(join(folder, 'node', 'staging'))
    expect(staged.filter((entry) => entry !== '.machine')).toEqual([])
    return await owner.contentDigest(Object.keys(schemas))
  } finally {
    await owner.close()
  }
}

describe('a killed node', () => {
  it.each([
    ['before the first page', { event: 'sync.started', times: 1 }],
    ['between two pages, with pushes under way', { event: 'sync.stage', stage: 'fetch', times: 2 }],
    ['before the second proof', { event: 'sync.stage', stage: 'prove', times: 2 }],
    ['after a proof, before its commit', { event: 'sync.stage', stage: 'commit', times: 1 }],
    ['after a commit, before the heads are published', { event: 'sync.stage', stage: 'publish', times: 2 }],
    ['before the record is completed', { event: 'sync.stage', stage: 'announce', times: 1 }],
    ['before the first erasure', { event: 'sync.stage', stage: 'erase', times: 1 }],
    [
      'before the last erasure, with the record complete',
      { event: 'sync.stage', stage: 'erase', times: SLICES },
    ],
  ])(
    '%s loses nothing and doubles nothing',
    async (name, killAt) => {
      expect(await journey(name.replaceAll(/[^a-z]/g, '-'), killAt)).toBe(undisturbed)
    },
    90_000,
  )
})
