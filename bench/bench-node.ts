/** A node for measurements: the real one, over HTTP, with its storage node and its provider in another process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../src/config.js'
import { approve } from '../src/devnet/sandbox-service/index.js'
import { silentLog } from '../src/lib/log.js'
import { signOwnerJwt } from '../src/lib/owner-jwt.js'
import { addressOf, publicKeyOf } from '../src/lib/secp256k1.js'
import { startNode } from '../src/main.js'
import type { SyncStatus } from '../src/sync/index.js'
import type { ServicesOptions, ServicesReady } from './services.js'

/** One connected owner. */
export interface BenchOwner {
  /** Runs one whole sync; gives its wall-clock time from the request until it has ended, erased and all. */
  sync(): Promise<{ readonly ms: number; readonly status: SyncStatus }>
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
  const key = randomBytes(32).toString('hex')
  await fetch(`${sandbox.origin}/admin/registerRedirectUri`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `${url}/auth/sandbox` }),
  })
  const started = await fetch(`${url}/connect/sandbox?${new URLSearchParams({ did, key }).toString()}`, {
    redirect: 'manual',
  })
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const callback = await approve(started.headers.get('location') ?? '')
  const page = await (await fetch(callback, { headers: { cookie, accept: 'text/html' } })).text()
  const link = /href="([^"]*accessToken=[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
  if (link === undefined) throw new Error(`no deep link:\n${page}`)
  const { searchParams } = new URL(link)
  const body = JSON.stringify({
    did,
    key,
    accessToken: searchParams.get('accessToken'),
    refreshToken: searchParams.get('refreshToken'),
  })
  return {
    async sync() {
      const address = `${url}/syncStart/sandbox`
      const request = { method: 'POST', url: address, body, audience: url, now: Date.now() }
      const token = signOwnerJwt({ ...request, privateKey, did })
      const beganAt = performance.now()
      const answer = (await (
        await fetch(address, {
          method: 'POST',
          body,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        })
      ).json()) as { readonly syncRequestId: string; readonly statusToken: string }
      const status = await ended(`${url}/syncStatus/sandbox/${answer.syncRequestId}`, answer.statusToken)
      const ms = performance.now() - beganAt
      if (status.status !== 'complete') throw new Error(`the sync ended ${JSON.stringify(status)}`)
      return { ms, status }
    },
  }
}

async function ended(url: string, statusToken: string): Promise<SyncStatus> {
  for (;;) {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${statusToken}` } })
    const status = (await answer.json()) as SyncStatus
    if (status.status !== 'running') return status
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
