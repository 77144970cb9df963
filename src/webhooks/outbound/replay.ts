/** Telling again: one delivery, all events since a time, and a test event to see that a receiver works. */
import { NodeError } from '../../errors.js'
import { webhookDeliveries, webhookEvents, webhooks, type Delivery, type Webhook } from '../../store/index.js'
import { newEventId, payloadOf, TEST_EVENT } from './events.js'
import { known } from './manage.js'
import { auditWebhook, type WebhookCaller, type WebhookPorts } from './ports.js'

export interface ReplayRequest {
  readonly sinceMs: number
  /** Leaves out what was delivered. */
  readonly missedOnly: boolean
}

export interface Replayed {
  readonly count: number
  /** There are more events than one request replays. */
  readonly more: boolean
  /** The time of the newest one that is told again: from there the next request goes on. */
  readonly throughMs: number | null
}

const MOST_REPLAYED = 1_000

/** Events are kept so long, and their deliveries with them. */
export const KEPT_MS = 30 * 86_400_000

/** @throws NodeError WEBHOOK_UNKNOWN, REQUEST_INVALID (disabled) */
export async function sendTest(
  { store, clock }: WebhookPorts,
  { tenant }: WebhookCaller,
  id: string,
): Promise<Delivery> {
  const nowMs = clock.now()
  return store.tenant(tenant, async (tx) => {
    listening(await webhooks.lock(tx, id))
    const payload = payloadOf(TEST_EVENT, nowMs, { webhook_id: id })
    const event = { id: newEventId(), tenant, type: TEST_EVENT, payload, nowMs }
    return deliveryOf(await webhookDeliveries.get(tx, id, await webhookEvents.tellOne(tx, event, id)))
  })
}

/** @throws NodeError WEBHOOK_UNKNOWN, DELIVERY_UNKNOWN, REQUEST_INVALID (disabled) */
export async function replayDelivery(
  { store, clock }: WebhookPorts,
  { tenant, actor }: WebhookCaller,
  id: string,
  deliveryId: string,
): Promise<Delivery> {
  const nowMs = clock.now()
  return store.tenant(tenant, async (tx) => {
    listening(await webhooks.lock(tx, id))
    deliveryOf(await webhookDeliveries.get(tx, id, deliveryId))
    await webhookDeliveries.replay(tx, deliveryId, nowMs)
    const facts = { deliveryId }
    await auditWebhook(tx, { tenant, actor, action: 'webhook.replayed', webhookId: id, facts, nowMs })
    return deliveryOf(await webhookDeliveries.get(tx, id, deliveryId))
  })
}

/** @throws NodeError WEBHOOK_UNKNOWN, REQUEST_INVALID (disabled) */
export async function replaySince(
  { store, clock }: WebhookPorts,
  { tenant, actor }: WebhookCaller,
  id: string,
  { sinceMs, missedOnly }: ReplayRequest,
): Promise<Replayed> {
  const nowMs = clock.now()
  return store.tenant(tenant, async (tx) => {
    const webhook = listening(await webhooks.lock(tx, id))
    const wish = { sinceMs, missedOnly, most: MOST_REPLAYED, nowMs }
    const times = await webhookDeliveries.replaySince(tx, webhook, wish)
    const count = times.length
    const facts = { since: new Date(sinceMs).toISOString(), missedOnly, count }
    await auditWebhook(tx, { tenant, actor, action: 'webhook.replayed', webhookId: id, facts, nowMs })
    return { count, more: count === MOST_REPLAYED, throughMs: times.at(-1) ?? null }
  })
}

function listening(webhook: Webhook | undefined): Webhook {
  const { enabled } = known(webhook)
  if (enabled) return known(webhook)
  throw new NodeError('REQUEST_INVALID', {
    fields: [{ path: 'enabled', message: 'it is disabled: enable it first' }],
  })
}

function deliveryOf(delivery: Delivery | undefined): Delivery {
  if (delivery === undefined) throw new NodeError('DELIVERY_UNKNOWN')
  return delivery
}
