/**
 * Changes that Intuit delivers for all companies of the application, as CloudEvents, or in the form before July 2026.
 * https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks
 */
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

const STREAMS: Readonly<Record<string, string>> = {
  account: 'accounts',
  customer: 'customers',
  vendor: 'vendors',
  invoice: 'invoices',
  bill: 'bills',
  payment: 'payments',
}

/** `qbo.account.created.v1` */
const cloudEvents = z
  .array(z.object({ type: z.string(), intuitaccountid: z.string() }))
  .transform((events) =>
    events.map(({ type, intuitaccountid: accountId }) => ({ accountId, entity: type.split('.')[1] ?? '' })),
  )

const notifications = z
  .object({
    eventNotifications: z.array(
      z.object({
        realmId: z.string(),
        dataChangeEvent: z.object({ entities: z.array(z.object({ name: z.string() })) }),
      }),
    ),
  })
  .transform(({ eventNotifications }) =>
    eventNotifications.flatMap(({ realmId: accountId, dataChangeEvent }) =>
      dataChangeEvent.entities.map(({ name }) => ({ accountId, entity: name })),
    ),
  )

export const webhooks: Webhooks<typeof shape> = {
  scope: 'app',
  streams: Object.values(STREAMS),
  scheme: 'intuit-signature: HMAC-SHA256 of the body, base64 (developer.intuit.com, Webhooks)',
  setup:
    'At developer.intuit.com under Webhooks of the application, enter the endpoint, choose the entities, and set QUICKBOOKS_WEBHOOK_VERIFIER to the verifier token.',
  verify,
}

function verify({ headers, body }: Delivery, { settings }: DeliverySecrets<typeof shape>): Verdict {
  const key = settings.webhookVerifier
  const signature = headers['intuit-signature']
  if (key === undefined || signature === undefined) return refused('no verifier token, or no signature')
  if (!hmacMatches(signature, { key, parts: [body], encoding: 'base64' }))
    return refused('not signed by Intuit')
  const read = z.union([cloudEvents, notifications]).safeParse(deliveryJson(body))
  if (!read.success) return refused('no notification')
  // Deliveries have no id of their own, and one may hold several events: the signature is a digest of all its bytes.
  return { kind: 'accepted', deliveryId: signature, events: distinct(read.data) }
}

function distinct(
  changed: readonly { readonly accountId: string; readonly entity: string }[],
): DeliveryEvent[] {
  const events = new Map<string, DeliveryEvent>()
  for (const { accountId, entity } of changed) {
    const stream = STREAMS[entity.toLowerCase()]
    if (stream !== undefined) events.set(`${accountId} ${stream}`, { accountId, stream })
  }
  return [...events.values()]
}

const refused = (why: string): Verdict => ({ kind: 'refused', why })
