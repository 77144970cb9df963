/** A sync in node custody: lease, row, pipeline, and what the connector shows of it afterwards. It knows no queue and no schedule. */
import { randomUUID } from 'node:crypto'
import { NodeError, toNodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import type { UsableProvider } from '../provider/index.js'
import { syncs, type Connection, type Connector } from '../store/index.js'
import { chunkSchema } from './chunk-records.js'
import type { Destination, ProofFacts, TenantRunContext } from './destination.js'
import {
  addCounts,
  NO_COUNTS,
  type ContentWish,
  type Progress,
  type Selection,
  type SyncCounts,
  type SyncStream,
} from './job.js'
import { holdLease, LEASE_MS, type HeldLease, type LeaseStore } from './lease.js'
import { noteRun } from './note-run.js'
import type { SchemaUri } from './record.js'
import { runPipeline, type PipelinePorts, type RunGrant } from './run-pipeline.js'
import { runToEnd, type SyncResult } from './run-to-end.js'
import { streamSchema } from './stream-schema.js'
import { UsageMeter } from './usage-meter.js'

export interface NodeSyncPorts extends PipelinePorts {
  readonly log: Log
  readonly leases: LeaseStore
  readonly destination: Destination<ProofFacts, TenantRunContext>
  /** Requests that the provider still takes of this connection before a wait; `undefined` where nobody counts. */
  readonly quotaLeft: (run: Spender) => number | undefined
}

interface Spender {
  readonly provider: UsableProvider['provider']
  readonly connectionId: string
}

/** What a run tells while it runs. */
export interface NodeProgress extends Progress {
  /** Items read a second, since the run began. */
  readonly rate: number
  /** See `quotaLeft` of the ports. */
  readonly quotaLeft: number | null
}

export interface NodeSync {
  readonly connector: Pick<Connector, 'id' | 'tenant' | 'streams' | 'destination'>
  /** The row behind the connector. */
  readonly connection: Connection
  readonly use: UsableProvider
  readonly grant: RunGrant
  /** Why it runs; for the log. */
  readonly trigger: string
  /** Aborted when the node stops (INTERRUPTED: what was read is committed), or nobody wants this sync any more (at once). */
  readonly signal: AbortSignal
  readonly onProgress: (progress: NodeProgress) => void
  /** Missing: every record, as long as there are more. */
  readonly selection?: Selection
  /** Missing: contents of files were never asked for. */
  readonly content?: Omit<ContentWish, 'schema'>
  /** Nothing older need be asked for, in ms since 1970. */
  readonly sinceMs?: number
  /** The tenant confirmed deletions that a scan only suspected. */
  readonly confirmDeletes?: boolean
}

export interface NodeSyncResult {
  /** `busy`: another run holds the connection, and nothing was done. */
  readonly status: SyncResult['status'] | 'busy'
  readonly counts: SyncCounts
  /** More is waiting at the provider. */
  readonly more: boolean
  /** Complete, but for what waits for the provider's limit: before then nothing more can be read. */
  readonly resumesAtMs?: number
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
    const startedAtMs = ports.clock.now()
    const most = sync.selection?.mostItems ?? Infinity
    for (let pass = 1; ; pass++) {
      const limit = most - counts.fetched
      const { syncId, result, meter } = await runPass(ports, { ...sync, limit }, lease, (progress) => {
        const total = addCounts(counts, progress.counts)
        sync.onProgress({ ...progress, counts: total, ...paceOf(ports, sync, total.fetched, startedAtMs) })
      })
      counts = addCounts(counts, result.counts)
      const { status, error, outcome } = result
      const more = outcome?.more ?? true
      const resumesAtMs = outcome?.resumesAtMs
      const { pages, contents } = result.counts
      const isRead = (pages > 0 || contents > 0) && resumesAtMs === undefined
      const hasMore = status === 'complete' && more && isRead
      const isListed = counts.fetched >= most && outcome?.moreContents !== true
      const isEnough = pass >= MAX_PASSES || isListed
      const goesOn = hasMore && !sync.signal.aborted && !isEnough
      const pace = { startedAtMs, goesOn }
      await noteRun(ports, sync.connector, lease, { syncId, result, used: meter, total: counts, ...pace })
      if (!goesOn)
        return {
          status,
          counts,
          more,
          ...(resumesAtMs !== undefined && { resumesAtMs }),
          ...(error && { error }),
        }
    }
  } finally {
    await lease.release()
  }
}

function paceOf(
  { clock, quotaLeft }: NodeSyncPorts,
  { use: { provider }, connection: { id } }: NodeSync,
  fetched: number,
  startedAtMs: number,
): Pick<NodeProgress, 'rate' | 'quotaLeft'> {
  const seconds = (clock.now() - startedAtMs) / 1_000
  const rate = seconds > 0 ? Math.round((fetched / seconds) * 10) / 10 : 0
  return { rate, quotaLeft: quotaLeft({ provider, connectionId: id }) ?? null }
}

function busy(): NodeSyncResult {
  const error = new NodeError('WRITE_CONFLICT', {
    detail: 'a sync of this connection runs',
    retryAfterMs: LEASE_MS,
  })
  return { status: 'busy', counts: NO_COUNTS, more: true, error }
}

interface Pass extends NodeSync {
  /** Reading stops after the page that reaches so many items. */
  readonly limit: number
}

async function runPass(
  ports: NodeSyncPorts,
  sync: Pass,
  lease: HeldLease,
  onProgress: (progress: Progress) => void,
): Promise<{ readonly syncId: string; readonly result: SyncResult; readonly meter: UsageMeter }> {
  const { store, clock, log } = ports
  const { connector, connection, use, grant, signal } = sync
  const syncId = randomUUID()
  const startedAtMs = clock.now()
  await syncs.forgetOld(store.db, connection.id, startedAtMs)
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
          // Receipts are for who does not see the database itself.
          ...(connector.destination === 'vault' && ports.signer && { signer: ports.signer }),
          providerHttp: (run) => meter.http(ports.providerHttp(run)),
        },
        {
          ...running,
          use,
          grant,
          startedAtMs,
          streams,
          schemas: schemasOf(streams),
          confirmDeletes: sync.confirmDeletes ?? false,
          ...(sync.sinceMs !== undefined && { sinceMs: sync.sinceMs }),
          stopping: unwanted(signal),
          wrapUp: signal,
          onProgress: report,
          open: async (context) => {
            const whose = { owner: connection.owner, tenant: connector.tenant, connectorId: connector.id }
            return meter.run(await ports.destination.open({ ...context, ...whose }))
          },
          announce: () => Promise.resolve(),
        },
      ),
  })
  return { syncId, result, meter }
}

/** A node that stops commits what was read; a run that nobody wants any more must not. */
function unwanted(signal: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const look = (): void => {
    if (toNodeError(signal.reason).code !== 'INTERRUPTED') controller.abort(signal.reason)
  }
  if (signal.aborted) look()
  else signal.addEventListener('abort', look, { once: true })
  return controller.signal
}

function enabledStreams({
  use: { provider },
  connector: { streams },
  selection,
  content,
  limit,
}: Pass): readonly SyncStream[] {
  return provider.streams
    .filter(({ name }) => streams === null || streams.includes(name))
    .map((stream) => ({
      stream,
      schema: streamSchema(provider, stream),
      wish: Number.isFinite(limit) ? { limit } : {},
      ...(selection !== undefined && { selection }),
      ...(content !== undefined &&
        stream.content !== undefined && { content: { ...content, schema: chunkSchema() } }),
    }))
}

function schemasOf(streams: readonly SyncStream[]): readonly SchemaUri[] {
  const chunks = streams.flatMap(({ content }) => (content === undefined ? [] : [content.schema]))
  return [...new Set([...streams.map(({ schema }) => schema), ...chunks])]
}
