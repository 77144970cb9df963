/** A sync in node custody: lease, row, pipeline, and what the connector shows of it afterwards. It knows no queue and no schedule. */
import { randomUUID } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import type { UsableProvider } from '../provider/index.js'
import { syncs, type Connection, type Connector } from '../store/index.js'
import type { Destination, ProofFacts, TenantRunContext } from './destination.js'
import { addCounts, NO_COUNTS, type Progress, type SyncCounts } from './job.js'
import { holdLease, LEASE_MS, type HeldLease, type LeaseStore } from './lease.js'
import { noteRun } from './note-run.js'
import { runPipeline, type PipelinePorts, type RunGrant } from './run-pipeline.js'
import { runToEnd, type SyncResult } from './run-to-end.js'
import { streamSchema } from './stream-schema.js'
import { UsageMeter } from './usage-meter.js'

export interface NodeSyncPorts extends Omit<PipelinePorts, 'signer'> {
  readonly log: Log
  readonly leases: LeaseStore
  readonly destination: Destination<ProofFacts, TenantRunContext>
}

export interface NodeSync {
  readonly connector: Pick<Connector, 'id' | 'tenant' | 'streams'>
  /** The row behind the connector. */
  readonly connection: Connection
  readonly use: UsableProvider
  readonly grant: RunGrant
  /** Why it runs; for the log. */
  readonly trigger: string
  /** Aborted when the node stops, or nobody wants this sync any more. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** The tenant confirmed deletions that a scan only suspected. */
  readonly confirmDeletes?: boolean
}

export interface NodeSyncResult {
  /** `busy`: another run holds the connection, and nothing was done. */
  readonly status: SyncResult['status'] | 'busy'
  readonly counts: SyncCounts
  /** More is waiting at the provider. */
  readonly more: boolean
  /** Present unless it is complete. */
  readonly error?: NodeError
}

/** Readings of `fetchMs` in a row while the provider has more; the rest waits for the next run. */
const MAX_PASSES = 50

/** @throws NodeError STORE_UNAVAILABLE when its end cannot be noted; what was committed stays */
export async function runNodeSync(ports: NodeSyncPorts, sync: NodeSync): Promise<NodeSyncResult> {
  const lease = await holdLease(ports.leases, sync.connection.id)
  if (lease === undefined) return busy()
  try {
    let counts = NO_COUNTS
    for (let pass = 1; ; pass++) {
      const result = await runPass(ports, sync, lease, (progress) =>
        sync.onProgress({ ...progress, counts: addCounts(counts, progress.counts) }),
      )
      counts = addCounts(counts, result.counts)
      const { status, error, outcome } = result
      const more = outcome?.more ?? true
      const goesOn = status === 'complete' && more && result.counts.pages > 0 && !sync.signal.aborted
      if (!goesOn || pass === MAX_PASSES) return { status, counts, more, ...(error && { error }) }
    }
  } finally {
    await lease.release()
  }
}

function busy(): NodeSyncResult {
  const error = new NodeError('WRITE_CONFLICT', {
    detail: 'a sync of this connection runs',
    retryAfterMs: LEASE_MS,
  })
  return { status: 'busy', counts: NO_COUNTS, more: true, error }
}

async function runPass(
  ports: NodeSyncPorts,
  sync: NodeSync,
  lease: HeldLease,
  onProgress: (progress: Progress) => void,
): Promise<SyncResult> {
  const { store, clock, log } = ports
  const { connector, connection, use, grant, signal } = sync
  const syncId = randomUUID()
  const startedAtMs = clock.now()
  await syncs.create(store.db, {
    id: syncId,
    connectionId: connection.id,
    owner: connection.owner,
    provider: use.provider.id,
    kind: 'node',
    stage: 'requested',
    leaseNumber: lease.leaseNumber,
    keyFingerprint: null,
    statusTokenHash: null,
    request: null,
    counts: { ...NO_COUNTS },
    nowMs: startedAtMs,
  })
  log.info('sync.started', { syncId, provider: use.provider.id, trigger: sync.trigger })
  const meter = new UsageMeter()
  const streams = enabledStreams(sync)
  const running = { syncId, connection, lease }
  const result = await runToEnd(ports, running, {
    stopping: signal,
    onProgress,
    run: (report) =>
      runPipeline(
        {
          store,
          clock,
          limits: ports.limits,
          fetchMs: ports.fetchMs,
          providerHttp: (run) => meter.http(ports.providerHttp(run)),
        },
        {
          ...running,
          use,
          grant,
          startedAtMs,
          streams,
          schemas: [...new Set(streams.map(({ schema }) => schema))],
          confirmDeletes: sync.confirmDeletes ?? false,
          stopping: signal,
          onProgress: report,
          open: async (context) => {
            const whose = { owner: connection.owner, tenant: connector.tenant, connectorId: connector.id }
            return meter.run(await ports.destination.open({ ...context, ...whose }))
          },
          announce: () => Promise.resolve(),
        },
      ),
  })
  await noteRun(ports, connector, lease, result, meter)
  return result
}

function enabledStreams({ use: { provider }, connector: { streams } }: NodeSync) {
  return provider.streams
    .filter(({ name }) => streams === null || streams.includes(name))
    .map((stream) => ({ stream, schema: streamSchema(provider, stream), wish: {} }))
}
