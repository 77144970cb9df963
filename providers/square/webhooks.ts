/** Deliveries for all sellers of the application, signed over address and body. https://developer.squareup.com/docs/webhooks/step3validate */
import {
  deliveryJson,
  hmacMatches,
  type Delivery,
  type DeliverySecrets,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { event } from './api.js'
import type { settings } from './settings.js'

/** What an event's name begins with, and the stream that it changes. */
const STREAMS: readonly (readonly [begins: string, stream: string])[] = [
  ['order.', 'orders'],
  ['catalog.', 'products'],
  ['customer.', 'customers'],
  ['payment.', 'payments'],
  ['refund.', 'payments'],
]

export const webhooks: Webhooks<typeof settings> = {
  scope: 'app',
  streams: ['orders', 'products', 'customers', 'payments'],
  scheme:
    'x-square-hmacsha256-signature: HMAC-SHA256 of address and body under the key of the subscription, in base64. https://developer.squareup.com/docs/webhooks/step3validate',
  setup:
    'Developer Console > the application > Webhooks > Subscriptions > Add subscription: the address shown here, version 2026-09-16, and the events order.created, order.updated, order.fulfillment.updated, catalog.version.updated, customer.created, customer.updated, customer.deleted, payment.created, payment.updated, refund.updated. Then set SQUARE_WEBHOOK_KEY to its signature key.',
  verify,
}

/** Square tries again for a day with the same time in the body, so that time says nothing about a replay; the event's id does. */
function verify(
  { url, headers, body }: Delivery,
  { settings: { webhookKey } }: DeliverySecrets<typeof settings>,
): Verdict {
  if (webhookKey === undefined) return { kind: 'refused', why: 'no signature key is set' }
  const signed = { key: webhookKey, parts: [url, body], encoding: 'base64' } as const
  if (!hmacMatches(headers['x-square-hmacsha256-signature'], signed))
    return { kind: 'refused', why: 'the signature does not match' }
  const read = event.safeParse(deliveryJson(body)).data
  if (read === undefined) return { kind: 'refused', why: 'no event' }
  const stream = STREAMS.find(([begins]) => read.type.startsWith(begins))?.[1]
  return {
    kind: 'accepted',
    deliveryId: read.event_id,
    events: stream === undefined ? [] : [{ accountId: read.merchant_id, stream }],
  }
}
