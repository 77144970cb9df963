/** A tenant's connectors: made, tested, changed, looked into and ended; the one entry for surfaces and the composition root. */
import type { ConnectStarted } from '../connect/index.js'
import type { Account, BrowsePage } from '../provider/index.js'
import { auditLog, connectors, records, usageDaily } from '../store/index.js'
import type {
  AuditFilter,
  AuditRow,
  ConnectionStatus,
  Connector,
  DailyUsage,
  StoredRecord,
} from '../store/index.js'
import { verifyAudit, type AuditVerdict } from './verify-audit.js'
import { inBatch, type BatchItem } from './batch.js'
import { browseAccount, type Browsed, type BrowseRequest } from './browse-account.js'
import { pauseConnector, resumeConnector, syncNow, updateConnector } from './change-connector.js'
import { found, type ConnectorWishes } from './check-request.js'
import { viewOf, type ConnectorView } from './connector-view.js'
import { createConnector, type NewConnectorRequest } from './create-connector.js'
import { healthOf, type Health } from './health.js'
import { finishSignIn, type OAuthEnd, type OAuthReturn } from './oauth-return.js'
import {
  finishDirect,
  startDirect,
  type DirectRequest,
  type DirectReturn,
  type DirectStart,
} from './oauth-direct.js'
import { authorizeConnector, beginSignIn, type AuthorizeRequest } from './oauth-start.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { previewConnector, type Preview, type PreviewRequest } from './preview.js'
import { reachProvider, type Reach } from './reach-provider.js'
import { readAccessToken, type PlainToken } from './read-access-token.js'
import { removeConnector, type Removed } from './remove-connector.js'
import { revokeConnector, type Revoked } from './revoke-connector.js'
import { setSyncState, syncStateOf, type SyncStateChange } from './sync-state.js'
import { testConfig, testConnector, type TestConfig, type TestResult } from './test-credentials.js'
import { recoverAfterTest } from './recover-after-test.js'
import type { StreamState } from '../tables/index.js'

export { auditedTenants, verifyAudit, type AuditVerdict } from './verify-audit.js'
export type { BatchItem } from './batch.js'
export { checkBrowse, type Browsed, type BrowseRequest } from './browse-account.js'
export { countUsage } from './count-usage.js'
export { openConnectorGrant, type ConnectorGrant, type GrantUse } from './connector-grant.js'
export type { ConnectorWishes } from './check-request.js'
export type { ConnectorView } from './connector-view.js'
export type { NewConnectorRequest } from './create-connector.js'
export { credentialSchema, signInSchema } from './credential-form.js'
export {
  createFileConnections,
  type FileCaller,
  type FileConnections,
  type FileConnectionState,
  type FileWishes,
  type NewFileConnection,
} from './file-connections.js'
export { fileSelection } from './file-selection.js'
export type { Health, TokenState } from './health.js'
export type { DirectRequest } from './oauth-direct.js'
export type { OAuthReturn } from './oauth-return.js'
export { connectorRedirectUri, type AuthorizeRequest } from './oauth-start.js'
export { presetsOf } from './presets.js'
export { claimRenewals, renewGrant } from './keep-alive.js'
export { checkImport, importConnector, type ImportedConnector } from './import-connector.js'
export { connectorOf } from './owner.js'
export { openForSync, type OpenedConnector } from './open-for-sync.js'
export { openAccount } from './sealed-credentials.js'
export type { Caller, ConnectorGrantPorts, ConnectorPorts, JobPort, OnConnected } from './ports.js'
export {
  connectorDestination,
  ownerDatabases,
  type GrantedDatabases,
  type OwnerDatabasePorts,
} from './owner-databases.js'
export {
  ownedConnections,
  type OwnedConnection,
  type OwnedConnections,
  type OwnedPorts,
} from './owned-connections.js'
export {
  NODE_AUDIT,
  operateCatalog,
  type OperatedCatalog,
  type OperatedProvider,
  type Ruling,
  type RulingChanges,
} from './provider-rules.js'
export type { Preview, PreviewRequest } from './preview.js'
export { claimProbes, probe } from './probe.js'
export { claimRevocations, revokeNow } from './revoke-later.js'
export { resealCredentials, resealRevocations } from './reseal-credentials.js'
export type { Reach } from './reach-provider.js'
export type { PlainToken } from './read-access-token.js'
export type { Removed } from './remove-connector.js'
export type { SyncStateChange } from './sync-state.js'
export type { AccountView, TestConfig, TestResult } from './test-credentials.js'

export interface ConnectorPage {
  readonly status?: ConnectionStatus | undefined
  readonly type?: string | undefined
  readonly subject?: string | undefined
  /** The last one of the page before. */
  readonly after?: Pick<ConnectorView, 'createdAtMs' | 'id'> | undefined
  readonly limit: number
}

export interface RecordPage {
  readonly schemaUri?: string | undefined
  readonly stream?: string | undefined
  readonly includeDeleted: boolean
  readonly afterSequence?: number | undefined
  readonly limit: number
}

export interface AuditPage extends Omit<AuditFilter, 'subject'> {
  /** Of one connector, also of one that is gone. */
  readonly connectorId?: string | undefined
  readonly after?: number | undefined
  readonly limit: number
}

export interface Authorized {
  readonly connector: ConnectorView
  /** For the person's browser; good once. */
  readonly url: string
  readonly expiresAtMs: number
}

/** Another tenant's connector is CONNECTOR_UNKNOWN, exactly as one that never was. */
export interface Connectors {
  /** @throws NodeError REQUEST_INVALID, PROVIDER_NOT_CONFIGURED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
  create(caller: Caller, request: NewConnectorRequest): Promise<ConnectorView>
  list(caller: Caller, page: ConnectorPage): Promise<readonly ConnectorView[]>
  get(caller: Caller, id: string): Promise<ConnectorView>
  /** @throws NodeError REQUEST_INVALID, WRITE_CONFLICT (not at `expectedVersion`), as `create` */
  update(
    caller: Caller,
    id: string,
    wishes: ConnectorWishes,
    expectedVersion?: number,
  ): Promise<ConnectorView>
  /** Revokes at the provider, then erases. */
  remove(caller: Caller, id: string, expectedVersion?: number): Promise<Removed>
  /** Keeps nothing. @throws NodeError REQUEST_INVALID, PROVIDER_NOT_CONFIGURED */
  testConfig(caller: Caller, request: TestConfig): Promise<TestResult>
  test(caller: Caller, id: string): Promise<TestResult>
  pause(caller: Caller, id: string): Promise<ConnectorView>
  resume(caller: Caller, id: string): Promise<ConnectorView>
  syncNow(
    caller: Caller,
    id: string,
    wish?: { readonly confirmDeletes?: boolean },
  ): Promise<{ readonly jobId: string }>
  /** Days with any use from `fromDay` (`YYYY-MM-DD`, UTC) on. */
  usage(caller: Caller, id: string, fromDay: string): Promise<readonly DailyUsage[]>
  health(caller: Caller, id: string): Promise<Health>
  preview(caller: Caller, id: string, request: PreviewRequest): Promise<Preview>
  records(caller: Caller, id: string, page: RecordPage): Promise<readonly StoredRecord[]>
  audit(caller: Caller, page: AuditPage): Promise<readonly AuditRow[]>
  /** Whether every row of the log is as it was written. */
  verifyAudit(caller: Caller): Promise<AuditVerdict>
  createMany(
    caller: Caller,
    requests: readonly NewConnectorRequest[],
  ): Promise<readonly BatchItem<ConnectorView>[]>
  testMany(caller: Caller, ids: readonly string[]): Promise<readonly BatchItem<TestResult>[]>
  removeMany(caller: Caller, ids: readonly string[]): Promise<readonly BatchItem<Removed>[]>
  /** Ends the grant and erases the credentials; the connector and its records stay. @throws NodeError PROVIDER_DOWN, RATE_LIMITED */
  revoke(caller: Caller, id: string): Promise<RevokedView>
  /** @throws NodeError CAPABILITY_MISSING, REQUEST_INVALID, as `preview` */
  browse(caller: Caller, id: string, request: BrowseRequest): Promise<BrowsePage<Browsed>>
  /** Audited each time. @throws NodeError TOKEN_REVOKED, CAPABILITY_MISSING */
  accessToken(caller: Caller, id: string): Promise<PlainToken>
  /** @throws NodeError CAPABILITY_MISSING for one whose records go to their owner's databases */
  syncState(caller: Caller, id: string): Promise<readonly StreamState[]>
  /** @throws NodeError REQUEST_INVALID, CAPABILITY_MISSING, WRITE_CONFLICT while a sync runs */
  setSyncState(caller: Caller, id: string, change: SyncStateChange): Promise<readonly StreamState[]>
  /** @throws NodeError PROVIDER_UNKNOWN */
  reach(type: string): Promise<Reach>
  /** A sign-in whose person comes back to the application's own page. @throws NodeError as `authorize` */
  startDirect(caller: Caller, request: DirectRequest): Promise<DirectStartView>
  /** @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, CONSENT_DENIED, CODE_REJECTED, ACCOUNT_DIFFERS */
  finishDirect(caller: Caller, type: string, back: DirectReturn): Promise<ConnectedView>
  /** @throws NodeError REQUEST_INVALID, REDIRECT_REFUSED, PROVIDER_NOT_CONFIGURED */
  authorize(caller: Caller, request: AuthorizeRequest): Promise<Authorized>
  /** Sends the browser that followed an authorize link to the provider. @throws NodeError STATE_UNKNOWN, STATE_EXPIRED */
  begin(
    type: string,
    start: { readonly ticket: string; readonly cookies: string | undefined },
  ): Promise<ConnectStarted>
  callback(type: string, back: OAuthReturn): Promise<ConnectorReturn>
}

export type RevokedView = Omit<Revoked, 'connector'> & { readonly connector: ConnectorView }
export type DirectStartView = Omit<DirectStart, 'connector'> & { readonly connector: ConnectorView }
export interface ConnectedView {
  readonly connector: ConnectorView
  /** Permissions that were asked for and not granted. */
  readonly missing: readonly string[]
}

/** How a sign-in ended; errors without an address to go back to are thrown. */
export type ConnectorReturn =
  | { readonly kind: 'redirect'; readonly location: string }
  | (ConnectedView & { readonly kind: 'connected'; readonly account: Account })

export function createConnectors(ports: ConnectorPorts): Connectors {
  const { store } = ports
  const row = async ({ tenant }: Caller, id: string): Promise<Connector> =>
    found(await store.tenant(tenant, (tx) => connectors.get(tx, id)))
  const create: Connectors['create'] = async (caller, request) =>
    viewOf(await createConnector(ports, caller, request))
  const remove: Connectors['remove'] = (caller, id, version) => removeConnector(ports, caller, id, version)
  const test: Connectors['test'] = async (caller, id) => {
    const connector = await row(caller, id)
    const result = await testConnector(ports, connector, { actor: caller.actor, purpose: 'test' })
    await recoverAfterTest(ports, connector, result)
    return result
  }
  return {
    create,
    remove,
    test,
    get: async (caller, id) => viewOf(await row(caller, id)),
    list: async ({ tenant }, page) =>
      (await store.tenant(tenant, (tx) => connectors.list(tx, page))).map(viewOf),
    update: async (caller, id, wishes, version) =>
      viewOf(
        await updateConnector(
          ports,
          caller,
          id,
          wishes,
          version === undefined ? {} : { expectedVersion: version },
        ),
      ),
    testConfig: (_caller, request) => testConfig(ports, request),
    pause: async (caller, id) => viewOf(await pauseConnector(ports, caller, id)),
    resume: async (caller, id) => viewOf(await resumeConnector(ports, caller, id)),
    syncNow: (caller, id, wish) => syncNow(ports, caller, id, wish),
    usage: ({ tenant }, id, fromDay) =>
      store.tenant(tenant, async (tx) => {
        found(await connectors.get(tx, id))
        return usageDaily.list(tx, id, fromDay)
      }),
    health: ({ tenant }, id) =>
      store.tenant(tenant, async (tx) => healthOf(tx, ports, found(await connectors.get(tx, id)))),
    preview: async (caller, id, request) => previewConnector(ports, caller, await row(caller, id), request),
    records: ({ tenant }, id, page) =>
      store.tenant(tenant, async (tx) => {
        found(await connectors.get(tx, id))
        return records.list(tx, { ...page, connectorId: id })
      }),
    audit: ({ tenant }, { connectorId, ...page }) =>
      store.tenant(tenant, (tx) =>
        auditLog.list(tx, {
          ...page,
          ...(connectorId !== undefined && { subject: `connector:${connectorId}` }),
        }),
      ),
    verifyAudit: ({ tenant }) => verifyAudit(store, tenant),
    createMany: (caller, requests) => inBatch(requests, (request) => create(caller, request)),
    testMany: (caller, ids) => inBatch(ids, (id) => test(caller, id)),
    removeMany: (caller, ids) => inBatch(ids, (id) => remove(caller, id)),
    revoke: async (caller, id) => shownConnector(await revokeConnector(ports, caller, id)),
    browse: async (caller, id, request) => browseAccount(ports, caller, await row(caller, id), request),
    accessToken: async (caller, id) => readAccessToken(ports, caller, await row(caller, id)),
    syncState: (caller, id) => syncStateOf(ports, caller, id),
    setSyncState: (caller, id, change) => setSyncState(ports, caller, id, change),
    reach: (type) => reachProvider(ports, type),
    startDirect: async (caller, request) => shownConnector(await startDirect(ports, caller, request)),
    finishDirect: async (caller, type, back) => shownConnector(await finishDirect(ports, caller, type, back)),
    async authorize(caller, request) {
      const { connector, ...authorized } = await authorizeConnector(ports, caller, request)
      return { ...authorized, connector: viewOf(connector) }
    },
    begin: (type, start) => beginSignIn(ports, type, start),
    callback: async (type, back) => shownEnd(await finishSignIn(ports, type, back)),
  }
}

const shownConnector = <T extends { readonly connector: Connector }>(end: T) => ({
  ...end,
  connector: viewOf(end.connector),
})

function shownEnd(end: OAuthEnd): ConnectorReturn {
  return end.kind === 'redirect' ? end : { ...end, connector: viewOf(end.connector) }
}
