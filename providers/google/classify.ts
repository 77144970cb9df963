/** Reads the errors of Google's APIs: their reasons, never their words. https://developers.google.com/workspace/calendar/api/guides/errors */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const named = z.object({ reason: z.string(), location: z.string().optional() })
const failure = z.object({
  error: z.object({ errors: z.array(named).catch([]), details: z.array(z.unknown()).catch([]) }),
})
const info = z.object({ reason: z.string() })
const tokenFailure = z.object({ error: z.string() })

type Meaning = Omit<Classified, 'detail'>

/** A day's units are given back at midnight in California: it is looked again each hour. */
const DAILY: Meaning = { code: 'RATE_LIMITED', retryAfterMs: 3_600_000 }
/** Counted by the minute; where Retry-After is missing, the window's length is enough. */
const BY_MINUTE: Meaning = { code: 'RATE_LIMITED', retryAfterMs: 60_000 }
/** A scope that was not granted, or a thing that the person may not see. */
const NOT_ALLOWED: Meaning = { code: 'SCOPE_MISSING' }
const TOO_OLD: Meaning = { code: 'CURSOR_EXPIRED' }

/**
 * Drive: https://developers.google.com/workspace/drive/api/guides/handle-errors. Gmail:
 * https://developers.google.com/workspace/gmail/api/guides/handle-errors. YouTube:
 * https://developers.google.com/youtube/v3/docs/errors. The capitals: https://docs.cloud.google.com/apis/design/errors
 */
const MEANINGS: Readonly<Partial<Record<string, Meaning>>> = {
  rateLimitExceeded: BY_MINUTE,
  userRateLimitExceeded: BY_MINUTE,
  sharingRateLimitExceeded: BY_MINUTE,
  RATE_LIMIT_EXCEEDED: BY_MINUTE,
  quotaExceeded: DAILY,
  dailyLimitExceeded: DAILY,
  insufficientPermissions: NOT_ALLOWED,
  insufficientFilePermissions: NOT_ALLOWED,
  insufficientScopes: NOT_ALLOWED,
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: NOT_ALLOWED,
  appNotAuthorizedToFile: NOT_ALLOWED,
  domainPolicy: NOT_ALLOWED,
  forbidden: NOT_ALLOWED,
  // The operator's project has not enabled the API: no new sign-in helps.
  accessNotConfigured: { code: 'PROVIDER_CHANGED' },
  SERVICE_DISABLED: { code: 'PROVIDER_CHANGED' },
  // The account has no channel at YouTube. It comes as 401, and yet the token is good.
  youtubeSignupRequired: { code: 'PROVIDER_CHANGED' },
  fullSyncRequired: TOO_OLD,
  updatedMinTooLongAgo: TOO_OLD,
  invalidPageToken: TOO_OLD,
  notFound: TOO_OLD,
  backendError: { code: 'PROVIDER_DOWN' },
  internalError: { code: 'PROVIDER_DOWN' },
}

/** Parameters that hold a place in a list. */
const PLACES: readonly (string | undefined)[] = ['pageToken', 'syncToken', 'startHistoryId']

export function classify({ status, headers, json }: FailedAnswer): Classified | undefined {
  const { reasons, isPlace } = reasonsOf(json)
  const known = reasons.find((reason) => Object.hasOwn(MEANINGS, reason)) ?? ''
  const meaning = MEANINGS[known]
  if (meaning !== undefined) {
    const { retryAfterMs, ...rest } = meaning
    const wait = headers['retry-after'] === undefined && retryAfterMs !== undefined
    return { ...rest, ...(wait && { retryAfterMs }), detail: known }
  }
  // A revoked refresh token, at the address that revokes: it was ended before.
  const token = tokenFailure.safeParse(json)
  if (token.success && token.data.error === 'invalid_token') return { code: 'TOKEN_REVOKED' }
  // Sync tokens and history ids that are too old, pages and containers that are gone.
  if (status === 410 || status === 404 || (status === 400 && isPlace)) return { code: 'CURSOR_EXPIRED' }
  return undefined
}

function reasonsOf(json: FailedAnswer['json']): {
  readonly reasons: readonly string[]
  readonly isPlace: boolean
} {
  const read = failure.safeParse(json)
  if (!read.success) return { reasons: [], isPlace: false }
  const { errors, details } = read.data.error
  const infos = details.flatMap((detail) => info.safeParse(detail).data?.reason ?? [])
  return {
    // The newer form is the finer one.
    reasons: [...infos, ...errors.map(({ reason }) => reason)],
    isPlace: errors.some(({ location }) => PLACES.includes(location)),
  }
}
