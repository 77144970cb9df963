/** Shopify's statuses that mean something else than everybody's. https://shopify.dev/docs/api/usage/response-codes */
import type { Classified, FailedAnswer } from '../../src/provider/index.js'

export function classify({ status }: FailedAnswer): Classified | undefined {
  // 402: the shop's owner owes Shopify; 423: the shop is locked for a while. The grant stays good.
  if (status === 402 || status === 423)
    return { code: 'PROVIDER_DOWN', detail: `a shop that is shut: ${status}` }
  // 430: taken for a robot by Shopify's security; no limit of calls, and no word of when it ends.
  if (status === 430) return { code: 'RATE_LIMITED', detail: '430', retryAfterMs: 60_000 }
  return undefined
}
