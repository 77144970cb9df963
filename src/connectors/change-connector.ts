/** Changes of a connector that its tenant asks for: its facts, its credentials, a pause and its end, a sync now. */
import { NodeError } from '../errors.js'
import { usableProvider } from '../provider/index.js'
import { connectors, type Connector, type ConnectorChanges, type ScopedTx } from '../store/index.js'
import { audit } from './audit.js'
import { checkWishes, found, type ConnectorWishes } from './check-request.js'
import { changeConnector } from './connector-status.js'
import { readTested } from './create-connector.js'
import { invalid } from './invalid.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { saveCredentials } from './save-credentials.js'

/**
 * @throws NodeError CONNECTOR_UNKNOWN, REQUEST_INVALID, WRITE_CONFLICT (not at `expectedVersion`), PROVIDER_NOT_CONFIGURED,
 * PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED
 */
export async function updateConnector(
  ports: ConnectorPorts,
  { tenant, actor }: Caller,
  id: string,
  wishes: ConnectorWishes,
  expectedVersion?: number,
): Promise<Connector> {
  const before = found(await ports.store.tenant(tenant, (tx) => connectors.get(tx, id)))
  if (expectedVersion !== undefined && before.version !== expectedVersion)
    throw new NodeError('WRITE_CONFLICT', { detail: 'the connector was changed since it was read' })
  const use = usableProvider(ports.catalog, before.type)
  checkWishes(ports, use.provider, wishes)
  const credentials = await readTested(ports, use, wishes.config)
  const nowMs = ports.clock.now()
  return ports.store.tenant(tenant, async (tx) => {
    const current = found(await connectors.get(tx, id))
    const connected = credentials !== undefined && current.status !== 'paused'
    const changes = plannedChanges(ports, current, wishes, connected, nowMs)
    const changed = await changeConnector(tx, current, changes, expectedVersion)
    const saving = { place: { tenant, id }, actor, nowMs }
    if (credentials !== undefined && !(await saveCredentials(tx, ports, saving, credentials)))
      throw invalid('config.access_token', 'opens another account than this connector holds')
    const members = Object.keys(wishes).filter((name) => wishes[name as keyof ConnectorWishes] !== undefined)
    await audit(tx, {
      tenant,
      actor,
      action: 'connector.updated',
      connectorId: id,
      facts: { members },
      nowMs,
    })
    return changed
  })
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
    await audit(tx, { tenant, actor, action: 'connector.paused', connectorId: id, nowMs })
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
    await audit(tx, { tenant, actor, action: 'connector.resumed', connectorId: id, nowMs: clock.now() })
    return changed
  })
}

/** Its first run is due at once, when it has a frequency. */
export function activate(tx: ScopedTx, connector: Connector, nowMs: number): Promise<Connector> {
  const nextRunAtMs = connector.syncFrequency === null ? null : nowMs
  return changeConnector(tx, connector, { status: 'active', nextRunAtMs, nowMs })
}

/** @throws NodeError CONNECTOR_UNKNOWN, TOKEN_REVOKED, REQUEST_INVALID (paused) */
export async function syncNow(
  { store, clock, jobs }: ConnectorPorts,
  { tenant, actor }: Caller,
  id: string,
): Promise<{ readonly jobId: string }> {
  await store.tenant(tenant, async (tx) => {
    const { status } = connectedOnly(found(await connectors.get(tx, id)))
    if (status === 'paused') throw invalid('status', 'it is paused: resume it first')
    await audit(tx, {
      tenant,
      actor,
      action: 'connector.sync_requested',
      connectorId: id,
      nowMs: clock.now(),
    })
  })
  return jobs.enqueueSync(id, 'request')
}

/** @throws NodeError TOKEN_REVOKED: no account, or one that must be connected again */
function connectedOnly(connector: Connector): Connector {
  if (connector.status === 'pending' || connector.status === 'reconnect_needed')
    throw new NodeError('TOKEN_REVOKED', { detail: `the connector is ${connector.status}` })
  return connector
}
