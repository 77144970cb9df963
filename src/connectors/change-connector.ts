/** Changes of a connector that its tenant asks for: its facts, its credentials, a pause and its end, a sync now. */
import { NodeError } from '../errors.js'
import { canonicalJson, type Json, type JsonObject } from '../lib/canonical-json.js'
import { authOfTokens, enabledProvider, usableProvider, type UsableProvider } from '../provider/index.js'
import { connectors, type Connector, type ConnectorChanges, type ScopedTx } from '../store/index.js'
import { audit } from './audit.js'
import { withBackfill } from './backfill.js'
import { authOf, checkWishes, found, type ConnectorWishes } from './check-request.js'
import { connectedBy } from './connected-by.js'
import { changeConnector, tellCreated } from './connector-status.js'
import { readTested, type Alongside } from './create-connector.js'
import { withFileContent } from './file-content.js'
import { invalid } from './invalid.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { saveCredentials, type TestedCredentials } from './save-credentials.js'
import { secretPathOf } from './test-credentials.js'

/**
 * @throws NodeError CONNECTOR_UNKNOWN, REQUEST_INVALID, WRITE_CONFLICT (not at `expectedVersion`), PROVIDER_NOT_CONFIGURED,
 * PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED
 */
export async function updateConnector(
  ports: ConnectorPorts,
  { tenant, actor }: Caller,
  id: string,
  wishes: ConnectorWishes,
  { expectedVersion, alongside }: { readonly expectedVersion?: number; readonly alongside?: Alongside } = {},
): Promise<Connector> {
  const before = found(await ports.store.tenant(tenant, (tx) => connectors.get(tx, id)))
  if (expectedVersion !== undefined && before.version !== expectedVersion)
    throw new NodeError('WRITE_CONFLICT', { detail: 'the connector was changed since it was read' })
  const find = wishes.config === undefined ? usableProvider : enabledProvider
  const use = find(ports.catalog, before.type, wishes.authKind ?? before.authKind)
  checkWishes(ports, use.provider, wishes, before)
  const credentials = await replacement(ports, use, before, wishes)
  const nowMs = ports.clock.now()
  return ports.store.tenant(tenant, async (tx) => {
    const current = found(await connectors.get(tx, id))
    const connected = credentials !== undefined && current.status !== 'paused'
    const changes = {
      ...plannedChanges(ports, current, wishes, connected, nowMs),
      ...(credentials !== undefined && { authKind: connectedBy(credentials.tokens).authKind }),
      config: newConfig(current, credentials, wishes, nowMs),
    }
    const changed = await changeConnector(tx, current, changes, expectedVersion)
    await alongside?.(tx, changed)
    const saving = { place: { tenant, id }, actor, nowMs }
    if (credentials !== undefined && !(await saveCredentials(tx, ports, saving, credentials)))
      throw invalid(
        secretPathOf(authOfTokens(use.provider, credentials.tokens)),
        'opens another account than this connector holds',
      )
    if (connected && current.status === 'pending') await tellCreated(tx, changed, nowMs)
    const members = Object.keys(wishes).filter((name) => wishes[name as keyof ConnectorWishes] !== undefined)
    await audit(tx, {
      tenant,
      actor,
      action: 'connector.updated',
      connectorId: id,
      facts: { members, ...difference(current, changed) },
      nowMs,
    })
    return changed
  })
}

function newConfig(
  current: Connector,
  credentials: TestedCredentials | undefined,
  { backfillDays, fileContentMaxBytes }: ConnectorWishes,
  nowMs: number,
): JsonObject {
  const { config } = credentials === undefined ? current : connectedBy(credentials.tokens, current.config)
  return withFileContent(withBackfill({ config }, backfillDays, nowMs), fileContentMaxBytes)
}

/** What the audit log tells of a change: its members before and after. Of credentials only that they were stored. */
const AUDITED = ['displayName', 'authKind', 'config', 'status', 'streams', 'syncFrequency'] as const

function difference(before: Connector, after: Connector): JsonObject {
  const names = AUDITED.filter((name) => canonicalJson(before[name]) !== canonicalJson(after[name]))
  const of = (connector: Connector): JsonObject =>
    Object.fromEntries(names.map((name) => [name, connector[name] as Json]))
  return { before: of(before), after: of(after) }
}

/** New credentials, tested; also of another way to connect. */
function replacement(
  ports: ConnectorPorts,
  use: UsableProvider,
  before: Connector,
  { authKind, config, streams = before.streams }: ConnectorWishes,
): Promise<TestedCredentials | undefined> {
  if (config === undefined) {
    if (authKind === undefined || authKind === before.authKind) return Promise.resolve(undefined)
    throw invalid('auth_kind', 'is changed together with its credentials in config')
  }
  const auth = authOf(use.provider, authKind ?? before.authKind)
  return readTested(ports, { use, auth, config, streams })
}

function plannedChanges(
  { nextRun }: ConnectorPorts,
  current: Connector,
  { displayName, streams, syncFrequency }: ConnectorWishes,
  connected: boolean,
  nowMs: number,
): ConnectorChanges {
  const status = connected ? 'active' : current.status
  const frequency = syncFrequency === undefined ? current.syncFrequency : syncFrequency
  const becomesActive = connected && current.status !== 'active'
  const isRescheduled = becomesActive || (syncFrequency !== undefined && status === 'active')
  const next = frequency === null ? null : becomesActive ? nowMs : nextRun(frequency, nowMs)
  return {
    ...(displayName !== undefined && { displayName }),
    ...(streams !== undefined && { streams }),
    ...(syncFrequency !== undefined && { syncFrequency }),
    ...(status !== current.status && { status }),
    ...(isRescheduled && { nextRunAtMs: next }),
    nowMs,
  }
}

/** What runs is ended at its next page and goes on from there when it is resumed. @throws NodeError CONNECTOR_UNKNOWN, TOKEN_REVOKED */
export async function pauseConnector(
  ports: ConnectorPorts,
  { tenant, actor }: Caller,
  id: string,
): Promise<Connector> {
  const nowMs = ports.clock.now()
  const paused = await ports.store.tenant(tenant, async (tx) => {
    const current = connectedOnly(found(await connectors.get(tx, id)))
    if (current.status === 'paused') return current
    const changed = await changeConnector(tx, current, { status: 'paused', nextRunAtMs: null, nowMs })
    const facts = difference(current, changed)
    await audit(tx, { tenant, actor, action: 'connector.paused', connectorId: id, facts, nowMs })
    return changed
  })
  await ports.jobs.unschedule(id)
  return paused
}

/** Of a paused one, one in error, and one that was only tested. @throws NodeError CONNECTOR_UNKNOWN, TOKEN_REVOKED */
export function resumeConnector(
  { store, clock }: ConnectorPorts,
  { tenant, actor }: Caller,
  id: string,
): Promise<Connector> {
  return store.tenant(tenant, async (tx) => {
    const current = connectedOnly(found(await connectors.get(tx, id)))
    if (current.status === 'active') return current
    const changed = await activate(tx, current, clock.now())
    const facts = difference(current, changed)
    await audit(tx, {
      tenant,
      actor,
      action: 'connector.resumed',
      connectorId: id,
      facts,
      nowMs: clock.now(),
    })
    return changed
  })
}

/** Its first run is due at once, when it has a frequency. */
export function activate(tx: ScopedTx, connector: Connector, nowMs: number): Promise<Connector> {
  const nextRunAtMs = connector.syncFrequency === null ? null : nowMs
  return changeConnector(tx, connector, { status: 'active', nextRunAtMs, nowMs })
}

/** @throws NodeError CONNECTOR_UNKNOWN, TOKEN_REVOKED, REQUEST_INVALID (paused), WRITE_CONFLICT (confirmed while it runs) */
export async function syncNow(
  { store, clock, jobs, catalog }: ConnectorPorts,
  { tenant, actor }: Caller,
  id: string,
  wish: { readonly confirmDeletes?: boolean } = {},
): Promise<{ readonly jobId: string }> {
  await store.tenant(tenant, async (tx) => {
    const { status, type, authKind } = connectedOnly(found(await connectors.get(tx, id)))
    enabledProvider(catalog, type, authKind)
    if (status === 'paused') throw invalid('status', 'it is paused: resume it first')
    await audit(tx, {
      tenant,
      actor,
      action: 'connector.sync_requested',
      connectorId: id,
      facts: { ...wish },
      nowMs: clock.now(),
    })
  })
  return jobs.enqueueSync(id, 'request', wish)
}

/** @throws NodeError TOKEN_REVOKED: no account, or one that must be connected again */
function connectedOnly(connector: Connector): Connector {
  if (connector.status === 'pending' || connector.status === 'reconnect_needed')
    throw new NodeError('TOKEN_REVOKED', { detail: `the connector is ${connector.status}` })
  return connector
}
