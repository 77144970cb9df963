/** The record through which a Vault follows its sync (vault.md 7.3): the pipeline writes it, the vault folder keeps it. */
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { GrantedDatabase } from './destination.js'
import type { SchemaUri } from './record.js'

/** What `syncInfo` carries when a sync ends well (vault.md 7.3 and protocol.md 3.3, 5.3). */
export interface SyncInfo {
  readonly schemas: Readonly<Record<SchemaUri, GrantedDatabase>>
  /** Fresh capsules after a refresh: always both. */
  readonly newAuth?: { readonly accessToken: string; readonly refreshToken: string }
  readonly profile?: {
    readonly id: string
    readonly name: string
    readonly username?: string
    readonly avatarUrl?: string
  }
  readonly receipts?: readonly unknown[]
  /** More is waiting at the provider: sync again. */
  readonly more?: boolean
}

/** What the caller of a sync is told at once (vault.md 7.1). */
export interface RequestAnswer {
  readonly did: Did
  readonly serverDid: string
  readonly signerDid: string
  readonly syncRequestId: string
  readonly syncRequestDatabaseName: string
  readonly contextName: string
}

export interface RequestRecords {
  /** Writes a record `requested` and confirms it on the storage nodes before it answers. @throws NodeError STORAGE_UNREACHABLE */
  open(request: {
    readonly owner: Did
    readonly provider: string
    readonly key: Bytes
    readonly nowMs: number
  }): Promise<RequestHandle>
}

export interface RequestHandle {
  readonly answer: RequestAnswer
  /** Writes `complete` and confirms it. */
  complete(info: SyncInfo): Promise<void>
  /** Writes `error` with one of the fixed sentences of the error table, and confirms it. */
  fail(message: string): Promise<void>
}
