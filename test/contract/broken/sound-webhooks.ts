/** The sound provider with deliveries, which `provider-webhook-*.ts` spoil. */
import { hmacMatches, reveal, type Webhooks } from '../../../src/provider/index.js'
import type { ProviderCase } from '../../support/provider-case.js'
import { webhookFixtures, type WebhookFixtures } from '../../support/webhook-fixtures.js'
import { API, soundCase, withFacts } from './sound-provider.js'

const refused = { kind: 'refused', why: 'the signature is another' } as const

export const soundWebhooks: Webhooks = {
  scope: 'connection',
  streams: ['posts'],
  scheme: 'HMAC-SHA256 over time and body',
  verify({ headers, body, method, url }, { secret }) {
    if (secret === undefined) return refused
    const asked = new URL(url).searchParams
    if (method === 'GET')
      return asked.get('token') === reveal(secret)
        ? { kind: 'handshake', status: 200, type: 'text/plain', body: asked.get('challenge') ?? '' }
        : refused
    const [time = '', signature] = (headers['x-sound-signature'] ?? '').split(' ')
    if (!hmacMatches(signature, { key: secret, parts: [time, '.', body], encoding: 'hex' })) return refused
    const { id } = JSON.parse(Buffer.from(body).toString('utf8')) as { id: string }
    return {
      kind: 'accepted',
      deliveryId: id,
      sentAtMs: Number(time) * 1_000,
      events: [{ stream: 'posts' }],
    }
  },
  async register(http, { url }) {
    await http.post(`${API}/hooks`, { json: { url } })
    return { id: 'h-1' }
  },
  async remove(http, { id }) {
    await http.delete(`${API}/hooks/${id}`)
  },
}

export const soundDeliveries: WebhookFixtures = webhookFixtures.parse({
  sign: {
    key: 'registration',
    algorithm: 'sha256',
    encoding: 'hex',
    parts: ['{timestamp}.', '{body}'],
    headers: { 'x-sound-signature': '{timestamp} {signature}' },
    timestamp: 's',
  },
  deliveries: [
    {
      why: 'a post was written',
      body: { id: 'd-1' },
      expected: {
        kind: 'accepted',
        deliveryId: 'd-1',
        sentAtMs: Date.UTC(2030, 0, 1),
        events: [{ stream: 'posts' }],
      },
    },
    {
      why: 'the endpoint is asked for',
      method: 'GET',
      url: 'https://node.test/webhooks/sound/endpoint?challenge=42&token={key}',
      expected: { kind: 'handshake', status: 200, type: 'text/plain', body: '42' },
    },
    { why: 'not signed', headers: { 'x-sound-signature': '' }, body: {}, expected: { kind: 'refused' } },
  ],
  registration: { id: 'h-1' },
})

/** The sound case with deliveries that may be spoilt. */
export function withWebhooks(
  webhooks: Partial<Webhooks> = {},
  fixtures: Partial<WebhookFixtures> = {},
): ProviderCase {
  return withFacts(
    { webhooks: { ...soundWebhooks, ...webhooks } },
    {
      webhooks: { ...soundDeliveries, ...fixtures },
      readme: `${soundCase.readme}\n## Webhooks\n`,
      calls: {
        ...soundCase.calls,
        'webhook-register': [
          {
            request: `POST ${API}/hooks`,
            sent: { url: 'https://node.test/webhooks/sound/endpoint' },
            body: { id: 'h-1' },
          },
        ],
        'webhook-remove': [{ request: `DELETE ${API}/hooks/h-1`, body: null }],
      },
    },
  )
}
