/** The end of a connector: no run any more, the grant revoked at the provider, then everything of it erased here; both are told. */
import { NodeError, toNodeError } from '../errors.js'
import { usableProvider } from '../provider/index.js'
import { connections, connectors, records, type Connector } from '../store/index.js'
import { forgetTraces } from '../tables/index.js'
import { tellEvent } from '../webhooks/outbound/events.js'
import { audit } from './audit.js'
import { found } from './check-request.js'
import { openConnectorGrant } from './connector-grant.js'
import { changeConnector } from './connector-status.js'
import type { Caller, ConnectorPorts, WebhookEnd } from './ports.js'
import { revokeWith } from './revoke-grant.js'
import { keepForRevocation } from './revoke-later.js'

export interface Removed {
  /** Whether the provider ended the grant, or never knew one. */
  readonly revoked: boolean
  /** Why it did not. */
  readonly reason?: string
  /** The provider did not answer: it is asked again until then, and the audit log tells how it ended. */
  readonly retriedUntilMs?: number
  /** How its service took the end of its webhook; missing: it had none. */
  readonly webhook?: WebhookEnd
  /** Records that were erased, with marks of deletion. */
  readonly erasedRecords: number
  /** What was erased: the tenant's rows, or the owner's databases on the storage nodes. */
  readonly erasedSchemas: readonly string[]
}

/**
 * A failed revocation is told and ends nothing: the data goes all the same. Of several that delete at once, one does.
 * @throws NodeError CONNECTOR_UNKNOWN, WRITE_CONFLICT (not at `expectedVersion`), STORAGE_UNREACHABLE: ask again
 */
export async function removeConnector(
  ports: ConnectorPorts,
  caller: Caller,
  id: string,
  expectedVersion?: number,
): Promise<Removed> {
  const { store, clock, jobs, journal } = ports
  const { tenant, actor } = caller
  const connector = found(await store.tenant(tenant, (tx) => connectors.get(tx, id)))
  await store.tenant(tenant, (tx) =>
    changeConnector(
      tx,
      connector,
      { status: 'revoked', nextRunAtMs: null, nowMs: clock.now() },
      expectedVersion,
    ),
  )
  await jobs.unschedule(id)
  // While there is still a grant to ask with.
  const webhook = await ports.endWebhook?.(caller, connector)
  const { passes, ...end } = await revokeAtProvider(ports, caller, connector)
  const schemas = new Set<string>()
  if (connector.destination === 'vault')
    for (const schema of (await ports.ownerDatabases?.forget(connector)) ?? []) schemas.add(schema)
  const removed = await store.tenant(tenant, async (tx) => {
    for (const schema of await records.schemasOf(tx, id)) schemas.add(schema)
    const retriedUntilMs = passes ? await keepForRevocation(tx, connector, clock.now()) : undefined
    const erased = await records.removeByConnector(tx, id)
    if (!(await connectors.remove(tx, id))) throw new NodeError('CONNECTOR_UNKNOWN')
    await forgetTraces(tx, connector.connectionId)
    await connections.setStatus(tx, connector.connectionId, 'revoked', clock.now())
    const again = { ...(retriedUntilMs !== undefined && { retriedUntilMs }) }
    const ended = { ...again, ...(webhook !== undefined && { webhook: { ...webhook } }) }
    const facts = { type: connector.type, ...end, ...ended, erasedRecords: erased }
    await audit(tx, {
      tenant,
      actor,
      action: 'connector.deleted',
      connectorId: id,
      facts,
      nowMs: clock.now(),
    })
    await tellEvent(tx, {
      type: 'connection.deleted',
      connector,
      facts: { revoked: end.revoked, revoke_error: end.reason ?? null, erased_records: erased },
      nowMs: clock.now(),
    })
    return { ...end, ...ended, erasedRecords: erased }
  })
  await journal.remove(id)
  return { ...removed, erasedSchemas: [...schemas].sort() }
}

export interface RevokeEnd {
  readonly revoked: boolean
  readonly reason?: string
  /** The reason passes by itself. */
  readonly passes: boolean
}

/** Tells its end and throws nothing of the provider's. */
export async function revokeAtProvider(
  ports: ConnectorPorts,
  { actor }: Caller,
  connector: Connector,
): Promise<RevokeEnd> {
  const { catalog, log } = ports
  try {
    const use = usableProvider(catalog, connector.type, connector.authKind)
    const grant = await openConnectorGrant(ports, connector, { actor, purpose: 'revoke' })
    await revokeWith(ports, use, grant, { connectionId: connector.connectionId })
    return { revoked: true, passes: false }
  } catch (thrown) {
    const error = toNodeError(thrown)
    const { code, detail, fate } = error
    // The provider does not know the grant any more, or there never was one: that is what was asked for.
    if (code === 'TOKEN_REVOKED') return { revoked: true, passes: false }
    if (code === 'CAPABILITY_MISSING') return { revoked: false, reason: detail ?? code, passes: false }
    log.warn('token.refresh_failed', { provider: connector.type, action: 'revoke', error })
    return { revoked: false, reason: code, passes: fate === 'retry' }
  }
}
