/** Tells limits from missing permissions: GitHub answers both with 403. https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Which page explains the failure: the one thing beside its words that tells a secondary limit. */
const explained = z.object({ documentation_url: z.string() })

export function classify({ status, headers, json }: FailedAnswer): Classified | undefined {
  if (status !== 403 && status !== 429) return undefined
  if (headers['retry-after'] !== undefined) return { code: 'RATE_LIMITED', detail: 'a secondary limit' }
  if (headers['x-ratelimit-remaining'] === '0')
    return { code: 'RATE_LIMITED', retryAfterMs: untilReset(headers), detail: 'the limit of the hour' }
  const page = explained.safeParse(json).data?.documentation_url ?? ''
  // Without a time, a minute or more is to be waited.
  if (status === 429 || page.includes('rate-limit'))
    return { code: 'RATE_LIMITED', retryAfterMs: MINUTE_MS, detail: 'a secondary limit' }
  return undefined
}

/** By the answer's own clock. The window is an hour. */
function untilReset(headers: FailedAnswer['headers']): number {
  const ms = Number(headers['x-ratelimit-reset']) * 1_000 - Date.parse(headers['date'] ?? '')
  return Number.isNaN(ms) ? MINUTE_MS : Math.min(Math.max(ms, 1_000), HOUR_MS)
}
