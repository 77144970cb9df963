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
import { searchLeaks, searchText } from '../devnet/leak-search.js'
import { openVault, type PullReport, type VaultApp, type VaultSyncInfo } from '../devnet/vault-app/index.js'
import { vaultHttp, type PlayedStatus, type SyncAnswer, type VaultHttp } from '../devnet/vault-http.js'
import { NodeError } from '../errors.js'
import { createLog } from '../lib/log.js'
import { startNode, type RunningNode } from '../main.js'
import { checkReceipts, type Receipt } from '../sync/index.js'
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
/** As long as the mobile Vault waits. */
const WAIT_MS = 50_000
const POLL_MS = 400
/** Access and refresh tokens of the sandbox service begin so. */
const TOKEN = /sbx_(at|rt)_[A-Za-z0-9_-]{20,}/

export async function playJourney({ folder, say, isTerminal }: JourneyOptions): Promise<JourneyReport> {
  const startedAt = performance.now()
  const marker = `marker ${randomBytes(12).toString('hex')}`

  say('1  A node starts: database, secrets, a local Verida network, an outside service')
  const { node, vault } = await startBoth(folder)
  try {
    const { sandbox } = node.embedded
    await sandbox.admin.plantMarker(marker, { perStream: 3 })
    const did = await vault.did()
    const key = randomBytes(32).toString('hex')
    const sign: Parameters<typeof vaultHttp>[0]['sign'] = ({ body, ...request }) =>
      vault.signedRequest({ ...request, ...(body === undefined ? {} : { body: String(body) }) })
    const http = vaultHttp({ url: node.url, did, key, sign })
    const follow = { http, vault, key, progress: progressLine(say, isTerminal) }

    say(`2  ${did} connects an account in a browser and consents`)
    const capsules = await http.connect(PROVIDER)

    say('3  The Vault asks for a sync; the node fetches, seals, replicates, proves and erases')
    const first = await finishSync(follow, await http.syncByGet(PROVIDER, capsules))

    say('4  The Vault pulls, decrypts and checks every record with its own client')
    const pulled = await vault.pull({ ...first.answer, schemas: first.info.schemas })
    await http.doneByGet(PROVIDER)
    const receipts = first.info['receipts'] as readonly Receipt[]
    const receiptFaults = checkReceipts(receipts, { did: first.answer.serverDid, pulled: pulled.schemas })
    const localErased = await isErased(node.stagingFolder)

    say('5  A second sync, with nothing new at the provider')
    const second = await finishSync(follow, await http.syncByPost(PROVIDER, capsules))

    say('6  A post is edited at the provider, and a third sync')
    const edited = `edited ${randomBytes(6).toString('hex')}`
    const [, id = ''] = sandbox.admin.ids({ stream: 'posts' })
    await sandbox.admin.edit({ stream: 'posts', id }, { text: edited })
    const third = await finishSync(follow, await http.syncByPost(PROVIDER, capsules))
    const afterEdit = await vault.pull({ ...third.answer, schemas: third.info.schemas })
    const posts = (await vault.records({ schema: POSTS, limit: 100_000 })).map((post) => JSON.stringify(post))

    say("7  The node's folder, its log and all addresses are searched for the records' text and for tokens")
    const secrets = { texts: [marker, edited], patterns: [TOKEN] }
    // The outside service's own folder is not the node's.
    const found = await searchLeaks({ folder, skip: ['vault', 'node/sandbox'], ...secrets })
    const leaks = [
      ...found.map(({ file, what }) => `${file}: ${what}`),
      ...searchText(http.addresses.join('\n'), secrets).map((what) => `an address: ${what}`),
    ]
    const isMarkerPulled = posts.some((post) => post.includes(marker))
    for (const fault of [...receiptFaults, ...leaks]) say(`   ! ${fault}`)
    if (!isMarkerPulled) say('   ! the planted text did not reach the Vault: the search proves nothing')

    const { counts } = first.status
    const report = {
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      records: counts.fetched,
      mapped: counts.mapped,
      quarantined: counts.quarantined,
      nodes: nodeProofs(receipts),
      vault: totals(pulled),
      localErased,
      leaks: leaks.length,
      secondSync: { written: second.status.counts.written },
      edit: {
        arrived: posts.filter((post) => post.includes(edited)).length === 1,
        conflicts: totals(afterEdit).conflicts,
      },
      receipt: { valid: receiptFaults.length === 0 },
    }
    return { ok: isMarkerPulled && holds(report, node), ...report }
  } finally {
    await vault.close()
    await node.close()
  }
}

/** What the sandbox service says must come out, against what came out. */
function holds(report: Omit<JourneyReport, 'ok'>, { embedded }: EmbeddedNode): boolean {
  const expected = Object.values(embedded.sandbox.expected)
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
    report.nodes.length === embedded.storageNodes.length &&
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

async function startBoth(folder: string): Promise<{ readonly node: EmbeddedNode; readonly vault: VaultApp }> {
  const config = readConfig({
    DATA_DIR: join(folder, 'node'),
    PORT: '0',
    DEVNET_PORT: '0',
    SANDBOX_PORT: '0',
    LOG_LEVEL: 'debug',
  })
  await mkdir(join(folder, 'vault'), { recursive: true })
  const write = (line: string): void => appendFileSync(join(folder, 'node.log'), line)
  const node = await startNode({ config, log: createLog({ level: config.LOG_LEVEL, json: true, write }) })
  const { embedded } = node
  try {
    if (embedded === undefined)
      throw new NodeError('INTERNAL', { detail: 'the node is not on embedded defaults' })
    const vault = await openVault({
      folder: join(folder, 'vault'),
      privateKey: `0x${randomBytes(32).toString('hex')}`,
      network: 'testnet',
      rpcUrl: embedded.rpcUrl,
      storageNodes: embedded.storageNodes,
      didEndpoints: embedded.didEndpoints,
      schemaPaths: node.schemaPaths,
    })
    return { node: { ...node, embedded }, vault }
  } catch (error) {
    await node.close()
    throw error
  }
}

interface Follow {
  readonly http: VaultHttp
  readonly vault: VaultApp
  readonly key: string
  readonly progress: (status: PlayedStatus) => void
}

interface FinishedSync {
  readonly answer: SyncAnswer
  readonly info: VaultSyncInfo
  readonly status: PlayedStatus
}

/** Waits as the Vault does, by the record on the storage node, and beside it until the local copy is erased too. */
async function finishSync({ http, vault, key, progress }: Follow, answer: SyncAnswer): Promise<FinishedSync> {
  const [info, status] = await Promise.all([
    vault.awaitSync({ ...answer, key, timeoutMs: WAIT_MS, pollMs: POLL_MS }),
    http.ended(PROVIDER, answer.syncRequestId, progress),
  ])
  return { answer, info, status }
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
  const names = await readdir(stagingFolder)
  // The folder's own name tag stays.
  return names.every((name) => name === '.machine')
}
