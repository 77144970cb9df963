/** What webhooks of services stand on; given by the composition root. */
import type { ConnectorGrantPorts } from '../../connectors/index.js'
import type { NodeSecrets } from '../../credentials/node-secrets.js'
import type { FoldTimes } from '../../store/repositories/inbound-changes.js'

export interface InboundPorts extends ConnectorGrantPorts {
  /** Where services reach the node. */
  readonly publicUrl: string
  /** Keys the hashes of accounts. */
  readonly secrets: NodeSecrets
  /** How long deliveries are folded into one sync. Default: 5 s after the last one, 30 s after the first. */
  readonly fold?: Omit<FoldTimes, 'nowMs'>
}

/** The queue of syncs. */
export interface ChangeQueue {
  enqueueSync(
    connectorId: string,
    trigger: 'webhook',
    wish: { readonly streams?: readonly string[] },
  ): Promise<{ readonly jobId: string; readonly isRunning?: boolean }>
}

const FOLD = { quietMs: 5_000, mostMs: 30_000 }

export const foldTimes = ({ fold = FOLD, clock }: Pick<InboundPorts, 'fold' | 'clock'>): FoldTimes => ({
  ...fold,
  nowMs: clock.now(),
})
