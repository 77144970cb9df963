/** A node for measurements: the real one, over HTTP, with its storage node and its provider in another process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../src/config.js'
import { vaultHttp, type PlayedStatus } from '../src/devnet/vault-http.js'
import { silentLog } from '../src/lib/log.js'
import { signOwnerJwt } from '../src/lib/owner-jwt.js'
import { addressOf, publicKeyOf } from '../src/lib/secp256k1.js'
import { startNode } from '../src/main.js'
import type { ServicesOptions, ServicesReady } from './services.js'

/** One connected owner. */
export interface BenchOwner {
  /** Runs one whole sync; gives its wall-clock time from the request until it has ended, erased and all. */
  sync(): Promise<{ readonly ms: number; readonly status: PlayedStatus }>
}

export interface Bench {
  readonly services: ServicesReady
  readonly folder: string
  /** A new owner with an account of its own at the provider: new databases. `signed`: whether records are signed. */
  owner(options?: { readonly signed?: boolean }): Promise<BenchOwner>
  /** Calls of the node to its storage node so far. */
  storageCalls(options?: { readonly signed?: boolean }): number
  close(): Promise<void>
}

export const RECORDS = 10_000
const PAGE_SIZE = 500

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'connector-node-bench-'))
  const child = fork(fileURLToPath(new URL('./services.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
  })
  const options: ServicesOptions = { folder: join(folder, 'devnet'), posts: RECORDS, pageSize: PAGE_SIZE }
  child.send(options)
  const [services] = (await once(child, 'message')) as [ServicesReady]
  const nodes = {
    signed: await startBenchNode(join(folder, 'signed'), services, true),
    unsigned: await startBenchNode(join(folder, 'unsigned'), services, false),
  }
  const nodeOf = ({ signed = true }: { readonly signed?: boolean } = {}) =>
    signed ? nodes.signed : nodes.unsigned
  return {
    services,
    folder,
    owner: (which) => connectOwner(nodeOf(which).url, services),
    storageCalls: (which) => nodeOf(which).storageCalls(),
    async close() {
      await nodes.signed.close()
      await nodes.unsigned.close()
      child.kill()
      await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function startBenchNode(dataDir: string, services: ServicesReady, signed: boolean) {
  const config = readConfig({
    DATA_DIR: dataDir,
    PORT: '0',
    VERIDA_RPC_URL: services.rpcUrl,
    VERIDA_STORAGE_NODES: services.storageNode,
    VERIDA_DID_ENDPOINTS: services.didEndpoint,
    SANDBOX_ORIGIN: services.sandbox.origin,
    SANDBOX_CLIENT_SECRET: services.sandbox.secret,
    SLICE_RECORDS: String(RECORDS * 2),
    SLICE_MS: '120000',
    SIGN_RECORDS: String(signed),
  })
  return startNode({ config, log: silentLog })
}

async function connectOwner(url: string, { sandbox }: ServicesReady): Promise<BenchOwner> {
  const privateKey = randomBytes(32)
  const did = `did:vda:testnet:${addressOf(publicKeyOf(privateKey))}`
  await fetch(`${sandbox.origin}/admin/registerRedirectUri`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `${url}/auth/sandbox` }),
  })
  const http = vaultHttp({
    url,
    did,
    key: randomBytes(32).toString('hex'),
    sign: async (request) => signOwnerJwt({ ...request, privateKey, did, now: Date.now() }),
  })
  const capsules = await http.connect('sandbox')
  return {
    async sync() {
      const beganAt = performance.now()
      const { syncRequestId } = await http.syncByPost('sandbox', capsules)
      const status = await http.ended('sandbox', syncRequestId)
      const ms = performance.now() - beganAt
      if (status.status !== 'complete') throw new Error(`the sync ended ${JSON.stringify(status)}`)
      return { ms, status }
    },
  }
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
