/** Reads HubSpot's failures by category and policy. https://developers.hubspot.com/docs/api-reference/error-handling */
import type { Classified, FailedAnswer } from '../../src/provider/index.js'
import { failure } from './api.js'

const HOUR_MS = 3_600_000

export function classify({ status, headers, json }: FailedAnswer): Classified | undefined {
  const { category, policyName } = failure.safeParse(json).data ?? {}
  const wait = (ms: number) => headers['retry-after'] === undefined && { retryAfterMs: ms }
  if (status === 429) {
    // The day ends at midnight of the account's time zone, which no answer tells.
    const ms = policyName === 'DAILY' ? HOUR_MS : policyName === 'SECONDLY' ? 1_000 : 10_000
    return { code: 'RATE_LIMITED', ...wait(ms) }
  }
  if (category === 'EXPIRED_AUTHENTICATION' || category === 'INVALID_AUTHENTICATION')
    return { code: 'TOKEN_REVOKED', detail: `HubSpot category ${category}` }
  if (category === 'MISSING_SCOPES')
    return { code: 'SCOPE_MISSING', detail: 'HubSpot category MISSING_SCOPES' }
  // 423: many changes at once lock the account; 477: it is being moved to another data centre.
  if (status === 423) return { code: 'PROVIDER_DOWN', detail: 'the account is locked' }
  if (status === 477) return { code: 'PROVIDER_DOWN', detail: 'the account is being moved' }
  return undefined
}
