/** What the pipeline asks of a destination; it does not know which one it writes to. */
import type { Json } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { Did } from '../lib/did.js'
import type { SchemaUri, ValidPage } from './record.js'

/** Whose data goes where, under which lease. */
export interface RunContext {
  readonly connectionId: string
  /** As in the connection: a DID, or `tenant:<tenant>:<connector>`. */
  readonly owner: string
  readonly provider: string
  readonly accountId: string
  readonly leaseNumber: number
  /** Every schema that the streams of this run write; their databases are opened (and made) at the start. */
  readonly schemas: readonly SchemaUri[]
  readonly signal: AbortSignal
}

/** For a destination that seals the records for a DID. */
export interface OwnerRunContext extends RunContext {
  readonly owner: Did
  /** The Vault's `key`, or the connection's own secret in node custody; 32 bytes, in memory only. */
  readonly ownerKey: Bytes
}

/** For a destination that keeps the records as rows of a tenant. */
export interface TenantRunContext extends RunContext {
  readonly tenant: string
  readonly connectorId: string
}

export interface WriteCounts {
  readonly written: number
  readonly unchanged: number
  readonly deleted: number
  /** Bytes stored: sealed into staging, or as rows. */
  readonly bytes: number
}

/** What one storage node was seen to hold. */
export interface NodeProof {
  readonly url: string
  /** Revisions asked for. */
  readonly leaves: number
  /** Revisions it did not name; a proof has 0. */
  readonly missing: number
  /** Documents read back and compared byte for byte. */
  readonly sampled: number
}

/** What was proven of one database: protocol.md 5. */
export interface DatabaseProof {
  readonly database: string
  readonly schema: SchemaUri
  /** Hex root over the leaves of this slice. */
  readonly sliceRoot: string
  readonly sliceLeaves: number
  /** Hex root and count over the live winners of the whole database; only when the sync ends. */
  readonly state?: { readonly root: string; readonly liveCount: number }
  readonly nodes: readonly NodeProof[]
  /** What was noticed and mended, such as a storage node that had lost data. */
  readonly notes: readonly string[]
}

/** The part of a proof that the pipeline reads. Only a destination can make one, and only `release` takes it back. */
export interface ProofFacts {
  readonly databases: readonly DatabaseProof[]
}

/** Seals small values (cursors, quarantined items) with a key of the database they belong to. */
export interface SealedBox {
  seal(value: Json, context: readonly string[]): string
  /** @throws NodeError SEAL_FAILED */
  open(sealed: string, context: readonly string[]): Json
}

/** A database as the owner must be told of it. */
export interface GrantedDatabase {
  readonly databaseName: string
  /** 64 hex; goes only into the owner's sealed request record. */
  readonly encryptionKey: string
}

/** The head of a receipt chain, put where the owner and the node can compare it later (protocol.md 5.4). */
export interface ChainHead {
  readonly database: string
  readonly sequence: number
  readonly hash: string
}

/** One sync's hold on a destination. `P` is the destination's own proof type, made by its verification alone. */
export interface DestinationRun<P extends ProofFacts = ProofFacts> {
  /** The database of a schema: its name is the key of cursors, quarantine and receipts in the store. */
  database(schema: SchemaUri): string
  documentId(schema: SchemaUri, stream: string, sourceId: string): string
  /** What was proven of this schema before is not there any more: everything has to be read again. */
  isLost(schema: SchemaUri): boolean
  box(schema: SchemaUri, purpose: 'cursor' | 'quarantine'): SealedBox
  /**
   * Makes one page durable here and sends it on; returns when it is staged, while the sending goes on behind
   * (bounded: waits when too much is in flight). Records that are the same as what is stored are not written.
   * @throws NodeError DISK_FULL, SEAL_FAILED, STORAGE_UNREACHABLE (staging is over its limit)
   */
  write(page: ValidPage): Promise<WriteCounts>
  /**
   * Waits for everything sent, asks every storage node for every revision of this slice, mends what is missing.
   * `final`: the last slice of this sync, so the proof carries the state of the whole database.
   * @throws NodeError STORAGE_UNREACHABLE, REPLICATION_STALLED, VERIFY_MISMATCH; local data is kept.
   */
  prove(options: { readonly final: boolean }): Promise<P>
  /** Erases what the proof covers from this machine, and looks that it is gone. @throws NodeError ERASE_INCOMPLETE */
  release(proof: P): Promise<void>
  /** After the commit: puts the heads of the receipt chains beside the data. */
  publishHeads(heads: readonly ChainHead[]): Promise<void>
  /** Databases of this connection that hold records, changed or not. */
  granted(): Readonly<Record<SchemaUri, GrantedDatabase>>
  /** Closes handles; staged data that was not released stays. */
  close(): Promise<void>
}

/** `R` is what it must be told of a run. */
export interface Destination<P extends ProofFacts = ProofFacts, R extends RunContext = OwnerRunContext> {
  /**
   * Opens (and makes, with the owner's grant) the databases of a run on every storage node, reads their winners,
   * and finishes what an earlier run of this connection left staged.
   */
  open(run: R): Promise<DestinationRun<P>>
  /**
   * Deletes everything of a connection where the destination keeps it and here; sealed leaves stay (protocol.md 2.6).
   * Gives the schema URIs that were deleted.
   */
  forget(run: Omit<R, 'schemas'>): Promise<readonly string[]>
}
