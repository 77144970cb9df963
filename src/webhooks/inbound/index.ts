/** Webhooks that services call: registered for connectors, proven, taken once, and folded into syncs of what changed. */
import type { Caller } from '../../connectors/index.js'
import type { TaskKind } from '../../jobs/index.js'
import { deliveryCounter, type DeliveryCounts } from './counts.js'
import type { ChangeQueue, InboundPorts } from './ports.js'
import { receive, type DeliveryAnswer, type Received } from './receive.js'
import { readWebhook, registerWebhook, removeWebhook } from './register.js'
import { claimWebhookRenewals, renewWebhook } from './renew.js'
import { claimChanges, syncChanged } from './sync-changed.js'
import type { InboundWebhook, RegisteredWebhook, RemovedWebhook } from './view.js'

export type { DeliveryCounts } from './counts.js'
export type { ChangeQueue, InboundPorts } from './ports.js'
export type { DeliveryAnswer, Received } from './receive.js'
export { endWebhook } from './register.js'
export { resealRegistrations } from './reseal.js'
export type { InboundWebhook, RegisteredWebhook, RemovedWebhook } from './view.js'

/** How long ids of deliveries are kept: no service tries one again for longer. */
export const DELIVERIES_KEPT_MS = 3 * 86_400_000

export interface InboundWebhooks {
  /** @throws NodeError CONNECTOR_UNKNOWN, TOKEN_REVOKED, PROVIDER_DISABLED, CAPABILITY_MISSING, WRITE_CONFLICT, and what its service answers */
  register(caller: Caller, connectorId: string): Promise<RegisteredWebhook>
  /** @throws NodeError CONNECTOR_UNKNOWN, WEBHOOK_UNKNOWN */
  get(caller: Caller, connectorId: string): Promise<InboundWebhook>
  /** @throws NodeError CONNECTOR_UNKNOWN, WEBHOOK_UNKNOWN */
  remove(caller: Caller, connectorId: string): Promise<RemovedWebhook>
  /** @throws NodeError WEBHOOK_UNKNOWN, GONE, UNAUTHENTICATED, STORE_UNAVAILABLE */
  receive(received: Received): Promise<DeliveryAnswer>
  /** Of all processes. @throws NodeError STORE_UNAVAILABLE */
  counts(): Promise<DeliveryCounts>
  close(): Promise<void>
}

export function createInboundWebhooks(ports: InboundPorts): InboundWebhooks {
  const counter = deliveryCounter(ports)
  return {
    register: (caller, id) => registerWebhook(ports, caller, id),
    get: (caller, id) => readWebhook(ports, caller, id),
    remove: (caller, id) => removeWebhook(ports, caller, id),
    receive: (received) => receive(ports, counter, received),
    counts: () => counter.read(),
    close: () => counter.close(),
  }
}

const CHANGES_EVERY_MS = 1_000
const RENEWALS_EVERY_MS = 60_000

/** What is due of webhooks, for a lane of the queue; `queue` is asked when the first of it runs. */
export function inboundWork(
  ports: InboundPorts,
  queue: () => ChangeQueue,
  changesEveryMs = CHANGES_EVERY_MS,
): readonly TaskKind[] {
  return [
    {
      name: 'change',
      everyMs: changesEveryMs,
      claimDue: claimChanges,
      run: ({ id }) => syncChanged(ports, queue(), id),
    },
    {
      name: 'webhook-renewal',
      everyMs: RENEWALS_EVERY_MS,
      claimDue: claimWebhookRenewals,
      run: ({ id }) => renewWebhook(ports, id),
    },
  ]
}
