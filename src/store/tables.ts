/** The rows of every table as the queries see them; columns are the same names in snake case. Times are ms since 1970. */
import type { Generated, GeneratedAlways } from 'kysely'
import type { Json, JsonObject } from '../lib/canonical-json.js'

export interface SettingsTable {
  key: string
  value: Json
}

export interface OauthStatesTable {
  handleHash: string
  /** The browser that started it. */
  cookieHash: string
  provider: string
  did: string
  /** Of the Vault's key, when it was given at the start. */
  keyFingerprint: string | null
  redirect: string | null
  /** `link`: capsules in the deep link; `code`: a one-time code to be redeemed. */
  flow: 'link' | 'code'
  /** S256 challenge of the Vault, with flow `code`. */
  challenge: string | null
  /** Sealed PKCE verifier toward the provider. */
  verifierSealed: string | null
  expiresAtMs: number
}

export interface RedeemCodesTable {
  codeHash: string
  provider: string
  did: string
  challenge: string
  payloadSealed: string
  /** Tries begun; a right one ends the row. */
  failures: Generated<number>
  expiresAtMs: number
}

export interface GrantsTable {
  id: string
  provider: string
  did: string
  accountHash: string
  keyFingerprint: string | null
  /** Counts refreshes; a capsule carries the one it was made in. */
  generation: number
  /** The newest tokens until a capsule that carries them was seen (protocol.md 4.3). */
  tokensSealed: string | null
  presentedGeneration: number
  lastRunAtMs: number | null
  /** Ids that the last run was answered with. */
  lastRequest: JsonObject | null
  revokedAtMs: number | null
  createdAtMs: number
}

export type ConnectionStatus =
  'pending' | 'tested' | 'active' | 'paused' | 'error' | 'reconnect_needed' | 'revoked'

export interface ConnectionsTable {
  id: string
  owner: string
  provider: string
  accountHash: string
  custody: 'vault' | 'node'
  destination: 'vault' | 'tables'
  status: ConnectionStatus
  leaseNumber: Generated<number>
  leaseHolder: Generated<string | null>
  leaseUntilMs: Generated<number | null>
  createdAtMs: number
  updatedAtMs: number
}

export interface VaultDatabasesTable {
  name: string
  connectionId: string
  schemaUri: string
  secretVersion: number
  grantFingerprint: string
  /** The sequence of the next receipt; the first is 1. */
  nextSequence: Generated<number>
  /** 64 zeros before the first. */
  lastReceiptHash: Generated<string>
  stateRoot: Generated<string | null>
  liveCount: Generated<number>
  forgottenAtMs: Generated<number | null>
  /** Ids and revisions from which a later database of this schema continues (protocol.md 2.6). */
  leavesSealed: Generated<string | null>
  createdAtMs: number
}

export interface SyncCursorsTable {
  database: string
  stream: string
  partition: string
  /** The provider's revision that made it; another one starts anew. */
  revision: number
  cursorSealed: string | null
  scanNumber: number
  updatedAtMs: number
}

export interface ScanItemsTable {
  database: string
  stream: string
  partition: string
  documentId: string
  /** The last scan that saw it. */
  scanNumber: number
}

export type SyncRowStatus = 'running' | 'complete' | 'error' | 'interrupted'

/** The Vault's request record that follows a sync. */
export type SyncRequestIds = { readonly databaseName: string; readonly recordId: string }

export interface SyncsTable {
  id: string
  connectionId: string
  owner: string
  provider: string
  kind: string
  status: SyncRowStatus
  stage: string
  leaseNumber: number
  keyFingerprint: string | null
  statusTokenHash: string | null
  request: SyncRequestIds | null
  counts: JsonObject
  issues: Json
  suspectedDeletes: Json | null
  more: Generated<boolean>
  errorCode: string | null
  startedAtMs: number
  updatedAtMs: number
  finishedAtMs: number | null
}

export interface SyncEventsTable {
  id: GeneratedAlways<number>
  syncId: string
  atMs: number
  kind: string
  data: JsonObject
}

export interface QuarantineTable {
  id: string
  connectionId: string
  database: string
  stream: string
  partition: string
  itemHash: string
  sealed: string
  reason: string
  createdAtMs: number
  expiresAtMs: number
}

export interface ReceiptsTable {
  database: string
  sequence: number
  syncId: string
  leaseNumber: number
  body: JsonObject
  signature: string
  hash: string
  createdAtMs: number
}

export interface StagingTable {
  id: string
  connectionId: string
  database: string
  /** Relative to the staging folder. */
  path: string
  leaseNumber: number
  /** Storage nodes that must hold it before it is erased. */
  nodes: readonly string[]
  createdAtMs: number
}

export interface UsedJtisTable {
  jti: string
  expiresAtMs: number
}

export interface Tables {
  settings: SettingsTable
  oauthStates: OauthStatesTable
  redeemCodes: RedeemCodesTable
  grants: GrantsTable
  connections: ConnectionsTable
  vaultDatabases: VaultDatabasesTable
  syncCursors: SyncCursorsTable
  scanItems: ScanItemsTable
  syncs: SyncsTable
  syncEvents: SyncEventsTable
  quarantine: QuarantineTable
  receipts: ReceiptsTable
  staging: StagingTable
  usedJtis: UsedJtisTable
}
