/** Deliveries of a shop, signed with the app's secret; all topics are ordered and ended in one call. https://shopify.dev/docs/apps/build/webhooks */
import {
  hmacMatches,
  NodeError,
  z,
  type Delivery,
  type DeliverySecrets,
  type FieldValues,
  type ProviderHttp,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { subscribed } from './api.js'
import { ask } from './graphql.js'
import type { settings } from './settings.js'

/** https://shopify.dev/docs/api/admin-graphql/latest/enums/WebhookSubscriptionTopic */
const TOPICS: Readonly<Record<string, readonly string[]>> = {
  orders: ['ORDERS_CREATE', 'ORDERS_UPDATED', 'ORDERS_DELETE'],
  products: ['PRODUCTS_CREATE', 'PRODUCTS_UPDATE', 'PRODUCTS_DELETE'],
  customers: ['CUSTOMERS_CREATE', 'CUSTOMERS_UPDATE', 'CUSTOMERS_DELETE'],
}

const state = z.object({ ids: z.array(z.string()).min(1) })

export const webhooks: Webhooks<typeof settings> = {
  scope: 'connection',
  streams: Object.keys(TOPICS),
  scheme:
    'X-Shopify-Hmac-SHA256: HMAC-SHA256 of the body under the secret of the app, in base64. https://shopify.dev/docs/apps/build/webhooks/verify-deliveries',
  verify,

  async register(http, { url, streams }, { fields }) {
    const topics = streams.flatMap((stream) => TOPICS[stream] ?? [])
    const orders = topics.map(
      (topic) =>
        `${topic}: webhookSubscriptionCreate(topic: ${topic}, webhookSubscription: {uri: $uri, format: JSON}) { webhookSubscription { id } userErrors { field message } }`,
    )
    const query = `mutation Order($uri: String!) { ${orders.join(' ')} }`
    const { data } = await ask(http, fields, { query, variables: { uri: url } }, { cost: 10 * topics.length })
    const ids = topics.flatMap(
      (topic) => subscribed.safeParse(data[topic]).data?.webhookSubscription.id ?? [],
    )
    if (ids.length < topics.length) {
      // All or none: what was made is not left behind.
      await removeAll(http, fields, ids)
      throw new NodeError('PROVIDER_CHANGED', { detail: 'not all webhooks were made' })
    }
    return { id: ids.map((id) => id.slice(id.lastIndexOf('/') + 1)).join('-'), state: { ids } }
  },

  async remove(http, registration, { fields }) {
    await removeAll(http, fields, state.parse(registration.state).ids)
  },
}

async function removeAll(http: ProviderHttp, fields: FieldValues, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const ends = ids.map(
    (_id, at) => `end${at}: webhookSubscriptionDelete(id: $id${at}) { deletedWebhookSubscriptionId }`,
  )
  const query = `mutation End(${ids.map((_id, at) => `$id${at}: ID!`).join(', ')}) { ${ends.join(' ')} }`
  const variables = Object.fromEntries(ids.map((id, at) => [`id${at}`, id]))
  await ask(http, fields, { query, variables }, { cost: 10 * ids.length })
}

/** The signature covers the body only, so Shopify's own number tells deliveries apart, as its page says. */
function verify({ headers, body }: Delivery, { settings: app }: DeliverySecrets<typeof settings>): Verdict {
  const signed = { key: app.clientSecret, parts: [body], encoding: 'base64' } as const
  if (!hmacMatches(headers['x-shopify-hmac-sha256'], signed))
    return { kind: 'refused', why: 'the signature does not match' }
  const deliveryId = headers['x-shopify-webhook-id'] ?? ''
  if (!/^[\w-]{1,100}$/.test(deliveryId)) return { kind: 'refused', why: 'no number of the delivery' }
  const [stream = ''] = (headers['x-shopify-topic'] ?? '').split('/')
  return { kind: 'accepted', deliveryId, events: Object.hasOwn(TOPICS, stream) ? [{ stream }] : [] }
}
