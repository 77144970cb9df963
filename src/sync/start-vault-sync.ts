/** The part of a Vault's sync before the answer: grant, lease, request record. On any failure everything is given back. */
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { NodeError } from '../errors.js'
import type { JsonObject } from '../lib/canonical-json.js'
import { sha256 } from '../lib/keyed-hash.js'
import { enabledProvider } from '../provider/index.js'
import { grants, syncs } from '../store/index.js'
import { NO_COUNTS } from './job.js'
import type { RequestAnswer } from './request-record.js'
import type { StartedSync } from './run-vault-sync.js'
import { providerSchemas } from './stream-schema.js'
import {
  leaseConnection,
  openVaultConnection,
  type LeasedConnection,
  type VaultConnection,
} from './vault-connection.js'
import type { VaultSyncPorts } from './vault-sync-ports.js'
import type { VaultSyncRequest, VaultSyncStarted } from './vault-syncs.js'

/** By the old GET form one provider run per grant in this time (protocol.md 4.4). */
export const RUN_INTERVAL_MS = 60_000

/** An answer takes 4.5 s at the most (vault.md 7.1). */
const ANSWER_LOOK_MS = 100
const ANSWER_LOOKS = 45

/** How long a caller should wait when a run was claimed and its ids are not known yet. */
const SOON_MS = 2_000

export type StartResult =
  | { readonly kind: 'started'; readonly sync: StartedSync; readonly told: VaultSyncStarted }
  /** The ids of a run that was there already. */
  | { readonly kind: 'repeated'; readonly told: VaultSyncStarted }

/** @throws NodeError PROVIDER_UNKNOWN, PROVIDER_DISABLED, PROVIDER_NOT_CONFIGURED, TOKEN_REVOKED, STORAGE_UNREACHABLE, WRITE_CONFLICT, TOO_MANY_REQUESTS, CAPABILITY_MISSING */
export async function startVaultSync(ports: VaultSyncPorts, request: VaultSyncRequest): Promise<StartResult> {
  enabledProvider(ports.catalog, request.provider)
  const opened = await openVaultConnection(ports, request)
  checkWishes(request, opened)
  if (!request.repeatable) return begin(ports, request, opened)
  const { store, clock } = ports.grants
  const { grantId } = opened.grant
  const claimedAtMs = clock.now()
  const claim = await grants.claimRun(store.db, grantId, claimedAtMs, RUN_INTERVAL_MS)
  if (claim.kind === 'unknown') throw new NodeError('TOKEN_REVOKED', { detail: 'the grant was revoked' })
  if (claim.kind === 'recent') {
    return { kind: 'repeated', told: { answer: await lastAnswer(ports, grantId) } }
  }
  try {
    const result = await begin(ports, request, opened)
    await grants.putLastRequest(store.db, grantId, result.told.answer as unknown as JsonObject)
    return result
  } catch (error) {
    await grants.unclaimRun(store.db, grantId, claimedAtMs)
    throw error
  }
}

/** What the claimed run was answered with; that run may still be about to say. @throws NodeError TOO_MANY_REQUESTS when it does not in time */
async function lastAnswer({ grants: { store } }: VaultSyncPorts, grantId: string): Promise<RequestAnswer> {
  for (let looks = 0; looks < ANSWER_LOOKS; looks += 1) {
    const grant = await grants.get(store.db, grantId)
    if (grant?.lastRequest) return grant.lastRequest as unknown as RequestAnswer
    // Given back: its run never began, and the caller may ask again at once.
    if (typeof grant?.lastRunAtMs !== 'number') break
    await wait(ANSWER_LOOK_MS)
  }
  throw new NodeError('TOO_MANY_REQUESTS', { retryAfterMs: SOON_MS })
}

/** @throws NodeError CAPABILITY_MISSING for a schema that the provider does not write */
function checkWishes({ schemas = {} }: VaultSyncRequest, { use }: VaultConnection): void {
  const known = providerSchemas(use.provider)
  const unknown = Object.keys(schemas).find((schema) => !known.includes(schema))
  if (unknown === undefined) return
  const detail = `${use.provider.label} gives ${known.join(', ')}`
  throw new NodeError('CAPABILITY_MISSING', { detail })
}

async function begin(
  ports: VaultSyncPorts,
  request: VaultSyncRequest,
  opened: VaultConnection,
): Promise<StartResult> {
  const leased = await leaseConnection(ports, request, opened)
  if (leased === undefined)
    return { kind: 'repeated', told: { answer: await runningAnswer(ports, request, opened) } }
  try {
    return await openRequest(ports, request, leased)
  } catch (error) {
    await leased.lease.release()
    throw error
  }
}

async function openRequest(
  ports: VaultSyncPorts,
  request: VaultSyncRequest,
  leased: LeasedConnection,
): Promise<StartResult> {
  const { store, clock } = ports.grants
  const startedAtMs = clock.now()
  const { did: owner, key, provider } = request
  const handle = await ports.requests.open({ owner, provider, key, nowMs: startedAtMs })
  const syncId = randomUUID()
  const statusToken = randomBytes(32).toString('base64url')
  const { answer } = handle
  await syncs.create(store.db, {
    id: syncId,
    connectionId: leased.connection.id,
    owner,
    provider,
    kind: 'vault',
    stage: 'requested',
    leaseNumber: leased.lease.leaseNumber,
    keyFingerprint: leased.grant.keyFingerprint,
    statusTokenHash: statusTokenHash(statusToken),
    request: { databaseName: answer.syncRequestDatabaseName, recordId: answer.syncRequestId },
    counts: { ...NO_COUNTS },
    nowMs: startedAtMs,
  })
  const sync = { ...leased, syncId, request, handle, startedAtMs }
  return { kind: 'started', sync, told: { answer, statusToken } }
}

/** The running sync's ids, for the same key only: its request record opens with that key (protocol.md 4.4). */
async function runningAnswer(
  { grants: { store }, server }: VaultSyncPorts,
  { did }: VaultSyncRequest,
  { connection, grant }: VaultConnection,
): Promise<RequestAnswer> {
  const running = await syncs.findRunning(store.db, connection.id)
  if (!running?.request || running.keyFingerprint !== grant.keyFingerprint)
    throw new NodeError('WRITE_CONFLICT', { retryAfterMs: SOON_MS })
  const { recordId, databaseName } = running.request
  return { did, ...server, syncRequestId: recordId, syncRequestDatabaseName: databaseName }
}

/** Status tokens are random: a plain hash is enough to keep. */
export function statusTokenHash(token: string): string {
  return sha256(token).toString('hex')
}
