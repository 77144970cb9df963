/**
 * One Vault's journey against a node of its own on embedded defaults, driven over HTTP alone: connect, deep link, sync,
 * pull, syncDone, again with nothing new, again after an edit. The Vault is a process of its own.
 */
import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { schemaUri } from '../../schemas/index.js'
import { readConfig } from '../config.js'
import { approve } from '../devnet/sandbox-service/index.js'
import { searchLeaks, searchText } from '../devnet/leak-search.js'
import { openVault, type PullReport, type VaultApp, type VaultSyncInfo } from '../devnet/vault-app/index.js'
import { NodeError } from '../errors.js'
import { createLog } from '../lib/log.js'
import { startNode, type RunningNode } from '../main.js'
import { checkReceipts, type Receipt, type SyncStatus } from '../sync/index.js'
import { progressLine } from './progress-line.js'

/** What `demo -- --json` prints as its last line. */
export interface JourneyReport {
  readonly ok: boolean
  readonly seconds: number
  readonly records: number
  readonly mapped: number
  readonly quarantined: number
  readonly nodes: readonly { readonly url: string; readonly leaves: number; readonly missing: number }[]
  readonly vault: {
    readonly pulled: number
    readonly decrypted: number
    readonly valid: number
    readonly conflicts: number
  }
  readonly localErased: boolean
  readonly leaks: number
  readonly secondSync: { readonly written: number }
  readonly edit: { readonly arrived: boolean; readonly conflicts: number }
  readonly receipt: { readonly valid: boolean }
}

export interface JourneyOptions {
  /** Empty; made use of and left behind. */
  readonly folder: string
  readonly say: (line: string) => void
  readonly isTerminal: boolean
}

const PROVIDER = 'sandbox'
const POSTS = schemaUri('social/post')
/** Every token of the sandbox service begins so. */
const TOKEN = /sbx_[A-Za-z0-9_-]{20,}/

interface SyncAnswer {
  readonly serverDid: string
  readonly contextName: string
  readonly syncRequestId: string
  readonly syncRequestDatabaseName: string
}

export async function playJourney({ folder, say, isTerminal }: JourneyOptions): Promise<JourneyReport> {
  const startedAt = performance.now()
  const marker = `marker ${randomBytes(12).toString('hex')}`
  const addresses: string[] = []
  const call = (url: string, init?: RequestInit): Promise<Response> => {
    addresses.push(url)
    return fetch(url, { redirect: 'manual', ...init })
  }

  say('1  A node starts: database, secrets, a local Verida network, an outside service')
  const { node, vault, key } = await startBoth(folder)
  try {
    const { sandbox } = node.embedded
    await sandbox.admin.plantMarker(marker, { perStream: 3 })
    const did = await vault.did()
    const progress = progressLine(say, isTerminal)

    say(`2  ${did} connects an account in a browser and consents`)
    const capsules = await connect(call, node, { did, key })
    addresses.push(...capsules.addresses)

    say('3  The Vault asks for a sync; the node fetches, seals, replicates, proves and erases')
    const query = new URLSearchParams({
      did,
      key,
      accessToken: capsules.accessToken,
      refreshToken: capsules.refreshToken,
    })
    const answer = await json<SyncAnswer>(await call(`${node.url}/sync/${PROVIDER}?${query.toString()}`))
    const first = await finishSync(node, vault, { answer, key, did, progress })

    say('4  The Vault pulls, decrypts and checks every record with its own client')
    const pulled = await pull(vault, answer, first.info)
    const total = totals(pulled)
    await json(await call(`${node.url}/syncDone/${PROVIDER}?did=${encodeURIComponent(did)}`))
    const receipts = first.info['receipts'] as readonly Receipt[]
    const receiptFaults = checkReceipts(receipts, { did: answer.serverDid, pulled: pulled.schemas })
    const localErased = await isErased(node.stagingFolder)

    const again = { node, vault, call, did, key, tokens: capsules, progress }
    say('5  A second sync, with nothing new at the provider')
    const second = await syncByPost(again)

    say('6  A post is edited at the provider, and a third sync')
    const edited = `edited ${randomBytes(6).toString('hex')}`
    const [, id = ''] = sandbox.admin.ids({ stream: 'posts' })
    await sandbox.admin.edit({ stream: 'posts', id }, { text: edited })
    const third = await syncByPost(again)
    const afterEdit = await pull(vault, third.answer, third.info)
    const posts = await vault.records({ schema: POSTS, limit: 100_000 })
    const arrived = posts.filter((post) => JSON.stringify(post).includes(edited)).length === 1

    say("7  The node's folder, its log and all addresses are searched for the records' text and for tokens")
    const secrets = { texts: [marker, edited], patterns: [TOKEN] }
    const leaks = [
      // The outside service's own folder is not the node's.
      ...(await searchLeaks({ folder, skip: ['vault', 'node/sandbox'], ...secrets })).map(
        ({ file, what }) => `${file}: ${what}`,
      ),
      ...searchText(addresses.join('\n'), secrets).map((what) => `an address: ${what}`),
    ]
    const markedHere = posts.some((post) => JSON.stringify(post).includes(marker))
    for (const fault of [...receiptFaults, ...leaks]) say(`   ! ${fault}`)
    if (!markedHere) say('   ! the planted text did not reach the Vault: the search proves nothing')

    const report = {
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      records: first.status.counts.fetched,
      mapped: first.status.counts.mapped,
      quarantined: first.status.counts.quarantined,
      nodes: nodeProofs(receipts),
      vault: total,
      localErased,
      leaks: leaks.length,
      secondSync: { written: second.status.counts.written },
      edit: { arrived, conflicts: totals(afterEdit).conflicts },
      receipt: { valid: receiptFaults.length === 0 },
    }
    return { ok: markedHere && holds(report, node), ...report }
  } finally {
    await vault.close()
    await node.close()
  }
}

/** What the sandbox service says must come out, against what came out. */
function holds(report: Omit<JourneyReport, 'ok'>, node: EmbeddedNode): boolean {
  const expected = Object.values(node.embedded.sandbox.expected)
  const sum = (member: 'items' | 'quarantined' | 'records'): number =>
    expected.reduce((all, counts) => all + counts[member], 0)
  const { vault, secondSync, edit } = report
  return (
    report.records === sum('items') &&
    report.quarantined === sum('quarantined') &&
    vault.pulled === sum('records') &&
    vault.decrypted === vault.pulled &&
    vault.valid === vault.pulled &&
    vault.conflicts === 0 &&
    report.nodes.length === node.embedded.storageNodes.length &&
    report.nodes.every(({ missing, leaves }) => missing === 0 && leaves > 0) &&
    report.localErased &&
    report.leaks === 0 &&
    secondSync.written === 0 &&
    edit.arrived &&
    edit.conflicts === 0 &&
    report.receipt.valid
  )
}

type EmbeddedNode = RunningNode & { readonly embedded: NonNullable<RunningNode['embedded']> }

async function startBoth(
  folder: string,
): Promise<{ readonly node: EmbeddedNode; readonly vault: VaultApp; readonly key: string }> {
  const config = readConfig({
    DATA_DIR: join(folder, 'node'),
    PORT: '0',
    DEVNET_PORT: '0',
    SANDBOX_PORT: '0',
    LOG_LEVEL: 'debug',
  })
  await mkdir(join(folder, 'vault'), { recursive: true })
  const log = createLog({
    level: config.LOG_LEVEL,
    json: true,
    write: (line) => appendFileSync(join(folder, 'node.log'), line),
  })
  const node = await startNode({ config, log })
  const { embedded } = node
  if (embedded === undefined)
    throw new NodeError('INTERNAL', { detail: 'the node is not on embedded defaults' })
  try {
    const vault = await openVault({
      folder: join(folder, 'vault'),
      privateKey: `0x${randomBytes(32).toString('hex')}`,
      network: 'testnet',
      rpcUrl: embedded.rpcUrl,
      storageNodes: embedded.storageNodes,
      didEndpoints: embedded.didEndpoints,
      schemaPaths: node.schemaPaths,
    })
    return { node: { ...node, embedded }, vault, key: randomBytes(32).toString('hex') }
  } catch (error) {
    await node.close()
    throw error
  }
}

type Call = (url: string, init?: RequestInit) => Promise<Response>

interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

/** Plays the browser: authorize page, consent, callback, and the button of the success page. */
async function connect(
  call: Call,
  node: RunningNode,
  { did, key }: { readonly did: string; readonly key: string },
): Promise<Tokens & { readonly addresses: readonly string[] }> {
  const query = new URLSearchParams({ did, key })
  const started = await call(`${node.url}/connect/${PROVIDER}?${query.toString()}`)
  const authorizeUrl = started.headers.get('location') ?? ''
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const callback = await approve(authorizeUrl)
  const page = await (await call(callback, { headers: { cookie, accept: 'text/html' } })).text()
  const link = /href="([^"]*[?&;]accessToken=[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
  if (link === undefined) throw new NodeError('INTERNAL', { detail: `no deep link on the page:\n${page}` })
  const { searchParams } = new URL(link)
  return {
    accessToken: searchParams.get('accessToken') ?? '',
    refreshToken: searchParams.get('refreshToken') ?? '',
    addresses: [authorizeUrl, link],
  }
}

interface Follow {
  readonly answer: SyncAnswer
  readonly key: string
  readonly did: string
  readonly progress: (status: SyncStatus) => void
}

/** Waits as the Vault does, by the record on the storage node; meanwhile the status is shown. */
async function finishSync(
  node: RunningNode,
  vault: VaultApp,
  { answer, key, progress }: Follow,
): Promise<{ readonly info: VaultSyncInfo; readonly status: SyncStatus }> {
  const readStatus = async (): Promise<SyncStatus> => {
    const url = `${node.url}/syncStatus/${PROVIDER}/${answer.syncRequestId}`
    const token = await vault.signedRequest({ method: 'GET', url, audience: node.url })
    return json<SyncStatus>(await fetch(url, { headers: { authorization: `Bearer ${token}` } }))
  }
  const watching = setInterval(() => {
    // Only shown: the end is read below, and fails there when it cannot be read.
    readStatus().then(progress, () => undefined)
  }, 300)
  try {
    const info = await vault.awaitSync({ ...answer, key, timeoutMs: 50_000, pollMs: 400 })
    return { info, status: await ended(readStatus) }
  } finally {
    clearInterval(watching)
  }
}

/** The record is complete a moment before the local copy is erased and the sync has ended. */
async function ended(readStatus: () => Promise<SyncStatus>): Promise<SyncStatus> {
  for (;;) {
    const status = await readStatus()
    if (status.status !== 'running') return status
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

interface Again {
  readonly node: RunningNode
  readonly vault: VaultApp
  readonly call: Call
  readonly did: string
  readonly key: string
  readonly tokens: Tokens
  readonly progress: Follow['progress']
}

async function syncByPost({ node, vault, call, did, key, tokens, progress }: Again) {
  const url = `${node.url}/syncStart/${PROVIDER}`
  const { accessToken, refreshToken } = tokens
  const body = JSON.stringify({ did, key, accessToken, refreshToken })
  const token = await vault.signedRequest({ method: 'POST', url, body, audience: node.url })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await json<SyncAnswer>(await call(url, { method: 'POST', body, headers }))
  return { answer, ...(await finishSync(node, vault, { answer, key, did, progress })) }
}

function pull(vault: VaultApp, answer: SyncAnswer, info: VaultSyncInfo): Promise<PullReport> {
  return vault.pull({ ...answer, schemas: info.schemas })
}

function totals({ schemas }: PullReport): JourneyReport['vault'] {
  const all = Object.values(schemas)
  const sum = (member: 'pulled' | 'decrypted' | 'valid' | 'conflicts'): number =>
    all.reduce((total, report) => total + report[member], 0)
  return {
    pulled: sum('pulled'),
    decrypted: sum('decrypted'),
    valid: sum('valid'),
    conflicts: sum('conflicts'),
  }
}

/** Per storage node: what the receipts say was proven of it. A proof has nothing missing, else there is no receipt. */
function nodeProofs(receipts: readonly Receipt[]): JourneyReport['nodes'] {
  const leaves = new Map<string, number>()
  for (const { body } of receipts)
    for (const node of body.nodes) leaves.set(node.url, (leaves.get(node.url) ?? 0) + node.leaves)
  return [...leaves].map(([url, count]) => ({ url, leaves: count, missing: 0 }))
}

async function isErased(stagingFolder: string): Promise<boolean> {
  try {
    return (await readdir(stagingFolder)).length === 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}

async function json<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T
  throw new NodeError('INTERNAL', {
    detail: `${response.status} from ${new URL(response.url).pathname}: ${await response.text()}`,
  })
}
