/** Grants whose refresh token ends when it is not used are renewed at half of its life. */
import { connectorCare, connectorCredentials, connectors, type ScopedTx } from '../store/index.js'
import type { Catalog } from '../provider/index.js'
import { openConnectorGrant } from './connector-grant.js'
import type { ConnectorGrantPorts, DueCare } from './ports.js'

const HOUR_MS = 3_600_000

/** Half a life of each type whose refresh tokens end. */
function halfLives(catalog: Catalog): ReadonlyMap<string, number> {
  const lives = catalog.flatMap(({ provider: { id, auth } }) =>
    auth.flatMap((way) =>
      way.kind === 'oauth2' && way.refresh && way.refreshLifeMs !== undefined
        ? [[id, way.refreshLifeMs / 2] as const]
        : [],
    ),
  )
  return new Map(lives)
}

/** One that could not be renewed comes again after an hour. */
export async function claimRenewals(
  tx: ScopedTx,
  { catalog }: Pick<ConnectorGrantPorts, 'catalog'>,
  nowMs: number,
  limit: number,
): Promise<readonly DueCare[]> {
  const due: DueCare[] = []
  for (const [type, halfMs] of halfLives(catalog)) {
    const facts = { beforeMs: nowMs - halfMs, nowMs, againAtMs: nowMs + HOUR_MS, limit: limit - due.length }
    if (facts.limit === 0) break
    for (const { id, tenant } of await connectorCare.claimRenewals(tx, type, facts))
      due.push({ id, tenant, group: tenant, connectorId: id })
  }
  return due
}

/** @throws NodeError TOKEN_REVOKED (the connector says so then), PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, SEAL_FAILED */
export async function renewGrant(ports: ConnectorGrantPorts, id: string): Promise<void> {
  const { store, catalog, clock } = ports
  const connector = await store.node((tx) => connectors.get(tx, id))
  if (connector === undefined || connector.status === 'revoked') return
  const kept = await store.tenant(connector.tenant, (tx) => connectorCredentials.get(tx, id, 'tokens'))
  const halfMs = halfLives(catalog).get(connector.type)
  // Renewed by a sync meanwhile.
  if (kept === undefined || halfMs === undefined || kept.updatedAtMs > clock.now() - halfMs) return
  const grant = await openConnectorGrant(ports, connector, { actor: 'node', purpose: 'renewal' })
  if (grant.tokens().refreshToken !== undefined) await grant.refresh()
}
