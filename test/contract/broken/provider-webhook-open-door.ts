/** Breaks A14: answers a handshake of anybody. */
import { soundWebhooks, withWebhooks } from './sound-webhooks.js'

export const breaks = 'A14-webhooks'
export const one = withWebhooks({
  verify: (delivery, secrets) =>
    delivery.method === 'GET'
      ? { kind: 'handshake', status: 200, type: 'text/plain', body: '42' }
      : soundWebhooks.verify(delivery, secrets),
})
