/** The part of a Vault's sync that goes on after the answer: runs the pipeline, completes the request record, always reaches an end. */
import { NodeError, toNodeError } from '../errors.js'
import type { Json, JsonObject } from '../lib/canonical-json.js'
import { connections, receipts, syncs, vaultDatabases, type SyncEnd } from '../store/index.js'
import type { DestinationRun } from './destination.js'
import { NO_COUNTS, type Progress, type SyncJob } from './job.js'
import type { Receipt, ReceiptBody } from './receipt.js'
import type { RequestHandle, SyncInfo } from './request-record.js'
import { isFailure } from './stream-issue.js'
import { streamSchema } from './stream-schema.js'
import { runSync, type SyncOutcome } from './sync.js'
import type { LeasedConnection } from './vault-connection.js'
import type { VaultSyncPorts } from './vault-sync-ports.js'
import type { VaultSyncRequest } from './vault-syncs.js'

export interface StartedSync extends LeasedConnection {
  readonly syncId: string
  readonly request: VaultSyncRequest
  readonly handle: RequestHandle
  readonly startedAtMs: number
}

/** Never throws: what goes wrong ends the sync with a code, and what was not committed is repeated by the next one. */
export async function runVaultSync(
  ports: VaultSyncPorts,
  sync: StartedSync,
  stopping: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const { log } = ports
  const facts = { syncId: sync.syncId, provider: sync.use.provider.id }
  let last: Progress = { stage: 'fetch', counts: NO_COUNTS }
  const report = (progress: Progress): void => {
    last = progress
    log.debug('sync.stage', { ...facts, stage: progress.stage, pages: progress.counts.pages })
    onProgress(progress)
  }
  try {
    const { outcome, failure } = await runPipeline(ports, sync, stopping, report)
    await end(ports, sync, { counts: outcome.counts, stage: last.stage, outcome, failure })
    log.info('sync.finished', { ...facts, counts: outcome.counts, code: failure?.code, more: outcome.more })
  } catch (thrown) {
    const error = endOf(thrown, stopping)
    log.warn('sync.failed', { ...facts, stage: last.stage, error })
    try {
      if (error.code !== 'WRITE_CONFLICT') await sync.handle.fail(error.publicMessage)
    } catch (unannounced) {
      log.warn('sync.failed', { ...facts, stage: 'announce', error: toNodeError(unannounced) })
    }
    try {
      await end(ports, sync, { counts: last.counts, stage: last.stage, failure: error })
    } catch (unrecorded) {
      // The start of the next process ends it as interrupted.
      log.error('sync.failed', { ...facts, stage: 'end', error: toNodeError(unrecorded) })
    }
  }
}

async function runPipeline(
  ports: VaultSyncPorts,
  sync: StartedSync,
  stopping: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<{ readonly outcome: SyncOutcome; readonly failure: NodeError | undefined }> {
  const { use, grant, connection, lease, request } = sync
  const signal = AbortSignal.any([lease.signal, stopping])
  const fetchUntilMs = sync.startedAtMs + ports.fetchMs
  const streams = use.provider.streams.map((stream) => {
    const schema = streamSchema(use.provider, stream)
    return { stream, schema, wish: request.schemas?.[schema] ?? {} }
  })
  const run = await ports.destination.open({
    connectionId: connection.id,
    owner: request.did,
    provider: use.provider.id,
    accountId: grant.account.id,
    ownerKey: request.key,
    leaseNumber: lease.leaseNumber,
    schemas: [...new Set(streams.map(({ schema }) => schema))],
    signal,
  })
  const job: SyncJob = {
    syncId: sync.syncId,
    connectionId: connection.id,
    leaseNumber: lease.leaseNumber,
    ...use,
    account: grant.account,
    http: ports.providerHttp({
      ...use,
      grant,
      connectionId: connection.id,
      signal,
      deadlineAtMs: fetchUntilMs,
    }),
    streams: streams.filter(({ schema }) => isWanted(request, schema)),
    run,
    clock: ports.grants.clock,
    limits: ports.limits,
    fetchUntilMs,
    confirmDeletes: request.confirmDeletes ?? false,
    liveTokens: () => grant.liveTokens(),
    signal,
    onProgress,
  }
  let failure: NodeError | undefined
  try {
    const { store } = ports.grants
    const outcome = await runSync({ store, signer: ports.signer }, job, async (reached) => {
      failure = failureOf(reached, job)
      await (failure === undefined
        ? sync.handle.complete(await syncInfo(ports, sync, run, reached))
        : sync.handle.fail(failure.publicMessage))
    })
    return { outcome, failure }
  } finally {
    await run.close()
  }
}

/** Without wishes every stream is read; with them only the named schemas. */
function isWanted({ schemas }: VaultSyncRequest, schema: string): boolean {
  return schemas === undefined || Object.keys(schemas).length === 0 || schema in schemas
}

/** A dead grant fails the sync, and so does a sync in which no stream got anywhere; one stream's trouble is an issue among others. */
function failureOf({ issues }: SyncOutcome, job: SyncJob): NodeError | undefined {
  const failures = issues.filter(isFailure)
  const revoked = failures.find(({ code }) => code === 'TOKEN_REVOKED')
  const failed = new Set(failures.map(({ stream }) => stream))
  const all = job.streams.every(({ stream }) => failed.has(stream.name))
  const worst = revoked ?? (all ? failures[0] : undefined)
  if (worst === undefined) return undefined
  const { code, retryAfterMs } = worst
  return new NodeError(code, retryAfterMs === undefined ? {} : { retryAfterMs })
}

async function syncInfo(
  ports: VaultSyncPorts,
  { grant }: StartedSync,
  run: DestinationRun,
  outcome: SyncOutcome,
): Promise<SyncInfo> {
  const fresh = grant.newAuth()
  const { id, name, username, avatarUrl } = grant.account
  return {
    schemas: run.granted(),
    ...(fresh && { newAuth: { accessToken: fresh.accessToken, refreshToken: fresh.refreshToken } }),
    profile: {
      id,
      name,
      ...(username === undefined ? {} : { username }),
      ...(avatarUrl === undefined ? {} : { avatarUrl }),
    },
    receipts: await lastReceipts(ports, run, outcome.receipts),
    more: outcome.more,
  }
}

/** The last receipt of every database that is handed over: also of those in which nothing changed (protocol.md 5.3). */
async function lastReceipts(
  { grants: { store } }: VaultSyncPorts,
  run: DestinationRun,
  made: readonly Receipt[],
): Promise<readonly Receipt[]> {
  const names = Object.values(run.granted()).map(({ databaseName }) => databaseName)
  const found = await Promise.all(
    names.map(async (name) => {
      const fresh = made.find(({ body }) => body.database === name)
      if (fresh !== undefined) return [fresh]
      const row = await vaultDatabases.get(store.db, name)
      if (row === undefined) return []
      const page = { afterSequence: row.nextSequence - 2, limit: 1 }
      const rows = await receipts.listByDatabase(store.db, name, page)
      return rows.map(({ body, hash, signature }) => ({
        body: body as unknown as ReceiptBody,
        hash,
        signature,
      }))
    }),
  )
  return found.flat()
}

interface End {
  readonly stage: string
  readonly counts: SyncOutcome['counts']
  readonly outcome?: SyncOutcome
  readonly failure: NodeError | undefined
}

async function end(
  { grants: { store, clock } }: VaultSyncPorts,
  { syncId, connection, lease }: StartedSync,
  { stage, counts, outcome, failure }: End,
): Promise<void> {
  const nowMs = clock.now()
  const row: SyncEnd = {
    status: failure === undefined ? 'complete' : failure.code === 'INTERRUPTED' ? 'interrupted' : 'error',
    stage,
    counts: counts as unknown as JsonObject,
    issues: (outcome?.issues ?? []) as unknown as Json,
    suspectedDeletes: outcome?.suspectedDeletes.length ? (outcome.suspectedDeletes as unknown as Json) : null,
    more: outcome?.more ?? true,
    errorCode: failure?.code ?? null,
    nowMs,
  }
  const ended = await syncs.finish(store.db, syncId, row)
  if (!ended || lease.signal.aborted) return
  const status =
    failure === undefined ? 'active' : failure.fate === 'reconnect' ? 'reconnect_needed' : 'error'
  await connections.setStatus(store.db, connection.id, status, nowMs)
}

/** What an abort was for; anything else keeps its own code. */
function endOf(thrown: unknown, stopping: AbortSignal): NodeError {
  if (stopping.aborted) return new NodeError('INTERRUPTED', { cause: thrown })
  return toNodeError(thrown)
}
