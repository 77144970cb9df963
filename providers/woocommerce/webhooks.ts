/** Deliveries of a shop: one webhook for each kind of change, all made and ended in one call. https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks */
import {
  hmacMatches,
  NodeError,
  readAnswer,
  reveal,
  z,
  type Delivery,
  type DeliverySecrets,
  type ProviderHttp,
  type SettingsShape,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { anyMade, made, withId } from './api.js'
import { originOf } from './lists.js'

/** Topics of a stream. `restored`, which follows the trash, is one of orders and products only. */
const TOPICS: Readonly<Record<string, readonly string[]>> = {
  orders: ['order.created', 'order.updated', 'order.deleted', 'order.restored'],
  products: ['product.created', 'product.updated', 'product.deleted', 'product.restored'],
  customers: ['customer.created', 'customer.updated', 'customer.deleted'],
}

const state = z.object({ ids: z.array(z.string()).min(1) })

export const webhooks: Webhooks = {
  scope: 'connection',
  streams: Object.keys(TOPICS),
  scheme:
    'X-WC-Webhook-Signature: HMAC-SHA256 of the body under the secret of the webhook, in base64. https://woocommerce.github.io/woocommerce-rest-api-docs/#delivery-payload',
  setup: 'Nothing where the key may write; else sync on a schedule.',
  verify,

  async register(http, { url, secret, streams }, { fields }) {
    const topics = streams.flatMap((stream) => TOPICS[stream] ?? [])
    const create = topics.map((topic) => ({
      name: `Data connector: ${topic}`,
      topic,
      delivery_url: url,
      secret: reveal(secret),
    }))
    const batch = batchOf(originOf(fields))
    const answer = await http.post(batch, { json: { create } })
    const read = made.safeParse(answer.json)
    if (!read.success || read.data.create.length !== topics.length) {
      // All or none: what was made is not left behind.
      const { create: some } = readAnswer(anyMade, answer)
      await removeAll(
        http,
        batch,
        some.flatMap((one) => withId.safeParse(one).data?.id ?? []),
      )
      throw new NodeError('PROVIDER_CHANGED', { detail: 'not all webhooks were made' })
    }
    const ids = read.data.create.map(({ id }) => id)
    return { id: ids.join('-'), state: { ids } }
  },

  async remove(http, registration, { fields }) {
    await removeAll(http, batchOf(originOf(fields)), state.parse(registration.state).ids)
  },
}

const batchOf = (origin: string): string => `${origin}/wp-json/wc/v3/webhooks/batch`

async function removeAll(http: ProviderHttp, batch: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await http.post(batch, { json: { delete: ids.map(Number) } })
}

/** The signature covers the body only, so the shop's own number tells deliveries apart. */
function verify({ method, headers, body }: Delivery, { secret }: DeliverySecrets<SettingsShape>): Verdict {
  const signature = headers['x-wc-webhook-signature']
  // A new webhook is tried with its number alone, unsigned; it tells of no change, and a shop waits for its 200.
  if (method === 'POST' && signature === undefined && isTrial(body))
    return { kind: 'handshake', status: 200, type: 'text/plain', body: '' }
  if (secret === undefined) return { kind: 'refused', why: 'no secret is known' }
  if (!hmacMatches(signature, { key: secret, parts: [body], encoding: 'base64' }))
    return { kind: 'refused', why: 'the signature does not match' }
  const deliveryId = headers['x-wc-webhook-delivery-id'] ?? headers['x-wc-delivery-id'] ?? ''
  if (!/^[\w-]{1,100}$/.test(deliveryId)) return { kind: 'refused', why: 'no number of the delivery' }
  const topic = headers['x-wc-webhook-topic'] ?? ''
  const stream = Object.keys(TOPICS).find((name) => TOPICS[name]?.includes(topic))
  return { kind: 'accepted', deliveryId, events: stream === undefined ? [] : [{ stream }] }
}

const isTrial = (body: Uint8Array): boolean =>
  body.length < 40 && /^webhook_id=\d{1,20}$/.test(new TextDecoder().decode(body))
