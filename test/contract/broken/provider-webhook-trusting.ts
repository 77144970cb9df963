/** Breaks A14: believes whoever knows the address. */
import { soundWebhooks, withWebhooks } from './sound-webhooks.js'

export const breaks = 'A14-webhooks'
export const one = withWebhooks({
  verify(delivery, secrets) {
    const verdict = soundWebhooks.verify(delivery, secrets)
    if (verdict.kind !== 'refused' || delivery.headers['x-sound-signature'] === '') return verdict
    return { kind: 'accepted', deliveryId: 'd-1', events: [] }
  },
})
