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
  /** Sealed: fields that were entered, scopes that are asked for. */
  detailsSealed: string | null
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
  /** When its service last told of a change; in vault custody nothing runs by it. */
  changedAtMs: Generated<number | null>
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

export interface FileContentsTable {
  /** Of the records of the files. */
  database: string
  stream: string
  /** Of the file. */
  documentId: string
  state: 'wanted' | 'settled'
  /** Version, what the record says of it, and what is needed to fetch it; sealed with a key of the database. */
  sealed: string
  /** Tries that failed since it is wanted. */
  failures: number
  updatedAtMs: number
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
  /** `vault`: the records are the owner's, and go to his databases. */
  destination: Generated<'tables' | 'vault'>
  /** Canonical; with destination `vault`, never without. */
  ownerDid: Generated<string | null>
  lastSuccessAtMs: Generated<number | null>
  lastErrorAtMs: Generated<number | null>
  lastErrorCode: Generated<string | null>
  /** Runs that failed since one went well. */
  consecutiveFailures: Generated<number>
  /** Counts changes by people; runs leave it. */
  version: Generated<number>
  createdAtMs: number
  updatedAtMs: number
  /** `null`: not planned yet. */
  nextProbeAtMs: Generated<number | null>
  /** Of the last probe. */
  probedAtMs: Generated<number | null>
  probeErrorCode: Generated<string | null>
  /** The grant is not renewed by itself before that time. */
  nextRenewalAtMs: Generated<number | null>
  /** Of its account, keyed; `null`: no account yet, or not needed so far. */
  accountHash: Generated<string | null>
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

/** Rows are added and never changed: triggers refuse all else, whoever asks. */
export interface AuditLogTable {
  id: GeneratedAlways<number>
  tenant: string
  /** Counted from 1 in each tenant, without gaps. */
  position: GeneratedAlways<number>
  atMs: number
  actor: string
  action: string
  /** What it was done to. */
  subject: string
  facts: JsonObject
  /** Where the request came from; `null`: the node's own work. */
  address: string | null
  requestId: string | null
  /** SHA-256 over the hash before and this row. */
  hash: GeneratedAlways<string>
}

/** Where each tenant's chain ends; written by the database alone. */
export interface AuditHeadsTable {
  tenant: string
  position: GeneratedAlways<number>
  hash: GeneratedAlways<string>
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

/** Where a tenant wants to be told of events. */
export interface WebhooksTable {
  id: string
  tenant: string
  url: string
  /** Types of events. */
  events: readonly string[]
  enabled: boolean
  /** Why it is not enabled: its tenant said so, it answered 410, it failed for days. */
  disabledReason: 'request' | 'gone' | 'failing' | null
  description: string
  /** The secrets that sign, the newest first. */
  secretsSealed: string
  /** The first failure since something was delivered. */
  failingSinceMs: Generated<number | null>
  /** It asked not to be called before. */
  holdUntilMs: Generated<number | null>
  /** Counts changes by people. */
  version: Generated<number>
  createdAtMs: number
  updatedAtMs: number
}

export interface WebhookEventsTable {
  /** The same in every delivery, at every try. */
  id: string
  tenant: string
  type: string
  payload: string
  createdAtMs: number
}

/** One try to deliver. */
export type WebhookAttempt = {
  readonly atMs: number
  /** Of the answer; `null` without one. */
  readonly status: number | null
  readonly ms: number
  /** `null` when it was delivered. */
  readonly error: string | null
}

export type DeliveryState = 'waiting' | 'delivered' | 'failed' | 'cancelled'

/** One event for one webhook. */
export interface WebhookDeliveriesTable {
  id: string
  tenant: string
  webhookId: string
  eventId: string
  state: DeliveryState
  tries: Generated<number>
  attempts: Generated<readonly WebhookAttempt[]>
  nextTryAtMs: number | null
  queuedAtMs: Generated<number | null>
  createdAtMs: number
  updatedAtMs: number
}

/** Grants of connectors that are gone, which their provider has not ended yet. */
export interface RevocationsTable {
  id: string
  tenant: string
  connectorId: string
  type: string
  tokensSealed: string
  tries: Generated<number>
  nextTryAtMs: number
  queuedAtMs: Generated<number | null>
  untilMs: number
  lastErrorCode: Generated<string | null>
  createdAtMs: number
}

/** What the operator decides about a provider. */
export interface ProviderSettingsTable {
  provider: string
  enabled: boolean
  /** Of the provider's own settings, those that are no secrets; they go before the environment's. */
  settings: Readonly<Record<string, string>>
  limits: Readonly<Record<string, number>>
  /** For people: who changed it last. */
  updatedBy: string
  updatedAtMs: number
}

/** A connector that was added to a subaccount of a tenant. */
export interface SubaccountConnectorsTable {
  id: string
  tenant: string
  subaccountId: string
  /** The type of its connectors. */
  provider: string
  /** How they are made. */
  config: JsonObject
  isActive: Generated<boolean>
  createdAtMs: number
  updatedAtMs: number
}

/** A person's calendar of a subaccount: invited, and then connected. */
export interface SubaccountCalendarsTable {
  id: string
  tenant: string
  subaccountConnectorId: string
  connectorId: string
  linkHash: string
  linkExpiresAtMs: number
  linkUsedAtMs: number | null
  /** When the newest link was taken by the mail server. */
  mailedAtMs: number | null
  connectedAtMs: number | null
  createdAtMs: number
  updatedAtMs: number
}

export type OutboxKind = 'mail' | 'metadata'

/** What is still to be done for a calendar. */
export interface CalendarOutboxTable {
  id: string
  tenant: string
  calendarId: string
  kind: OutboxKind
  tries: Generated<number>
  nextTryAtMs: number
  queuedAtMs: number | null
  lastErrorCode: string | null
  createdAtMs: number
}

export type FileSyncStatus = 'pending' | 'running' | 'completed' | 'partial' | 'failed' | 'interrupted'

/** What a connector that lists files has beside its own row. */
export interface FileConnectionsTable {
  connectorId: string
  tenant: string
  projectId: string
  description: string | null
  /** Globs of names, or MIME types. */
  fileTypes: readonly string[]
  maxFilesPerSync: number
  tags: readonly string[]
  lastSyncStatus: Generated<FileSyncStatus>
  /** Counts changes of `fileTypes`. */
  selection: Generated<number>
}

export interface SyncLogsTable {
  /** Of the sync. */
  id: string
  connectorId: string
  tenant: string
  status: Exclude<FileSyncStatus, 'pending' | 'running'>
  startedAtMs: number
  finishedAtMs: number
  itemsRead: number
  filesWritten: number
  filesUnchanged: number
  filesDeleted: number
  filesSkipped: number
  errorCode: string | null
}

/** A file connection by the names of its seed. */
export interface EndpointsView {
  id: string
  tenant: string
  name: string
  /** A provider's id, with underscores. */
  endpointType: string
  projectId: string
  userId: string
  description: string | null
  enabled: boolean
  scheduleType: 'interval' | 'cron' | 'manual'
  scheduleCron: string | null
  intervalMinutes: number | null
  fileTypes: readonly string[]
  maxFilesPerSync: number
  /** What was entered or told, without secrets. */
  endpointConfig: JsonObject
  tags: readonly string[]
  lastSyncStatus: FileSyncStatus
  status: ConnectionStatus
  lastErrorCode: string | null
  nextRunAtMs: number | null
  lastSuccessAtMs: number | null
  version: number
  createdAtMs: number
  updatedAtMs: number
  destination: 'tables' | 'vault'
  ownerDid: string | null
  /** Contents of files up to this size are copied too. */
  fileContentMaxBytes: number | null
}

/** Records of files; of a deleted one nothing is left but its id. Folders are in it by the paths only. */
export interface FilesView {
  id: string
  endpointId: string
  tenant: string
  externalFileId: string
  fileName: string | null
  filePath: string | null
  fileLink: string | null
  fileSize: number | null
  fileType: string | null
  mimeType: string | null
  externalCreatedAt: unknown
  externalUpdatedAt: unknown
  syncStatus: 'completed' | 'deleted'
  fileMetadata: JsonObject
  version: string | null
  checksum: string | null
  deletedAt: unknown
  syncedAt: unknown
  sequence: number
}

/** Where a service tells of a connector's changes. */
export interface InboundWebhooksTable {
  id: string
  tenant: string
  connectorId: string
  provider: string
  pathHash: string
  registrationSealed: string
  /** Whose changes are told. */
  streams: readonly string[]
  /** `pending` until its service has it, `failed` when it could not be renewed. */
  status: 'pending' | 'active' | 'failed'
  expiresAtMs: number | null
  renewAtMs: number | null
  lastDeliveryAtMs: Generated<number | null>
  lastErrorCode: string | null
  createdAtMs: number
  updatedAtMs: number
}

/** Deliveries that were taken: the same again is ignored. */
export interface InboundDeliveriesTable {
  endpoint: string
  deliveryHash: string
  receivedAtMs: number
}

/** What became of deliveries, by provider. */
export interface DeliveryCountsTable {
  provider: string
  outcome: string
  count: number
}

/** Connectors of which a service told that something changed, until a sync is queued. */
export interface InboundChangesTable {
  connectorId: string
  tenant: string
  /** `null`: all. */
  streams: readonly string[] | null
  deliveries: number
  firstAtMs: number
  dueAtMs: number
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
  fileContents: FileContentsTable
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
  auditHeads: AuditHeadsTable
  records: RecordsTable
  usageDaily: UsageDailyTable
  idempotencyKeys: IdempotencyKeysTable
  providerSettings: ProviderSettingsTable
  webhooks: WebhooksTable
  webhookEvents: WebhookEventsTable
  webhookDeliveries: WebhookDeliveriesTable
  revocations: RevocationsTable
  subaccountConnectors: SubaccountConnectorsTable
  subaccountCalendars: SubaccountCalendarsTable
  calendarOutbox: CalendarOutboxTable
  fileConnections: FileConnectionsTable
  syncLogs: SyncLogsTable
  inboundWebhooks: InboundWebhooksTable
  inboundDeliveries: InboundDeliveriesTable
  inboundChanges: InboundChangesTable
  deliveryCounts: DeliveryCountsTable
}

/** Read only; they show what the tables behind them show. */
export interface Views {
  endpoints: EndpointsView
  files: FilesView
}

/** What queries see. */
export type Schema = Tables & Views

export const viewNames: Readonly<Record<keyof Views, string>> = { endpoints: 'endpoints', files: 'files' }

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
  fileContents: 'file_contents',
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
  auditHeads: 'audit_heads',
  records: 'records',
  usageDaily: 'usage_daily',
  idempotencyKeys: 'idempotency_keys',
  providerSettings: 'provider_settings',
  webhooks: 'webhooks',
  webhookEvents: 'webhook_events',
  webhookDeliveries: 'webhook_deliveries',
  revocations: 'revocations',
  subaccountConnectors: 'subaccount_connectors',
  subaccountCalendars: 'subaccount_calendars',
  calendarOutbox: 'calendar_outbox',
  fileConnections: 'file_connections',
  syncLogs: 'sync_logs',
  inboundWebhooks: 'inbound_webhooks',
  inboundDeliveries: 'inbound_deliveries',
  inboundChanges: 'inbound_changes',
  deliveryCounts: 'delivery_counts',
} as const satisfies Record<keyof Tables, string>
