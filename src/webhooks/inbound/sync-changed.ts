/** Queues the syncs of connectors that their services told of: one each, of the streams that were named. */
import type { DueTask } from '../../jobs/index.js'
import { connectors, inboundChanges, type ScopedTx } from '../../store/index.js'
import type { ChangeQueue, InboundPorts } from './ports.js'

/** One that nobody took is due again. */
const LOST_MS = 60_000
/** A sync that runs may have passed what was told: the next one waits for its end. */
const RUNNING_MS = 5_000

export async function claimChanges(tx: ScopedTx, nowMs: number, limit: number): Promise<readonly DueTask[]> {
  const due = await inboundChanges.claimDue(tx, { nowMs, againMs: LOST_MS, limit })
  return due.map(({ connectorId, tenant }) => ({ id: connectorId, tenant, group: tenant, connectorId }))
}

export async function syncChanged(
  { store, clock }: Pick<InboundPorts, 'store' | 'clock'>,
  queue: ChangeQueue,
  connectorId: string,
): Promise<void> {
  const { change, connector } = await store.node(async (tx) => ({
    change: await inboundChanges.get(tx, connectorId),
    connector: await connectors.get(tx, connectorId),
  }))
  if (change === undefined || connector === undefined) return
  const runs = connector.status === 'active' || connector.status === 'error'
  const streams = change.streams?.filter((name) => connector.streams?.includes(name) ?? true)
  if (runs && streams?.length !== 0) {
    const { isRunning } = await queue.enqueueSync(
      connectorId,
      'webhook',
      streams === undefined ? {} : { streams },
    )
    if (isRunning === true) {
      await store.node((tx) => inboundChanges.putOff(tx, connectorId, clock.now() + RUNNING_MS))
      return
    }
  }
  await store.node((tx) => inboundChanges.settle(tx, change))
}
