/** What the vault folder asks of the control-plane database, as narrow interfaces; it speaks no SQL itself. */
import type { Bytes } from '../lib/keyed-hash.js'
import type { SchemaUri } from '../sync/record.js'

/** Whose records a database holds: one database per owner, provider, account and schema. */
export interface DatabaseOwner {
  readonly owner: string
  readonly provider: string
  readonly accountId: string
  readonly schema: SchemaUri
}

/** A database that this node made on the storage nodes; its row is written after it was made and granted. */
export interface DatabaseRow {
  /** Verida's database name; unique. */
  readonly name: string
  /** The connection is the owner, provider and account. */
  readonly connectionId: string
  readonly schemaUri: SchemaUri
  /** Version of the node secret that its name and keys come from. */
  readonly secretVersion: number
  /** Keyed hash of the owner's `key` that its name and keys come from. */
  readonly grantFingerprint: string
  /** Set when it was deleted everywhere; only the kept leaves remain. */
  readonly forgottenAtMs: number | null
  /** Sealed leaves of a deleted database (protocol.md 2.6). */
  readonly leavesSealed: string | null
}

/** Every write is refused (WRITE_CONFLICT) when the connection's lease has moved on. */
export interface DatabaseRows {
  /** Of one connection, forgotten ones too, oldest first. */
  list(connectionId: string): Promise<readonly DatabaseRow[]>
  /** Makes the row when it is missing; a forgotten one lives again and keeps its leaves. */
  ensure(facts: NewDatabaseRow, leaseNumber: number): Promise<void>
  keepLeaves(name: string, leavesSealed: string, leaseNumber: number): Promise<void>
  /** The database is gone from every storage node. */
  markForgotten(name: string, leaseNumber: number): Promise<void>
}

export type NewDatabaseRow = Pick<
  DatabaseRow,
  'name' | 'connectionId' | 'schemaUri' | 'secretVersion' | 'grantFingerprint'
>

/** One staging folder on this machine. */
export interface StagedRow {
  readonly id: string
  readonly connectionId: string
  readonly database: string
  /** Relative to the staging folder. */
  readonly path: string
  readonly leaseNumber: number
  /** Storage nodes that must hold it before it is erased. */
  readonly nodes: readonly string[]
  readonly createdAtMs: number
}

/** The ledger of staging folders: a row stands before its folder exists and goes after the folder is gone. */
export interface StagingLedger {
  add(row: StagedRow): Promise<void>
  remove(id: string): Promise<void>
  /** Of one connection, or of all. */
  list(connectionId?: string): Promise<readonly StagedRow[]>
}

/** The end of a receipt chain as the control plane knows it (protocol.md 5.4). */
export interface LastReceipt {
  readonly sequence: number
  readonly hash: string
  readonly leaseNumber: number
  /** Of the whole database; missing when more slices were to come. */
  readonly state?: { readonly root: string; readonly liveCount: number }
}

export interface ReceiptChains {
  last(database: string): Promise<LastReceipt | undefined>
}

/** The node's derivation secret by version: the newest makes new databases, older ones open what they made. */
export interface NodeSecrets {
  readonly current: number
  /** @throws NodeError CONFIG_INVALID when a version that is still needed is missing */
  secret(version: number): Bytes
}
