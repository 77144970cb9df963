/** Deliveries on changes of people who use the application. https://developers.facebook.com/docs/graph-api/webhooks/getting-started */
import {
  hmacHex,
  deliveryJson,
  hmacMatches,
  reveal,
  z,
  type Delivery,
  type DeliveryEvent,
  type DeliverySecrets,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import type { settings } from './settings.js'

/** Which stream each field of a person changes. */
const STREAMS: ReadonlyMap<string, string> = new Map([
  ['feed', 'posts'],
  ['posts', 'posts'],
  ['photos', 'photos'],
  ['likes', 'likes'],
])

/** Changes come with their values or as names of fields, up to 1,000 at once. */
const notice = z.object({
  object: z.string(),
  entry: z.array(
    z.object({
      id: z.string().min(1),
      changes: z.array(z.object({ field: z.string() })).optional(),
      changed_fields: z.array(z.string()).optional(),
    }),
  ),
})

type Secrets = DeliverySecrets<typeof settings>

export const webhooks: Webhooks<typeof settings> = {
  scope: 'app',
  streams: ['posts', 'photos', 'likes'],
  scheme:
    'X-Hub-Signature-256: HMAC-SHA256 of the body under the app secret; a GET with hub.challenge asks once whether the endpoint is ours. https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  setup:
    'Under Webhooks at developers.facebook.com choose User, enter the address and the verify token, and subscribe to feed, photos and likes.',
  verify: (delivery, secrets) =>
    delivery.method === 'GET' ? handshake(delivery, secrets) : notification(delivery, secrets),
}

function handshake({ url }: Delivery, { settings }: Secrets): Verdict {
  const given = new URL(url).searchParams
  const { clientSecret: key, verifyToken } = settings
  if (verifyToken === undefined) return { kind: 'refused', why: 'no verify token is set' }
  // Digests are compared, so that the time tells nothing of the token.
  const digest = hmacHex(key, given.get('hub.verify_token') ?? '')
  const isOurs = hmacMatches(digest, { key, parts: [reveal(verifyToken)], encoding: 'hex' })
  const challenge = given.get('hub.challenge') ?? ''
  if (!isOurs || given.get('hub.mode') !== 'subscribe' || !/^[\w-]{1,200}$/.test(challenge))
    return { kind: 'refused', why: 'not a request to verify this endpoint' }
  return { kind: 'handshake', status: 200, type: 'text/plain', body: challenge }
}

function notification({ headers, body }: Delivery, { settings }: Secrets): Verdict {
  const given = headers['x-hub-signature-256'] ?? ''
  const signature = given.startsWith('sha256=') ? given.slice('sha256='.length) : ''
  if (!hmacMatches(signature, { key: settings.clientSecret, parts: [body], encoding: 'hex' }))
    return { kind: 'refused', why: 'the signature does not match' }
  const read = notice.safeParse(deliveryJson(body))
  if (!read.success) return { kind: 'refused', why: 'not a notification' }
  // Deliveries carry no number: the digest of their bytes is the signature.
  return { kind: 'accepted', deliveryId: signature, events: eventsOf(read.data) }
}

function eventsOf({ object, entry }: z.output<typeof notice>): readonly DeliveryEvent[] {
  if (object !== 'user') return []
  const events = new Map<string, DeliveryEvent>()
  for (const { id, changes = [], changed_fields: names = [] } of entry)
    for (const field of [...names, ...changes.map((change) => change.field)]) {
      const stream = STREAMS.get(field)
      if (stream !== undefined) events.set(`${id} ${stream}`, { accountId: id, stream })
    }
  return [...events.values()]
}
