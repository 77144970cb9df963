/** Reads Stripe's errors by their codes, never by their words. https://docs.stripe.com/error-codes */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const failure = z.object({ error: z.object({ type: z.string().nullish(), code: z.string().nullish() }) })

export function classify({ status, json }: FailedAnswer): Classified | undefined {
  const { code } = failure.safeParse(json).data?.error ?? {}
  // The object or event that a list was to go on from is no longer there: it was deleted, or is older than 30 days.
  if (code === 'resource_missing') return { code: 'CURSOR_EXPIRED', detail: code }
  // The account was closed, or the key lost its hold on it: not a matter of a single permission.
  if (status === 403 && code === 'account_invalid') return { code: 'TOKEN_REVOKED', detail: code }
  // Another call holds the object for a moment.
  if (code === 'lock_timeout') return { code: 'RATE_LIMITED', detail: code, retryAfterMs: 1_000 }
  return undefined
}
