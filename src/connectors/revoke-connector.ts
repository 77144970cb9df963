/** The end of a connector's grant, and not of the connector: revoked at the provider, credentials erased here, records kept. The same account may be connected again. */
import { NodeError, type ErrorCode } from '../errors.js'
import { connectorCredentials, connectors, type Connector } from '../store/index.js'
import { audit } from './audit.js'
import { found } from './check-request.js'
import { changeConnector } from './connector-status.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { revokeAtProvider } from './remove-connector.js'

export interface Revoked {
  readonly connector: Connector
  /** Whether the provider ended the grant, or never knew one. */
  readonly revoked: boolean
  /** Why it did not: it has no way to. */
  readonly reason?: string
}

/** Nothing changes while the provider cannot be asked. @throws NodeError CONNECTOR_UNKNOWN, PROVIDER_DOWN, RATE_LIMITED */
export async function revokeConnector(ports: ConnectorPorts, caller: Caller, id: string): Promise<Revoked> {
  const { store, clock, jobs, journal } = ports
  const { tenant, actor } = caller
  const connector = found(await store.tenant(tenant, (tx) => connectors.get(tx, id)))
  await jobs.unschedule(id)
  const { passes, ...end } = await revokeAtProvider(ports, caller, connector)
  if (passes) throw new NodeError((end.reason ?? 'PROVIDER_DOWN') as ErrorCode)
  const changed = await store.tenant(tenant, async (tx) => {
    const current = found(await connectors.get(tx, id))
    const nowMs = clock.now()
    // The account stays pinned, sealed: another one's records must not come among these.
    await connectorCredentials.remove(tx, id, 'tokens')
    await audit(tx, {
      tenant,
      actor,
      action: 'credentials.revoked',
      connectorId: id,
      facts: { ...end },
      nowMs,
    })
    if (current.status === 'pending') return current
    return changeConnector(tx, current, { status: 'reconnect_needed', nextRunAtMs: null, nowMs })
  })
  await journal.remove(id)
  return { connector: changed, ...end }
}
