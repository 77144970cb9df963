/** A Vault's grant together with the connection it belongs to and the lease under which it is used. */
import { accountHashes } from '../credentials/account-hash.js'
import { openGrant, type OpenGrant } from '../credentials/open-grant.js'
import { isRenewable } from '../credentials/token-refresh.js'
import { NodeError } from '../errors.js'
import { connections, type Connection } from '../store/index.js'
import { usableProvider, type UsableProvider } from '../provider/index.js'
import { holdLease, LEASE_MS, type HeldLease } from './lease.js'
import type { VaultSyncPorts } from './vault-sync-ports.js'
import type { VaultSyncRequest } from './vault-syncs.js'

export interface VaultConnection {
  readonly use: UsableProvider
  readonly grant: OpenGrant
  readonly connection: Connection
}

/** @throws NodeError PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED, TOKEN_REVOKED; nothing is changed on a storage node */
export async function openVaultConnection(
  ports: VaultSyncPorts,
  request: VaultSyncRequest,
): Promise<VaultConnection> {
  const use = usableProvider(ports.catalog, request.provider)
  const grant = await openRequestGrant(ports, use, request)
  return { use, grant, connection: await ensureConnection(ports, request, grant) }
}

function openRequestGrant(
  ports: VaultSyncPorts,
  use: UsableProvider,
  { provider, did, key, accessToken, refreshToken }: VaultSyncRequest,
): Promise<OpenGrant> {
  return openGrant(ports.grants, {
    provider,
    did,
    key,
    capsules: { accessToken, refreshToken },
    refresh: (tokens) => ports.refreshTokens(use, tokens),
    isRenewable: (tokens) => isRenewable(use, tokens),
  })
}

async function ensureConnection(
  { grants: { store, secrets, clock } }: VaultSyncPorts,
  { provider, did }: VaultSyncRequest,
  { account }: OpenGrant,
): Promise<Connection> {
  const hashes = accountHashes(secrets, { provider, accountId: account.id })
  const known = await Promise.all(hashes.map((hash) => connections.find(store.db, did, provider, hash)))
  return connections.upsert(store.db, {
    owner: did,
    provider,
    accountHash: known.find((row) => row !== undefined)?.accountHash ?? hashes[0],
    custody: 'vault',
    destination: 'vault',
    status: 'active',
    nowMs: clock.now(),
  })
}

export interface LeasedConnection extends VaultConnection {
  readonly lease: HeldLease
}

/**
 * Takes the connection's lease, and reads the grant again: another run may have refreshed the tokens since it was
 * opened, and an old refresh token must never be sent. `undefined` while another run holds the lease.
 */
export async function leaseConnection(
  ports: VaultSyncPorts,
  request: VaultSyncRequest,
  opened: VaultConnection,
): Promise<LeasedConnection | undefined> {
  const lease = await holdLease(ports.leases, opened.connection.id)
  if (lease === undefined) return undefined
  try {
    return { ...opened, grant: await openRequestGrant(ports, opened.use, request), lease }
  } catch (error) {
    await lease.release()
    throw error
  }
}

/** Runs `work` under the lease of the request's connection. @throws NodeError WRITE_CONFLICT while a sync runs */
export async function withLeasedConnection<T>(
  ports: VaultSyncPorts,
  request: VaultSyncRequest,
  work: (leased: LeasedConnection) => Promise<T>,
): Promise<T> {
  const leased = await leaseConnection(ports, request, await openVaultConnection(ports, request))
  if (leased === undefined)
    throw new NodeError('WRITE_CONFLICT', {
      detail: 'a sync of this connection runs',
      retryAfterMs: LEASE_MS,
    })
  try {
    return await work(leased)
  } finally {
    await leased.lease.release()
  }
}
