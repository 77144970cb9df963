/** What a Vault can ask of the sync engine; surfaces know only this. */
import type { CapsulePair } from '../credentials/capsule.js'
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { ErrorCode } from '../errors.js'
import type { SyncCounts } from './job.js'
import type { RequestAnswer } from './request-record.js'
import type { StreamIssue } from './stream-issue.js'
import type { SuspectedDeletes } from './scan.js'
import type { Receipt } from './receipt.js'

export interface VaultSyncRequest extends CapsulePair {
  readonly provider: string
  readonly did: Did
  readonly key: Bytes
  /** Per schema URI: at most so many records. */
  readonly schemas?: Readonly<Record<string, { readonly limit?: number }>>
  readonly confirmDeletes?: boolean
  /** The old GET form answers the last request again within 60 s (protocol.md 4.4). */
  readonly repeatable: boolean
}

export interface VaultSyncStarted {
  readonly answer: RequestAnswer
  /** Reads the status of this sync; given once, kept only as a hash. Missing when an earlier request's ids were repeated. */
  readonly statusToken?: string
}

export interface SyncStatus {
  readonly syncRequestId: string
  readonly provider: string
  readonly status: 'running' | 'complete' | 'error' | 'interrupted'
  readonly stage: string
  readonly counts: SyncCounts
  readonly issues: readonly StreamIssue[]
  readonly suspectedDeletes: readonly SuspectedDeletes[]
  readonly more: boolean
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  readonly startedAtMs: number
  readonly finishedAtMs?: number
}

/** Who asks: the owner by a signed request, or the holder of the sync's status token. */
export type StatusReader = { readonly did: Did } | { readonly statusToken: string }

export interface VaultSyncs {
  /**
   * Answers once the request record is confirmed on the storage nodes; the sync goes on behind.
   * @throws NodeError PROVIDER_UNKNOWN, TOKEN_REVOKED, STORAGE_UNREACHABLE, WRITE_CONFLICT, TOO_MANY_REQUESTS
   */
  start(request: VaultSyncRequest): Promise<VaultSyncStarted>
  /** @throws NodeError SYNC_UNKNOWN, also for what is another owner's */
  status(provider: string, syncRequestId: string, reader: StatusReader): Promise<SyncStatus>
  /** Receipts of one sync. @throws NodeError SYNC_UNKNOWN */
  receipts(syncRequestId: string, did: Did): Promise<readonly Receipt[]>
  /**
   * Erases proven local copies of the owner's connections at this provider.
   * @throws NodeError NOT_VERIFIED while something staged is not proven yet
   */
  done(provider: string, did: Did): Promise<readonly string[]>
  /** Deletes the owner's databases of this provider from the storage nodes. Gives the schema URIs that were deleted. */
  forget(request: VaultSyncRequest): Promise<readonly string[]>
  /** Revokes at the provider, ends the grant, forgets and erases. */
  disconnect(request: VaultSyncRequest): Promise<Disconnected>
  /** Schema URIs that a provider writes: the same for every owner. @throws NodeError PROVIDER_UNKNOWN */
  schemasOf(provider: string): readonly string[]
}

export interface Disconnected {
  readonly revoked: boolean
  /** Why not, when it was not: the provider's written reason or an error code. */
  readonly reason?: string
  readonly forgotten: readonly string[]
}
