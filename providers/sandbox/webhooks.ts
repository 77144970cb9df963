/** Changes that the service tells of, for each connection that asked for it: signed, with the time of sending. */
import {
  deliveryJson,
  hmacMatches,
  readAnswer,
  reveal,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { webhook, webhookEvent } from './api.js'
import type { settings as shape } from './settings.js'

export const webhooks: Webhooks<typeof shape> = {
  scope: 'connection',
  streams: ['posts', 'followings', 'files', 'calendars', 'events'],
  scheme: 'X-Sandbox-Signature: HMAC-SHA256 of X-Sandbox-Time, a dot and the body, in hexadecimal',

  // Pure, and true to the bytes: what cannot be proven is refused before it is read.
  verify({ headers, body }, { secret }): Verdict {
    const time = headers['x-sandbox-time'] ?? ''
    if (secret === undefined || !/^\d{1,15}$/.test(time)) return refused('no secret, or no time')
    const signed = { key: secret, parts: [time, '.', body], encoding: 'hex' } as const
    if (!hmacMatches(headers['x-sandbox-signature'], signed)) return refused('not signed by the service')
    const read = webhookEvent.safeParse(deliveryJson(body))
    if (!read.success) return refused('no event')
    const { id, stream } = read.data
    return { kind: 'accepted', deliveryId: id, sentAtMs: Number(time), events: [{ stream }] }
  },

  /** The secret is the node's own: the service takes it and signs with it. */
  async register(http, { url, secret, streams }, { settings: { origin } }) {
    const json = { url, secret: reveal(secret), streams }
    const { id } = readAnswer(webhook, await http.post(`${origin}/api/webhooks`, { json }))
    return { id }
  },

  async remove(http, { id }, { settings: { origin } }) {
    await http.delete(`${origin}/api/webhooks/${encodeURIComponent(id)}`)
  },
}

const refused = (why: string): Verdict => ({ kind: 'refused', why })
