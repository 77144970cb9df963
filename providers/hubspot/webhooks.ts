/** Events that HubSpot delivers for all accounts of the application. https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation */
import {
  deliveryJson,
  hmacMatches,
  type Delivery,
  type DeliveryEvent,
  type DeliverySecrets,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { notification } from './api.js'
import type { settings as shape } from './settings.js'

/** By the object that older subscriptions name, and by the type id that generic ones (`object.creation`) do. */
const STREAMS: Readonly<Record<string, string>> = {
  contact: 'contacts',
  '0-1': 'contacts',
  company: 'companies',
  '0-2': 'companies',
  deal: 'deals',
  '0-3': 'deals',
}

export const webhooks: Webhooks<typeof shape> = {
  scope: 'app',
  streams: ['contacts', 'companies', 'deals'],
  scheme:
    'X-HubSpot-Signature-v3: HMAC-SHA256 over method, address, body and time, base64 (developers.hubspot.com)',
  setup:
    'In the webhooks of the application, enter the endpoint as target and subscribe to creation, deletion, merge, restore and property changes of contacts, companies and deals.',
  verify,
}

function verify(
  { method, url, headers, body }: Delivery,
  { settings }: DeliverySecrets<typeof shape>,
): Verdict {
  const signature = headers['x-hubspot-signature-v3']
  const time = headers['x-hubspot-request-timestamp'] ?? ''
  if (signature === undefined || !/^\d{1,15}$/.test(time))
    return refused('no signature, or no time that is signed')
  const parts = [method, signedAddress(url), body, time]
  if (!hmacMatches(signature, { key: settings.clientSecret, parts, encoding: 'base64' }))
    return refused('not signed by HubSpot')
  const read = notification.safeParse(deliveryJson(body))
  if (!read.success) return refused('no list of events')
  const events = new Map<string, DeliveryEvent>()
  for (const { portalId: accountId, subscriptionType, objectTypeId } of read.data) {
    const stream = STREAMS[objectTypeId ?? subscriptionType.split('.')[0] ?? '']
    if (stream !== undefined) events.set(`${accountId} ${stream}`, { accountId, stream })
  }
  // Ids of events are not sure to be unique; the signature is a digest of the bytes and the time.
  return { kind: 'accepted', deliveryId: signature, sentAtMs: Number(time), events: [...events.values()] }
}

/** These characters are signed as themselves, also where the address has them encoded. */
const signedAddress = (url: string): string =>
  url.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (encoded) => decodeURIComponent(encoded))

const refused = (why: string): Verdict => ({ kind: 'refused', why })
