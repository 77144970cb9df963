/** Breaks A14: reads the clock instead of being told the time. */
import { soundWebhooks, withWebhooks } from './sound-webhooks.js'

export const breaks = 'A14-webhooks'
export const one = withWebhooks({
  verify: (delivery, secrets) =>
    Date.now() < 0 ? { kind: 'refused', why: 'long ago' } : soundWebhooks.verify(delivery, secrets),
})
