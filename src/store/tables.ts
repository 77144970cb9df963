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

export interface TenantsTable {
  id: string
  name: string
  createdAtMs: number
}

/** A tenant's connection as its application sees it; leases, syncs and cursors are those of `connectionId`. */
export interface ConnectorsTable {
  id: string
  tenant: string
  /** Whose it is, of the tenant's own people. */
  subject: string
  /** A provider's id. */
  type: string
  displayName: string
  authKind: string
  /** Never a secret: those are in `connectorCredentials`. */
  config: JsonObject
  status: ConnectionStatus
  /** Names; `null`: all. */
  streams: readonly string[] | null
  syncFrequency: string | null
  /** `null`: only when asked. */
  nextRunAtMs: number | null
  connectionId: string
  lastSuccessAtMs: Generated<number | null>
  lastErrorAtMs: Generated<number | null>
  lastErrorCode: Generated<string | null>
  /** Runs that failed since one went well. */
  consecutiveFailures: Generated<number>
  /** Counts changes by people; runs leave it. */
  version: Generated<number>
  createdAtMs: number
  updatedAtMs: number
}

export interface ConnectorCredentialsTable {
  connectorId: string
  field: string
  tenant: string
  sealed: string
  /** Counts writes of this field; the first is 1. */
  generation: number
  updatedAtMs: number
}

export interface ServiceTokensTable {
  id: string
  tenant: string
  name: string
  tokenHash: string
  scopes: readonly string[]
  expiresAtMs: number | null
  lastUsedAtMs: Generated<number | null>
  revokedAtMs: Generated<number | null>
  createdAtMs: number
}

/** Rows are added and never changed: the node's role may do nothing else. */
export interface AuditLogTable {
  id: GeneratedAlways<number>
  tenant: string
  atMs: number
  actor: string
  action: string
  /** What it was done to. */
  subject: string
  facts: JsonObject
}

export interface RecordsTable {
  connectorId: string
  schemaUri: string
  documentId: string
  tenant: string
  stream: string
  sourceId: string
  /** Empty once deleted. */
  data: JsonObject
  contentHash: string
  deleted: Generated<boolean>
  /** Renewed at every change; within a connector a later commit has the higher one. */
  sequence: Generated<number>
  createdAtMs: number
  updatedAtMs: number
}

export interface UsageDailyTable {
  connectorId: string
  /** `YYYY-MM-DD`, UTC. */
  day: string
  tenant: string
  calls: number
  records: number
  bytes: number
  errors: number
}

export interface IdempotencyKeysTable {
  tenant: string
  key: string
  requestHash: string
  /** Of the answer; `null` while the first request runs. */
  status: number | null
  body: Json | null
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
  tenants: TenantsTable
  connectors: ConnectorsTable
  connectorCredentials: ConnectorCredentialsTable
  serviceTokens: ServiceTokensTable
  auditLog: AuditLogTable
  records: RecordsTable
  usageDaily: UsageDailyTable
  idempotencyKeys: IdempotencyKeysTable
}

/** Every table as the database names it; a table stands after those that it refers to. */
export const tableNames = {
  settings: 'settings',
  oauthStates: 'oauth_states',
  redeemCodes: 'redeem_codes',
  grants: 'grants',
  connections: 'connections',
  vaultDatabases: 'vault_databases',
  syncCursors: 'sync_cursors',
  scanItems: 'scan_items',
  syncs: 'syncs',
  syncEvents: 'sync_events',
  quarantine: 'quarantine',
  receipts: 'receipts',
  staging: 'staging',
  usedJtis: 'used_jtis',
  tenants: 'tenants',
  connectors: 'connectors',
  connectorCredentials: 'connector_credentials',
  serviceTokens: 'service_tokens',
  auditLog: 'audit_log',
  records: 'records',
  usageDaily: 'usage_daily',
  idempotencyKeys: 'idempotency_keys',
} as const satisfies Record<keyof Tables, string>
