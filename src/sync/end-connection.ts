/** The ends of a connection's life: what a Vault has taken over is cleared here, forgotten on the storage nodes, revoked at the provider. */
import { NodeError, toNodeError } from '../errors.js'
import { accountHashes } from '../credentials/account-hash.js'
import { NO_FIELDS } from '../provider/index.js'
import type { Did } from '../lib/did.js'
import { connections, grants, staging, vaultDatabases } from '../store/index.js'
import { withLeasedConnection, type LeasedConnection } from './vault-connection.js'
import type { VaultSyncPorts } from './vault-sync-ports.js'
import type { Disconnected, VaultSyncRequest } from './vault-syncs.js'

/** How long the provider is asked to revoke. */
const REVOKE_MS = 15_000

/**
 * Every slice erases its local copy when it is proven, so that nothing is left to do here but to say so.
 * @throws NodeError NOT_VERIFIED while something staged is not proven yet
 */
export async function clearLocal(
  { grants: { store } }: VaultSyncPorts,
  provider: string,
  did: Did,
): Promise<readonly string[]> {
  const schemas = new Set<string>()
  for (const { id } of await connections.listByOwner(store.db, did, provider)) {
    if ((await staging.list(store.db, id)).length > 0) throw new NodeError('NOT_VERIFIED')
    for (const row of await vaultDatabases.listByConnection(store.db, id))
      if (row.forgottenAtMs === null) schemas.add(row.schemaUri)
  }
  return [...schemas]
}

/** Deletes the connection's databases everywhere; the next sync reads all from the start. Gives the schema URIs. */
export function forgetConnection(
  ports: VaultSyncPorts,
  request: VaultSyncRequest,
): Promise<readonly string[]> {
  return withLeasedConnection(ports, request, (leased) => forgetData(ports, request, leased))
}

async function forgetData(
  ports: VaultSyncPorts,
  { did, key, provider }: VaultSyncRequest,
  { connection, grant, lease }: LeasedConnection,
): Promise<readonly string[]> {
  return ports.destination.forget({
    connectionId: connection.id,
    owner: did,
    provider,
    accountId: grant.account.id,
    ownerKey: key,
    leaseNumber: lease.leaseNumber,
    signal: lease.signal,
  })
}

/** A failed revocation is told and ends nothing: the grant and the data go all the same. */
export function disconnect(ports: VaultSyncPorts, request: VaultSyncRequest): Promise<Disconnected> {
  return withLeasedConnection(ports, request, async (leased) => {
    const revoked = await revokeAtProvider(ports, leased)
    const forgotten = await forgetData(ports, request, leased)
    await endGrants(ports, request, leased)
    return { ...revoked, forgotten }
  })
}

async function revokeAtProvider(
  ports: VaultSyncPorts,
  { use, grant, connection, lease }: LeasedConnection,
): Promise<Pick<Disconnected, 'revoked' | 'reason'>> {
  const { provider, settings } = use
  if (typeof provider.revoke !== 'function') return { revoked: false, reason: provider.revoke.unsupported }
  const { clock } = ports.grants
  const deadlineAtMs = clock.now() + REVOKE_MS
  const signal = AbortSignal.any([lease.signal, AbortSignal.timeout(REVOKE_MS)])
  const http = ports.providerHttp({ ...use, grant, connectionId: connection.id, signal, deadlineAtMs })
  try {
    const tokens = grant.tokens()
    await provider.revoke(http, { settings, fields: tokens.fields ?? NO_FIELDS, tokens })
    return { revoked: true }
  } catch (error) {
    const { code } = toNodeError(error)
    // The provider does not know the grant any more: that is what was asked for.
    if (code === 'TOKEN_REVOKED') return { revoked: true }
    ports.log.warn('token.refresh_failed', {
      provider: provider.id,
      action: 'revoke',
      error: toNodeError(error),
    })
    return { revoked: false, reason: code }
  }
}

/** All grants of this account: older capsules of it must not open anything either. */
async function endGrants(
  { grants: { store, secrets, journal, clock } }: VaultSyncPorts,
  { did, provider }: VaultSyncRequest,
  { grant, connection }: LeasedConnection,
): Promise<void> {
  const hashes = new Set<string>(accountHashes(secrets, { provider, accountId: grant.account.id }))
  const owned = await grants.listByOwner(store.db, did, provider)
  for (const { id, accountHash } of owned) {
    if (id !== grant.grantId && !hashes.has(accountHash)) continue
    await grants.revoke(store.db, id, clock.now())
    await journal.remove(id)
  }
  await connections.setStatus(store.db, connection.id, 'revoked', clock.now())
}
