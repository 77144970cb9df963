/** A node's vault destination on a local network, with its control plane in memory, driven as the pipeline drives it. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeError } from '../../src/errors.js'
import { systemClock } from '../../src/lib/clock.js'
import type { JsonObject } from '../../src/lib/canonical-json.js'
import type { Did } from '../../src/lib/did.js'
import { silentLog } from '../../src/lib/log.js'
import { Redacted } from '../../src/lib/redacted.js'
import type { DestinationRun, GrantedDatabase, OwnerRunContext } from '../../src/sync/destination.js'
import { FIRST_PREVIOUS, makeReceipt, type Receipt } from '../../src/sync/receipt.js'
import { NO_COUNTS } from '../../src/sync/job.js'
import type { ValidRecord } from '../../src/sync/record.js'
import {
  createVault,
  type DatabaseRow,
  type DatabaseRows,
  type LastReceipt,
  type StagedRow,
  type StagingLedger,
  type Vault,
  type VaultOptions,
  type VaultProof,
} from '../../src/vault/index.js'
import { databaseHash } from '../../src/vault/database-hash.js'
import { createEnvelope } from '../../src/vault/envelope.js'
import type { TestDevnet } from './devnet.js'

export const POST = 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json'
export const FOLLOWING = 'https://common.schemas.verida.io/social/following/v0.1.0/schema.json'
export const CONTEXT = 'Verida: Data Connector'
/** A word that stands in every record; it must not be found on any disk. */
export const CANARY = 'canary-Zq81-7f3Kd02'
const OWNER = `did:vda:testnet:0x${'ab'.repeat(20)}` as Did

/** What outlives a process: rows, ledger and receipts. Writes under an older lease are refused. */
export interface ControlPlane {
  readonly rows: Map<string, DatabaseRow>
  readonly staged: Map<string, StagedRow>
  readonly receipts: Map<string, Receipt[]>
  lease: number
}

export const newControlPlane = (): ControlPlane => ({
  rows: new Map(),
  staged: new Map(),
  receipts: new Map(),
  lease: Math.floor(Date.now() / 60_000),
})

function rowsOf(plane: ControlPlane): DatabaseRows {
  const change = (name: string, lease: number, changes: Partial<DatabaseRow>) => {
    if (lease < plane.lease) throw new NodeError('WRITE_CONFLICT')
    const row = plane.rows.get(name)
    if (row === undefined) throw new NodeError('INTERNAL', { detail: 'no such database' })
    plane.rows.set(name, { ...row, ...changes })
  }
  return {
    list: async (connectionId) => [...plane.rows.values()].filter((row) => row.connectionId === connectionId),
    async ensure(facts, lease) {
      if (lease < plane.lease) throw new NodeError('WRITE_CONFLICT')
      const { leavesSealed = null } = plane.rows.get(facts.name) ?? {}
      plane.rows.set(facts.name, { ...facts, leavesSealed, forgottenAtMs: null })
    },
    keepLeaves: async (name, leavesSealed, lease) => change(name, lease, { leavesSealed }),
    markForgotten: async (name, lease) => change(name, lease, { forgottenAtMs: Date.now() }),
  }
}

function ledgerOf(plane: ControlPlane): StagingLedger {
  return {
    add: async (row) => void plane.staged.set(row.id, row),
    remove: async (id) => void plane.staged.delete(id),
    list: async (connectionId) =>
      [...plane.staged.values()].filter(
        (row) => connectionId === undefined || row.connectionId === connectionId,
      ),
  }
}

export function lastReceipt(plane: ControlPlane, database: string): LastReceipt | undefined {
  const last = plane.receipts.get(database)?.at(-1)
  if (last === undefined) return undefined
  const { sequence, leaseNumber, state } = last.body
  return { sequence, leaseNumber, hash: last.hash, ...(state === undefined ? {} : { state }) }
}

export interface TestNode {
  readonly vault: Vault
  readonly plane: ControlPlane
  readonly dataDir: string
  readonly privateKey: Redacted
  /** The context of a run under a new lease. */
  context(overrides?: Partial<OwnerRunContext>): OwnerRunContext
  /** Staging folders on this machine. */
  stagingFolders(): Promise<readonly string[]>
  /** Another process on the same folder and control plane; this one is left as a crash leaves it. */
  restart(overrides?: Partial<VaultOptions>): Promise<TestNode>
  close(): Promise<void>
}

export interface NodeParts {
  readonly plane: ControlPlane
  readonly dataDir: string
  readonly privateKey: Redacted
  readonly secret: Uint8Array
}

/** What a node must know of its network. */
export interface Network {
  readonly rpcUrl: string
  readonly storageNodes: readonly { readonly url: string }[]
  readonly didEndpoints: readonly string[]
}

export async function testNode(
  devnet: Network,
  overrides: Partial<VaultOptions> = {},
  parts?: NodeParts,
): Promise<TestNode> {
  const known = parts ?? {
    plane: newControlPlane(),
    dataDir: await mkdtemp(join(tmpdir(), 'vault-node-')),
    privateKey: new Redacted(randomBytes(32).toString('hex')),
    secret: randomBytes(32),
  }
  const { plane, privateKey, secret } = known
  const dataDir = overrides.dataDir ?? known.dataDir
  const vault = createVault({
    network: 'testnet',
    rpcUrl: devnet.rpcUrl,
    privateKey,
    contextName: CONTEXT,
    storageNodes: devnet.storageNodes.map(({ url }) => url),
    didEndpoints: devnet.didEndpoints,
    dataDir,
    stagingMaxBytes: 64 * 1024 * 1024,
    verifyNodes: 'all',
    verify: 'sample',
    signRecords: true,
    databaseRows: rowsOf(plane),
    stagingLedger: ledgerOf(plane),
    receiptChains: { last: async (database) => lastReceipt(plane, database) },
    secrets: { current: 1, secret: () => secret },
    leases: {
      acquire: async () => (plane.lease += 1),
      renew: async () => undefined,
      release: async () => undefined,
    },
    clock: systemClock,
    log: silentLog,
    ...overrides,
  })
  return {
    vault,
    plane,
    dataDir,
    privateKey,
    context(changes = {}) {
      plane.lease += 1
      return {
        connectionId: 'connection-1',
        owner: OWNER,
        provider: 'test',
        accountId: 'account-1',
        ownerKey: Buffer.alloc(32, 7),
        leaseNumber: plane.lease,
        schemas: [POST],
        signal: new AbortController().signal,
        ...changes,
      }
    },
    async stagingFolders() {
      const names = await readdir(join(dataDir, 'staging')).catch(() => [])
      return names.filter((name) => !name.startsWith('.'))
    },
    restart: async (changes = {}) => testNode(devnet, { ...overrides, ...changes }, known),
    async close() {
      await vault.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** An item of a provider: its id and a text. */
export type Item = readonly [id: string, text: string]

export function post([id, text]: Item): ValidRecord {
  const at = '2024-05-01T10:00:00.000Z'
  const record: JsonObject = {
    schema: POST,
    name: `${text} ${CANARY}`,
    type: 'status',
    uri: `https://example.org/${id}`,
    content: `${text} ${CANARY}`,
    sourceApplication: 'https://example.org/',
    sourceAccountId: 'account-1',
    sourceId: id,
    insertedAt: at,
    modifiedAt: at,
  }
  return { sourceId: id, record } as unknown as ValidRecord
}

export const posts = (count: number, text = 'first', from = 0): Item[] =>
  Array.from({ length: count }, (_, index) => [`item-${from + index}`, text] as const)

export interface Written {
  readonly written: number
  readonly unchanged: number
  readonly deleted: number
}

export async function write(
  run: DestinationRun<VaultProof>,
  items: readonly Item[],
  deletedSourceIds: readonly string[] = [],
): Promise<Written> {
  return run.write({
    stream: 'posts',
    schema: POST,
    records: items.map(post),
    deletedSourceIds,
    deletedDocumentIds: [],
  })
}

/** Proof to erasure, in the pipeline's order. */
export async function finish(
  { vault, plane }: TestNode,
  run: DestinationRun<VaultProof>,
  leaseNumber: number,
  final = true,
): Promise<{ readonly proof: VaultProof; readonly receipts: readonly Receipt[] }> {
  const proof = await run.prove({ final })
  const receipts: Receipt[] = []
  for (const database of proof.databases) {
    const chain = plane.receipts.get(database.database) ?? []
    const stateIsNew =
      database.state !== undefined &&
      database.state.root !== chain.findLast(({ body }) => body.state)?.body.state?.root
    if (database.sliceLeaves === 0 && database.notes.length === 0 && !stateIsNew) continue
    const receipt = await makeReceipt(vault.signer, {
      proof: database,
      sequence: chain.length + 1,
      previous: chain.at(-1)?.hash ?? FIRST_PREVIOUS,
      leaseNumber,
      syncId: 'sync',
      counts: NO_COUNTS,
      cursors: {},
      nowMs: Date.now(),
    })
    plane.receipts.set(database.database, [...chain, receipt])
    receipts.push(receipt)
  }
  await run.publishHeads(
    receipts.map(({ body, hash }) => ({ database: body.database, sequence: body.sequence, hash })),
  )
  await run.release(proof)
  return { proof, receipts }
}

export interface Synced extends Written {
  readonly proof: VaultProof
  readonly receipts: readonly Receipt[]
  readonly granted: Readonly<Record<string, GrantedDatabase>>
}

/** One whole sync of one page. */
export async function sync(
  node: TestNode,
  items: readonly Item[],
  options: { readonly deletes?: readonly string[]; readonly context?: Partial<OwnerRunContext> } = {},
): Promise<Synced> {
  const context = node.context(options.context)
  const run = await node.vault.destination.open(context)
  try {
    const counts = await write(run, items, options.deletes)
    const done = await finish(node, run, context.leaseNumber)
    return { ...counts, ...done, granted: run.granted() }
  } finally {
    await run.close()
  }
}

/** What a storage node holds of a database: leaves by document id, as the change feed tells them. */
export async function leavesAt(
  devnet: TestDevnet,
  index: number,
  node: TestNode,
  name: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { results } = (await couch(devnet, index, node, name, '/_changes?style=all_docs')) as {
    results: { id: string; changes: { rev: string }[] }[]
  }
  const rows = results.filter(({ id }) => !id.startsWith('_design/'))
  return new Map(
    rows.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, changes }) => [id, changes.map(({ rev }) => rev)]),
  )
}

/** The names of the records that a storage node holds, by the provider's id, opened with the key that the owner is told. */
export async function namesAt(
  devnet: TestDevnet,
  index: number,
  node: TestNode,
  { databaseName, encryptionKey }: GrantedDatabase,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = (await couch(devnet, index, node, databaseName, '/_all_docs?include_docs=true')) as {
    rows: { id: string; doc: { payload?: string } }[]
  }
  const envelope = createEnvelope(Buffer.from(encryptionKey, 'hex'))
  const records = rows.flatMap(({ id, doc }) =>
    doc.payload === undefined ? [] : [envelope.open(doc.payload, id)],
  )
  return new Map(
    records
      .filter(({ schema }) => schema === POST)
      .map(({ sourceId, name }) => [sourceId as string, (name as string).replace(` ${CANARY}`, '')]),
  )
}

async function couch(
  devnet: TestDevnet,
  index: number,
  node: TestNode,
  name: string,
  path: string,
): Promise<unknown> {
  const { couchUrl, admin } = devnet.storageNodes[index]!
  const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
  const answer = await fetch(`${couchUrl}/${databaseHash(node.vault.did, CONTEXT, name)}${path}`, {
    headers: { authorization },
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return answer.json()
}

export const hashOf = (node: TestNode, name: string): string => databaseHash(node.vault.did, CONTEXT, name)
