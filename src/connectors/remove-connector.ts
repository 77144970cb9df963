/** The end of a connector: no run any more, the grant revoked at the provider, then everything of it erased here; both are told. */
import { toNodeError } from '../errors.js'
import { createProviderHttp } from '../outbound/index.js'
import { usableProvider } from '../provider/index.js'
import { connections, connectors, records, type Connector } from '../store/index.js'
import { forgetTraces } from '../tables/index.js'
import { audit } from './audit.js'
import { found } from './check-request.js'
import { openConnectorGrant } from './connector-grant.js'
import { changeConnector } from './connector-status.js'
import type { Caller, ConnectorPorts } from './ports.js'

export interface Removed {
  /** Whether the provider ended the grant, or never knew one. */
  readonly revoked: boolean
  /** Why it did not. */
  readonly reason?: string
  /** Records that were erased, with marks of deletion. */
  readonly erasedRecords: number
}

/** How long the provider is asked to revoke. */
const REVOKE_MS = 15_000

/** A failed revocation is told and ends nothing: the data goes all the same. @throws NodeError CONNECTOR_UNKNOWN */
export async function removeConnector(ports: ConnectorPorts, caller: Caller, id: string): Promise<Removed> {
  const { store, clock, jobs, journal } = ports
  const { tenant, actor } = caller
  const connector = found(await store.tenant(tenant, (tx) => connectors.get(tx, id)))
  await store.tenant(tenant, (tx) =>
    changeConnector(tx, connector, { status: 'revoked', nextRunAtMs: null, nowMs: clock.now() }),
  )
  await jobs.unschedule(id)
  const end = await revokeAtProvider(ports, caller, connector)
  const erasedRecords = await store.tenant(tenant, async (tx) => {
    const erased = await records.removeByConnector(tx, id)
    await connectors.remove(tx, id)
    await forgetTraces(tx, connector.connectionId)
    await connections.setStatus(tx, connector.connectionId, 'revoked', clock.now())
    const facts = { type: connector.type, ...end, erasedRecords: erased }
    await audit(tx, {
      tenant,
      actor,
      action: 'connector.deleted',
      connectorId: id,
      facts,
      nowMs: clock.now(),
    })
    return erased
  })
  await journal.remove(id)
  return { ...end, erasedRecords }
}

async function revokeAtProvider(
  ports: ConnectorPorts,
  { actor }: Caller,
  connector: Connector,
): Promise<Omit<Removed, 'erasedRecords'>> {
  const { catalog, clock, log, outbound } = ports
  try {
    const { provider, settings } = usableProvider(catalog, connector.type)
    const tokenSource = await openConnectorGrant(ports, connector, { actor, purpose: 'revoke' })
    if (typeof provider.revoke !== 'function') return { revoked: false, reason: provider.revoke.unsupported }
    const http = createProviderHttp({
      provider,
      settings,
      tokenSource,
      clock,
      log,
      connectionId: connector.connectionId,
      deadlineAtMs: clock.now() + REVOKE_MS,
      signal: AbortSignal.timeout(REVOKE_MS),
      ...outbound,
    })
    await provider.revoke(http, { settings, tokens: tokenSource.tokens() })
    return { revoked: true }
  } catch (error) {
    const { code } = toNodeError(error)
    // The provider does not know the grant any more, or there never was one: that is what was asked for.
    if (code === 'TOKEN_REVOKED') return { revoked: true }
    log.warn('token.refresh_failed', {
      provider: connector.type,
      action: 'revoke',
      error: toNodeError(error),
    })
    return { revoked: false, reason: code }
  }
}
