/** What a connector shows of its last run: health, status, the day's usage. In one transaction of its tenant. */
import { errorTable, type NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import {
  connections,
  connectors,
  usageDaily,
  type ConnectionStatus,
  type Connector,
  type ScopedTx,
  type Store,
} from '../store/index.js'
import type { HeldLease } from './lease.js'
import type { SyncResult } from './run-to-end.js'
import type { UsageMeter } from './usage-meter.js'

/** Failures in a row that waiting does not mend, until a person has to look. */
const FAILURES_TO_ERROR = 10

export async function noteRun(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { id, tenant }: Pick<Connector, 'id' | 'tenant'>,
  lease: Pick<HeldLease, 'signal'>,
  result: SyncResult,
  used: Pick<UsageMeter, 'calls' | 'bytes'>,
): Promise<void> {
  const nowMs = clock.now()
  await store.tenant(tenant, async (tx) => {
    // A run that was stopped or fenced says nothing of the connector.
    const isTelling = result.status !== 'interrupted' && !lease.signal.aborted
    if (isTelling) await markRun(tx, id, result.error, nowMs)
    // Removed while it ran: there is nothing to note it on.
    if ((await connectors.get(tx, id)) === undefined) return
    await usageDaily.add(tx, {
      connectorId: id,
      tenant,
      day: new Date(nowMs).toISOString().slice(0, 10),
      calls: used.calls,
      records: result.counts.fetched,
      bytes: used.bytes,
      errors: errorsOf(result),
    })
  })
}

async function markRun(tx: ScopedTx, id: string, error: NodeError | undefined, nowMs: number): Promise<void> {
  await connectors.markRun(tx, id, {
    ok: error === undefined,
    nowMs,
    ...(error && { errorCode: error.code }),
  })
  // Read only now: the row is locked since the mark, so that nobody's pause is overwritten.
  const connector = await connectors.get(tx, id)
  if (connector === undefined) return
  const status = statusAfter(connector, error)
  if (status === connector.status) return
  await connectors.update(tx, id, { status, nowMs })
  await connections.setStatus(tx, connector.connectionId, status, nowMs)
}

/** A pause or an end by a person stands; a failure that passes by itself changes nothing: the schedule goes on. */
function statusAfter(connector: Connector, error: NodeError | undefined): ConnectionStatus {
  const { status, consecutiveFailures } = connector
  if (status === 'paused' || status === 'revoked') return status
  if (error === undefined) return 'active'
  if (error.fate === 'reconnect') return 'reconnect_needed'
  const isLasting = error.fate !== 'retry' && consecutiveFailures >= FAILURES_TO_ERROR
  return isLasting ? 'error' : status
}

/** Streams that did not get to their end, or the sync that did not. */
function errorsOf({ outcome, error }: SyncResult): number {
  const failed = outcome?.issues.filter(({ code }) => errorTable[code].fate !== 'skip') ?? []
  return Math.max(failed.length, error === undefined ? 0 : 1)
}
