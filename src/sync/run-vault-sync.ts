/** The part of a Vault's sync that goes on after the answer: runs the pipeline and completes the request record. */
import type { DestinationRun } from './destination.js'
import type { Progress } from './job.js'
import { lastReceipts } from './last-receipts.js'
import type { Receipt } from './receipt.js'
import type { RequestHandle, SyncInfo } from './request-record.js'
import { runPipeline } from './run-pipeline.js'
import { runToEnd } from './run-to-end.js'
import { streamSchema } from './stream-schema.js'
import type { SyncOutcome } from './sync.js'
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
  const { store, clock } = ports.grants
  const { use, request, handle } = sync
  const streams = use.provider.streams.map((stream) => {
    const schema = streamSchema(use.provider, stream)
    return { stream, schema, wish: request.schemas?.[schema] ?? {} }
  })
  await runToEnd({ store, clock, log: ports.log }, sync, {
    stopping,
    onProgress,
    announceFailure: (error) => handle.fail(error.publicMessage),
    run: (report) =>
      runPipeline(
        { ...ports, store, clock },
        {
          ...sync,
          stopping,
          streams: streams.filter(({ schema }) => isWanted(request, schema)),
          schemas: [...new Set(streams.map(({ schema }) => schema))],
          confirmDeletes: request.confirmDeletes ?? false,
          onProgress: report,
          open: (context) =>
            ports.destination.open({ ...context, owner: request.did, ownerKey: request.key }),
          announce: async ({ outcome, failure }, run) =>
            failure === undefined
              ? handle.complete(await syncInfo(ports, sync, run, outcome))
              : handle.fail(failure.publicMessage),
        },
      ),
  })
}

/** Without wishes every stream is read; with them only the named schemas. */
function isWanted({ schemas }: VaultSyncRequest, schema: string): boolean {
  return schemas === undefined || Object.keys(schemas).length === 0 || schema in schemas
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
    receipts: await handedReceipts(ports, run, outcome.receipts),
    more: outcome.more,
  }
}

/** The last receipt of every database that is handed over: also of those in which nothing changed (protocol.md 5.3). */
async function handedReceipts(
  { grants: { store } }: VaultSyncPorts,
  run: DestinationRun,
  made: readonly Receipt[],
): Promise<readonly Receipt[]> {
  const names = Object.values(run.granted()).map(({ databaseName }) => databaseName)
  const fresh = made.filter(({ body }) => names.includes(body.database))
  const others = names.filter((name) => !fresh.some(({ body }) => body.database === name))
  return [...fresh, ...(await lastReceipts(store, others))]
}
