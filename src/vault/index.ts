/** The vault folder's entry for the composition root: this node on Verida's network. Nothing connects before the first need. */
import { join } from 'node:path'
import { NodeError, toNodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Did } from '../lib/did.js'
import type { Log } from '../lib/log.js'
import type { Redacted } from '../lib/redacted.js'
import type { Destination, GrantedDatabase } from '../sync/destination.js'
import { holdLease, type LeaseStore } from '../sync/lease.js'
import type { ReceiptSigner } from '../sync/receipt.js'
import type { SchemaUri } from '../sync/record.js'
import type { RequestRecords } from '../sync/request-record.js'
import { checkNodes, type StorageNodeCheck } from './check-nodes.js'
import { within } from './deadline.js'
import type { DestinationPorts } from './destination-ports.js'
import { createIdentity } from './identity.js'
import { finishLeftovers, type LeftoverCounts } from './leftovers.js'
import type { DatabaseRows, NodeSecrets, ReceiptChains, StagingLedger } from './ports.js'
import { SCAN_LIMIT } from './read-leaves.js'
import { createReceiptSigner } from './receipt-signer.js'
import { createRecordSigner, type RecordSigner } from './record-signature.js'
import { createRequestRecords } from './request-records.js'
import { SigningThread } from './signing-thread.js'
import { StagingArea } from './staging-area.js'
import { STORAGE_HTTP_DEFAULTS } from './storage-http.js'
import { StorageNode } from './storage-node.js'
import { createVaultDestination, grantedDatabases, type ConnectionOf } from './vault-destination.js'
import type { VaultProof } from './verify.js'

export { createDidSigners, type DidSigners } from './did-signers.js'
export type { StorageNodeCheck } from './check-nodes.js'
export { examineEverywhere, type Examination, type ExamineOptions } from './examine.js'
export type { LeftoverCounts } from './leftovers.js'
export type {
  DatabaseRow,
  DatabaseRows,
  LastReceipt,
  NewDatabaseRow,
  NodeSecrets,
  ReceiptChains,
  StagedRow,
  StagingLedger,
} from './ports.js'
export type { VaultProof } from './verify.js'

/** What a look at the storage nodes waits for the DID registry. */
const REGISTER_MS = 5_000

export interface VaultOptions {
  readonly network: string
  /** The DID registry's JSON-RPC. */
  readonly rpcUrl: string
  /** Of the node's DID: 32 bytes, hex. */
  readonly privateKey: Redacted
  /** Pays for the registration of the DID; default: the DID's own key. */
  readonly gasKey?: Redacted | undefined
  readonly contextName: string
  /** Every one of them must hold everything; see `verifyNodes`. */
  readonly storageNodes: readonly string[]
  /** Where the node's DID document is kept, such as `https://storage.example/did/`; default: the storage nodes. */
  readonly didEndpoints?: readonly string[]
  readonly dataDir: string
  readonly stagingMaxBytes: number
  /** How many storage nodes must be seen to hold everything before anything is erased. */
  readonly verifyNodes: 'all' | number
  /** `full` reads every document back, `sample` 64 of a slice. */
  readonly verify: 'sample' | 'full'
  readonly signRecords: boolean
  readonly databaseRows: DatabaseRows
  readonly stagingLedger: StagingLedger
  readonly receiptChains: ReceiptChains
  readonly secrets: NodeSecrets
  /** For leftovers, which are touched under their connection's lease only. */
  readonly leases: LeaseStore
  readonly clock: Clock
  readonly log: Log
  /** Longest time without an answer of a storage node; default 15 s. */
  readonly storageTimeoutMs?: number
  /** Documents of a database that are read at once when it is opened; a larger one is read page by page. Default 50,000. */
  readonly scanLimit?: number
}

export interface Vault {
  /** The node's own DID. */
  readonly did: Did
  readonly contextName: string
  readonly destination: Destination<VaultProof>
  /** The live databases of a connection under this owner's key, with their keys: for their owner alone. */
  granted(of: ConnectionOf): Promise<Readonly<Record<SchemaUri, GrantedDatabase>>>
  readonly requestRecords: RequestRecords
  readonly signer: ReceiptSigner
  /**
   * At start: finishes what former runs left staged, each connection under its lease; those that are busy or whose
   * storage nodes are down stay for their next run.
   */
  recoverLeftovers(): Promise<LeftoverCounts>
  /** Registers the DID if need be and signs in at every storage node. Throws nothing: each answer says how it went. */
  checkStorageNodes(): Promise<readonly StorageNodeCheck[]>
  /** HTTP exchanges with storage nodes so far. */
  storageCalls(): number
  close(): Promise<void>
}

/** @throws NodeError CONFIG_INVALID */
export function createVault(options: VaultOptions): Vault {
  const { clock, log, contextName, storageNodes, dataDir } = options
  if (storageNodes.length === 0)
    throw new NodeError('CONFIG_INVALID', { detail: 'no storage node is configured' })
  const didEndpoints = options.didEndpoints?.length
    ? options.didEndpoints
    : storageNodes.map((url) => `${url.replace(/\/*$/, '')}/did/`)
  const identity = createIdentity({ ...options, didEndpoints })
  const signedUp = async () => {
    // A registry that is down does not stop a node that was registered before: the storage nodes know its document.
    await identity.ensureRegistered().catch((error: unknown) => {
      if (toNodeError(error).code !== 'RESOLVER_DOWN') throw error
      log.warn('storage.unreachable', { error })
    })
    return identity
  }
  const http = {
    ...STORAGE_HTTP_DEFAULTS,
    timeoutMs: options.storageTimeoutMs ?? STORAGE_HTTP_DEFAULTS.timeoutMs,
  }
  const nodes = storageNodes.map((url) => new StorageNode({ url, clock, identity: signedUp, http }))
  let signing: SigningThread | undefined
  const ports: DestinationPorts = {
    nodes,
    rows: options.databaseRows,
    chains: options.receiptChains,
    area: new StagingArea({
      folder: join(dataDir, 'staging'),
      ledger: options.stagingLedger,
      maxBytes: options.stagingMaxBytes,
      clock,
    }),
    secrets: options.secrets,
    recordSigner: options.signRecords
      ? once(async () => {
          const signingKey = await identity.signingKey()
          signing = new SigningThread(signingKey)
          const signTexts = signing.sign.bind(signing)
          return createRecordSigner({ did: identity.did, contextName, signingKey, signTexts })
        })
      : undefined,
    required: options.verifyNodes === 'all' ? nodes.length : Math.min(options.verifyNodes, nodes.length),
    verifyFull: options.verify === 'full',
    scanLimit: options.scanLimit ?? SCAN_LIMIT,
    clock,
    log,
  }
  return {
    did: identity.did,
    contextName,
    destination: createVaultDestination(ports),
    granted: (of) => grantedDatabases(ports, of),
    requestRecords: createRequestRecords(ports, identity),
    signer: createReceiptSigner(identity),
    recoverLeftovers: () => recover(ports, options.leases),
    async checkStorageNodes() {
      // Also when they let us in by an earlier sign-in: a registration that failed is tried again.
      await within(REGISTER_MS, undefined, signedUp).catch((error: unknown) => {
        log.warn('storage.unreachable', { error: toNodeError(error) })
      })
      return checkNodes(nodes, log)
    },
    storageCalls: () => nodes.reduce((sum, node) => sum + node.calls, 0),
    async close() {
      await Promise.all([signing?.close(), ...nodes.map((node) => node.close())])
    },
  }
}

async function recover(ports: DestinationPorts, leases: LeaseStore): Promise<LeftoverCounts> {
  let total: LeftoverCounts = { finished: 0, dropped: 0, kept: 0 }
  for (const connectionId of await ports.area.connectionsWithLeftovers()) {
    // Busy: its own run finishes them.
    const lease = await holdLease(leases, connectionId)
    if (lease === undefined) continue
    try {
      const rows = await ports.rows.list(connectionId)
      const { finished, dropped, kept } = await finishLeftovers(
        ports,
        { connectionId, signal: lease.signal },
        rows,
      )
      total = {
        finished: total.finished + finished,
        dropped: total.dropped + dropped,
        kept: total.kept + kept,
      }
    } catch (error) {
      // One connection must not keep the others from being finished; its own next run meets the fault again.
      ports.log.error('staging.leftover', { connection: connectionId, error: toNodeError(error) })
    } finally {
      await lease.release()
    }
  }
  return total
}

/** Made at the first call; a failure is not kept. */
function once(make: () => Promise<RecordSigner>): () => Promise<RecordSigner> {
  let made: Promise<RecordSigner> | undefined
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    }))
}
