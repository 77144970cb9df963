/** Where a connector stands in its life; its connection's row says the same, for what reads connections only. */
import { NodeError } from '../errors.js'
import {
  connections,
  connectors,
  type Connector,
  type ConnectorChanges,
  type ConnectionStatus,
  type ScopedTx,
} from '../store/index.js'
import { tellEvent } from '../webhooks/outbound/events.js'
import { audit } from './audit.js'
import type { ConnectorGrantPorts } from './ports.js'

/** Changes a connector and its connection together. @throws NodeError CONNECTOR_UNKNOWN, WRITE_CONFLICT */
export async function changeConnector(
  tx: ScopedTx,
  { id, connectionId }: Pick<Connector, 'id' | 'connectionId'>,
  changes: ConnectorChanges,
  expectedVersion?: number,
): Promise<Connector> {
  const changed = await connectors.update(tx, id, changes, expectedVersion)
  if (changed === undefined) throw new NodeError('CONNECTOR_UNKNOWN')
  if (changes.status !== undefined)
    await connections.setStatus(tx, connectionId, changes.status, changes.nowMs)
  return changed
}

/** A paused one says so when it is resumed, and one that is being deleted never. */
const KEEPS: ReadonlySet<ConnectionStatus> = new Set(['reconnect_needed', 'paused', 'revoked'])

/** The provider does not take the credentials any more: nothing runs until the account is connected again. */
export async function markReconnectNeeded(
  { store, clock }: Pick<ConnectorGrantPorts, 'store' | 'clock'>,
  { id, tenant }: Pick<Connector, 'id' | 'tenant'>,
): Promise<void> {
  await store.tenant(tenant, async (tx) => {
    const connector = await connectors.get(tx, id)
    if (connector === undefined || KEEPS.has(connector.status)) return
    const nowMs = clock.now()
    await changeConnector(tx, connector, { status: 'reconnect_needed', nextRunAtMs: null, nowMs })
    await audit(tx, { tenant, actor: 'node', action: 'connector.reconnect_needed', connectorId: id, nowMs })
    await tellEvent(tx, {
      type: 'connection.reconnect_needed',
      connector,
      facts: { reason: 'TOKEN_REVOKED' },
      nowMs,
    })
  })
}

/** Its account is connected for the first time. */
export function tellCreated(tx: ScopedTx, connector: Connector, nowMs: number): Promise<void> {
  const { subject } = connector
  return tellEvent(tx, { type: 'connection.created', connector, facts: { subject }, nowMs })
}
