/** Breaks A14: does not tell when a delivery was sent, so that an old one can be sent again. */
import { soundDeliveries, soundWebhooks, withWebhooks } from './sound-webhooks.js'

const [delivery, ...others] = soundDeliveries.deliveries

export const breaks = 'A14-webhooks'
export const one = withWebhooks(
  {
    verify(given, secrets) {
      const verdict = soundWebhooks.verify(given, secrets)
      if (verdict.kind !== 'accepted') return verdict
      return { kind: 'accepted', deliveryId: verdict.deliveryId, events: verdict.events }
    },
  },
  {
    deliveries: [
      {
        why: 'no time',
        method: 'POST',
        ...delivery,
        expected: { kind: 'accepted', deliveryId: 'd-1', events: [{ stream: 'posts' }] },
      },
      ...others,
    ],
  },
)
