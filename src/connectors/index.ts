/** A tenant's connectors: made, tested, changed, looked into and ended; the one entry for surfaces and the composition root. */
import type { ConnectStarted } from '../connect/index.js'
import { auditLog, connectors, records, usageDaily } from '../store/index.js'
import type { AuditRow, ConnectionStatus, Connector, DailyUsage, StoredRecord } from '../store/index.js'
import { inBatch, type BatchItem } from './batch.js'
import { pauseConnector, resumeConnector, syncNow, updateConnector } from './change-connector.js'
import { found, type ConnectorWishes } from './check-request.js'
import { viewOf, type ConnectorView } from './connector-view.js'
import { createConnector, type NewConnectorRequest } from './create-connector.js'
import { healthOf, type Health } from './health.js'
import { finishSignIn, type OAuthEnd, type OAuthReturn } from './oauth-return.js'
import { authorizeConnector, beginSignIn, type AuthorizeRequest } from './oauth-start.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { previewConnector, type Preview, type PreviewRequest } from './preview.js'
import { removeConnector, type Removed } from './remove-connector.js'
import { testConfig, testConnector, type TestConfig, type TestResult } from './test-credentials.js'
import { recoverAfterTest } from './recover-after-test.js'

export type { BatchItem } from './batch.js'
export { openConnectorGrant, type ConnectorGrant, type GrantUse } from './connector-grant.js'
export type { ConnectorWishes } from './check-request.js'
export type { ConnectorView } from './connector-view.js'
export type { NewConnectorRequest } from './create-connector.js'
export { credentialSchema } from './credential-form.js'
export type { Health, TokenState } from './health.js'
export type { OAuthReturn } from './oauth-return.js'
export { connectorRedirectUri, type AuthorizeRequest } from './oauth-start.js'
export { openForSync, type OpenedConnector } from './open-for-sync.js'
export type { Caller, ConnectorGrantPorts, ConnectorPorts, JobPort } from './ports.js'
export type { Preview, PreviewRequest } from './preview.js'
export { resealCredentials, type Resealed } from './reseal-credentials.js'
export type { Removed } from './remove-connector.js'
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

export interface AuditPage {
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
  remove(caller: Caller, id: string): Promise<Removed>
  /** Keeps nothing. @throws NodeError REQUEST_INVALID, PROVIDER_NOT_CONFIGURED */
  testConfig(caller: Caller, request: TestConfig): Promise<TestResult>
  test(caller: Caller, id: string): Promise<TestResult>
  pause(caller: Caller, id: string): Promise<ConnectorView>
  resume(caller: Caller, id: string): Promise<ConnectorView>
  syncNow(caller: Caller, id: string): Promise<{ readonly jobId: string }>
  /** Days with any use from `fromDay` (`YYYY-MM-DD`, UTC) on. */
  usage(caller: Caller, id: string, fromDay: string): Promise<readonly DailyUsage[]>
  health(caller: Caller, id: string): Promise<Health>
  preview(caller: Caller, id: string, request: PreviewRequest): Promise<Preview>
  records(caller: Caller, id: string, page: RecordPage): Promise<readonly StoredRecord[]>
  audit(caller: Caller, page: AuditPage): Promise<readonly AuditRow[]>
  createMany(
    caller: Caller,
    requests: readonly NewConnectorRequest[],
  ): Promise<readonly BatchItem<ConnectorView>[]>
  testMany(caller: Caller, ids: readonly string[]): Promise<readonly BatchItem<TestResult>[]>
  removeMany(caller: Caller, ids: readonly string[]): Promise<readonly BatchItem<Removed>[]>
  /** @throws NodeError REQUEST_INVALID, REDIRECT_REFUSED, PROVIDER_NOT_CONFIGURED */
  authorize(caller: Caller, request: AuthorizeRequest): Promise<Authorized>
  /** Sends the browser that followed an authorize link to the provider. @throws NodeError STATE_UNKNOWN, STATE_EXPIRED */
  begin(
    type: string,
    start: { readonly ticket: string; readonly cookies: string | undefined },
  ): Promise<ConnectStarted>
  callback(type: string, back: OAuthReturn): Promise<ConnectorReturn>
}

/** How a sign-in ended; errors without an address to go back to are thrown. */
export type ConnectorReturn =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'connected'; readonly connector: ConnectorView; readonly missing: readonly string[] }

export function createConnectors(ports: ConnectorPorts): Connectors {
  const { store } = ports
  const row = async ({ tenant }: Caller, id: string): Promise<Connector> =>
    found(await store.tenant(tenant, (tx) => connectors.get(tx, id)))
  const create: Connectors['create'] = async (caller, request) =>
    viewOf(await createConnector(ports, caller, request))
  const remove: Connectors['remove'] = (caller, id) => removeConnector(ports, caller, id)
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
      viewOf(await updateConnector(ports, caller, id, wishes, version)),
    testConfig: (_caller, request) => testConfig(ports, request),
    pause: async (caller, id) => viewOf(await pauseConnector(ports, caller, id)),
    resume: async (caller, id) => viewOf(await resumeConnector(ports, caller, id)),
    syncNow: (caller, id) => syncNow(ports, caller, id),
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
    createMany: (caller, requests) => inBatch(requests, (request) => create(caller, request)),
    testMany: (caller, ids) => inBatch(ids, (id) => test(caller, id)),
    removeMany: (caller, ids) => inBatch(ids, (id) => remove(caller, id)),
    async authorize(caller, request) {
      const { connector, ...authorized } = await authorizeConnector(ports, caller, request)
      return { ...authorized, connector: viewOf(connector) }
    },
    begin: (type, start) => beginSignIn(ports, type, start),
    callback: async (type, back) => shownEnd(await finishSignIn(ports, type, back)),
  }
}

function shownEnd(end: OAuthEnd): ConnectorReturn {
  return end.kind === 'redirect' ? end : { ...end, connector: viewOf(end.connector) }
}
