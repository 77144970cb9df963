/** Nodes for measurements: real ones, over HTTP, with their storage node and their provider in another process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../src/config.js'
import { vaultHttp, type PlayedStatus } from '../src/devnet/vault-http.js'
import { signOwnerJwt } from '../src/lib/owner-jwt.js'
import { addressOf, publicKeyOf } from '../src/lib/secp256k1.js'
import { startNode } from '../src/main.js'
import type { ServicesOptions, ServicesReady } from './services.js'
import { syncEnds, type SyncEnds } from './sync-ends.js'

/** One connected owner. */
export interface BenchOwner {
  /** Runs one whole sync. @throws when it did not end well, or left something staged */
  sync(): Promise<MeasuredSync>
}

export interface MeasuredSync {
  /** From the request until it has ended, erased and all. */
  readonly ms: number
  /** Processor time of this process meanwhile, over all its threads: tells more than `ms` on a machine that is shared. */
  readonly cpuMs: number
  readonly status: PlayedStatus
}

/** Whether records are signed: two nodes stand ready. */
export type Kind = 'signed' | 'unsigned'

export interface Bench {
  readonly services: ServicesReady
  /** A new owner with an account of its own at the provider: new databases. */
  owner(kind: Kind): Promise<BenchOwner>
  /** Calls of a node to its storage node so far. */
  storageCalls(kind: Kind): number
  close(): Promise<void>
}

/** Items in every account; some are broken on purpose or left out, so that a little fewer records are written. */
export const ITEMS = 10_000
const PAGE_SIZE = 500

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'connector-node-bench-'))
  const child = fork(fileURLToPath(new URL('./services.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
  })
  const options: ServicesOptions = { folder: join(folder, 'devnet'), posts: ITEMS, pageSize: PAGE_SIZE }
  child.send(options)
  const [services] = (await once(child, 'message')) as [ServicesReady]
  const nodes = {
    signed: await startBenchNode(join(folder, 'signed'), services, true),
    unsigned: await startBenchNode(join(folder, 'unsigned'), services, false),
  }
  return {
    services,
    owner: (kind) => connectOwner(nodes[kind]),
    storageCalls: (kind) => nodes[kind].node.storageCalls(),
    async close() {
      for (const { node } of Object.values(nodes)) await node.close()
      child.disconnect()
      await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface BenchNode {
  readonly node: Awaited<ReturnType<typeof startNode>>
  readonly ends: SyncEnds
}

/** The whole account in one slice; and no limits for so many owners from one address. */
async function startBenchNode(
  dataDir: string,
  services: ServicesReady,
  isSigned: boolean,
): Promise<BenchNode> {
  const config = readConfig({
    DATA_DIR: dataDir,
    PORT: '0',
    VERIDA_RPC_URL: services.rpcUrl,
    VERIDA_STORAGE_NODES: services.storageNode,
    VERIDA_DID_ENDPOINTS: services.didEndpoint,
    SANDBOX_ORIGIN: services.sandbox.origin,
    SANDBOX_CLIENT_SECRET: services.sandbox.secret,
    SLICE_RECORDS: String(ITEMS * 2),
    RATE_PER_ADDRESS: '10000',
    SIGN_RECORDS: String(isSigned),
  })
  const ends = syncEnds()
  const node = await startNode({ config, log: ends.log })
  await registerAt(services, `${node.url}/auth/sandbox`)
  return { node, ends }
}

/** Tells the practice service where it may send people back to. */
async function registerAt({ sandbox }: ServicesReady, uri: string): Promise<void> {
  const answer = await fetch(`${sandbox.origin}/admin/register-redirect-uri`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ uri }),
  })
  if (!answer.ok) throw new Error(`the practice service answered ${answer.status}`)
}

async function connectOwner({ node, ends }: BenchNode): Promise<BenchOwner> {
  const { url, stagingFolder } = node
  const privateKey = randomBytes(32)
  const did = `did:vda:testnet:${addressOf(publicKeyOf(privateKey))}`
  const http = vaultHttp({
    url,
    did,
    key: randomBytes(32).toString('hex'),
    sign: async (request) => signOwnerJwt({ ...request, privateKey, did, now: Date.now() }),
  })
  const capsules = await http.connect('sandbox')
  return {
    async sync() {
      const ended = ends.next()
      const cpuBefore = process.cpuUsage()
      const beganAt = performance.now()
      const { syncRequestId } = await http.syncByPost('sandbox', capsules)
      await ended
      const ms = performance.now() - beganAt
      const { user, system } = process.cpuUsage(cpuBefore)
      const status = await http.status('sandbox', syncRequestId)
      if (status.status !== 'complete' || status.more)
        throw new Error(`the sync ended ${JSON.stringify(status)}`)
      const left = (await readdir(stagingFolder)).filter((name) => !name.startsWith('.'))
      if (left.length > 0) throw new Error('the sync ended and something is still staged')
      return { ms, cpuMs: (user + system) / 1000, status }
    },
  }
}
