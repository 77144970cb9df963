/** Changes that Xero delivers for all organisations of the application. https://developer.xero.com/documentation/guides/webhooks/overview */
import {
  deliveryJson,
  hmacMatches,
  z,
  type Delivery,
  type DeliveryEvent,
  type DeliverySecrets,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import type { settings as shape } from './settings.js'

const STREAMS: Readonly<Record<string, string>> = { CONTACT: 'contacts', INVOICE: 'invoices' }

const notification = z.object({
  events: z.array(z.object({ tenantId: z.string(), eventCategory: z.string() })),
})

export const webhooks: Webhooks<typeof shape> = {
  scope: 'app',
  streams: Object.values(STREAMS),
  scheme: 'x-xero-signature: HMAC-SHA256 of the body, base64 (developer.xero.com, Webhooks)',
  setup:
    'At developer.xero.com under Webhooks of the application, choose Contacts and Invoices, enter the endpoint, set XERO_WEBHOOK_KEY to the key, restart, then send the intent to receive.',
  verify,
}

function verify({ headers, body }: Delivery, { settings }: DeliverySecrets<typeof shape>): Verdict {
  const key = settings.webhookKey
  const signature = headers['x-xero-signature']
  if (key === undefined || signature === undefined) return refused('no key, or no signature')
  if (!hmacMatches(signature, { key, parts: [body], encoding: 'base64' }))
    return refused('not signed by Xero')
  const read = notification.safeParse(deliveryJson(body))
  if (!read.success) return refused('no notification')
  // The intent to receive: some are signed and wait for 200 without a body, others are not and wait for 401.
  if (read.data.events.length === 0) return { kind: 'handshake', status: 200, type: 'text/plain', body: '' }
  const events = new Map<string, DeliveryEvent>()
  for (const { tenantId: accountId, eventCategory: category } of read.data.events) {
    const stream = STREAMS[category]
    if (stream !== undefined) events.set(`${accountId} ${stream}`, { accountId, stream })
  }
  // Deliveries have no id; random text in each makes the signature, a digest of its bytes, one.
  return { kind: 'accepted', deliveryId: signature, events: [...events.values()] }
}

const refused = (why: string): Verdict => ({ kind: 'refused', why })
