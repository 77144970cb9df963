/** Reads Salesforce's failures by their codes. https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.html */
import type { Classified, FailedAnswer } from '../../src/provider/index.js'
import { failure } from './api.js'

const HOUR_MS = 3_600_000

export function classify({ json }: FailedAnswer): Classified | undefined {
  const code = failure.safeParse(json).data?.errorCode
  switch (code) {
    case 'INVALID_SESSION_ID':
      return { code: 'TOKEN_REVOKED', detail: code }
    // The calls of a rolling day: some are free again with each hour. It comes as 403.
    case 'REQUEST_LIMIT_EXCEEDED':
      return { code: 'RATE_LIMITED', retryAfterMs: HOUR_MS, detail: code }
    // The edition or the person has no API at all, or not these records.
    case 'API_DISABLED_FOR_ORG':
    case 'API_CURRENTLY_DISABLED':
    case 'FUNCTIONALITY_NOT_ENABLED':
    case 'INSUFFICIENT_ACCESS':
    case 'INVALID_TYPE':
      return { code: 'SCOPE_MISSING', detail: code }
    case 'QUERY_TIMEOUT':
    case 'SERVER_UNAVAILABLE':
    case 'UNABLE_TO_LOCK_ROW':
      return { code: 'PROVIDER_DOWN', detail: code }
    default:
      return undefined
  }
}
