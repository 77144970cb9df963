/** Events that Stripe delivers: signed with the time of sending. https://docs.stripe.com/webhooks#verify-manually */
import {
  deliveryJson,
  hmacMatches,
  readAnswer,
  Redacted,
  type Delivery,
  type DeliverySecrets,
  type SettingsShape,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { event, webhookEndpoint } from './api.js'
import { API, HEADERS, VERSION } from './lists.js'

/** Which events are ordered for a stream, and what such an event is about. */
const EVENTS: Readonly<Record<string, { readonly object: string; readonly steps: readonly string[] }>> = {
  customers: { object: 'customer', steps: ['created', 'updated', 'deleted'] },
  invoices: {
    object: 'invoice',
    steps: ['created', 'updated', 'deleted', 'finalized', 'paid', 'voided', 'marked_uncollectible'],
  },
  payments: {
    object: 'charge',
    steps: ['succeeded', 'failed', 'pending', 'captured', 'refunded', 'updated'],
  },
  payouts: { object: 'payout', steps: ['created', 'updated', 'paid', 'failed', 'canceled'] },
}

export const webhooks: Webhooks = {
  scope: 'connection',
  streams: Object.keys(EVENTS),
  scheme: 'Stripe-Signature: t and v1, HMAC-SHA256 over time and body (docs.stripe.com/webhooks)',
  setup: 'Nothing where the key may write webhook endpoints; else sync on a schedule.',
  verify,

  async register(http, { url, streams }) {
    const names = streams.flatMap((stream) => {
      const { object = '', steps = [] } = EVENTS[stream] ?? {}
      return steps.map((step) => `${object}.${step}`)
    })
    const form = {
      url,
      api_version: VERSION,
      ...Object.fromEntries(names.map((name, at) => [`enabled_events[${at}]`, name])),
    }
    const answer = await http.post(`${API}/webhook_endpoints`, { form }, { headers: HEADERS })
    const { id, secret } = readAnswer(webhookEndpoint, answer)
    return { id, secret: new Redacted(secret) }
  },

  async remove(http, { id }) {
    await http.delete(`${API}/webhook_endpoints/${encodeURIComponent(id)}`, { headers: HEADERS })
  },
}

function verify({ headers, body }: Delivery, { secret }: DeliverySecrets<SettingsShape>): Verdict {
  const parts = (headers['stripe-signature'] ?? '').split(',').map((part) => part.trim().split('='))
  const valuesOf = (name: string) => parts.flatMap(([key, value = '']) => (key === name ? [value] : []))
  const [time = ''] = valuesOf('t')
  if (secret === undefined || !/^\d{1,12}$/.test(time)) return refused('no secret, or no time that is signed')
  const signed = { key: secret, parts: [time, '.', body], encoding: 'hex' } as const
  // While a secret is being changed there is one signature for each.
  if (!valuesOf('v1').some((signature) => hmacMatches(signature, signed)))
    return refused('not signed by Stripe')
  const read = event.safeParse(deliveryJson(body))
  if (!read.success) return refused('no event')
  const { id, data } = read.data
  const stream = Object.entries(EVENTS).find(([, { object }]) => object === data.object.object)?.[0]
  return {
    kind: 'accepted',
    deliveryId: id,
    sentAtMs: Number(time) * 1_000,
    events: stream === undefined ? [] : [{ stream }],
  }
}

const refused = (why: string): Verdict => ({ kind: 'refused', why })
