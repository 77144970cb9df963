/** Reads Graph API errors: their codes, never their words. https://developers.facebook.com/docs/graph-api/guides/error-handling */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const failure = z.object({
  error: z.object({
    code: z.number(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
  }),
})

/** Subcodes of 190 and 102. All need a new sign-in; the log says which it was. */
const TOKEN_ENDS: ReadonlyMap<number | undefined, string> = new Map([
  [458, 'the person removed the application'],
  [459, 'the person must answer a question at facebook.com'],
  [460, 'the password was changed'],
  [463, 'expired'],
  [464, 'the person is not confirmed'],
  [467, 'invalid'],
  [492, 'the session has ended'],
])

/** Calls of the application, of a person, of a Page; limits of one edge; blocked for a while. */
const THROTTLED: ReadonlySet<number> = new Set([4, 17, 32, 341, 368, 613])
const MINUTE_MS = 60_000
/** Limits hold for a rolling hour. Where the answer does not say when they end, a quarter of it is waited. */
const WAIT_MS = 15 * MINUTE_MS

/** Tokens that ended, permissions that are missing and throttling all come as 400 or 403: only the code tells them apart. */
export function classify({ headers, json }: FailedAnswer): Classified | undefined {
  const read = failure.safeParse(json)
  if (!read.success) return undefined
  const { code, error_subcode: subcode, is_transient: transient } = read.data.error
  const detail = `Graph error ${code}${subcode === undefined ? '' : `/${subcode}`}`
  if (code === 190 || code === 102) {
    return { code: 'TOKEN_REVOKED', detail: `${detail}: ${TOKEN_ENDS.get(subcode) ?? 'expired or revoked'}` }
  }
  if (isThrottled(code)) return { code: 'RATE_LIMITED', detail, ...waitOf(headers) }
  if (code === 10 || (code >= 200 && code <= 299)) return { code: 'SCOPE_MISSING', detail }
  if (code === 1 || code === 2 || transient === true) return { code: 'PROVIDER_DOWN', detail }
  // An invalid parameter. Of ours only the place in a list can go bad: its item was deleted.
  if (code === 100) return { code: 'CURSOR_EXPIRED', detail }
  return { code: 'PROVIDER_CHANGED', detail }
}

/** 80000 to 80014 are the limits of business use cases. https://developers.facebook.com/docs/graph-api/overview/rate-limiting */
function isThrottled(code: number): boolean {
  return THROTTLED.has(code) || (code >= 80_000 && code <= 80_014)
}

const usage = z.record(z.string(), z.array(z.object({ estimated_time_to_regain_access: z.number() })))

/** The minutes that the usage header names; x-app-usage has shares of the limit only, and no time. */
function waitOf(headers: FailedAnswer['headers']): { readonly retryAfterMs?: number } {
  if (headers['retry-after'] !== undefined) return {}
  const read = usage.safeParse(parsed(headers['x-business-use-case-usage']))
  const minutes = read.success
    ? Object.values(read.data).flatMap((rows) => rows.map((row) => row.estimated_time_to_regain_access))
    : []
  const longest = Math.max(0, ...minutes)
  return { retryAfterMs: longest > 0 ? longest * MINUTE_MS : WAIT_MS }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}
