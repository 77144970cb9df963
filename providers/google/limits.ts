/** What each API allows a project and each person, as documented for projects since May 2026. Costs of calls stand where they are made. */
import type { RateBudget } from '../../src/provider/index.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Requests. https://developers.google.com/workspace/calendar/api/guides/quota */
export const CALENDAR_LIMITS: readonly RateBudget[] = [
  { requests: 600, perMs: MINUTE_MS, scope: 'connection', pathPrefix: '/calendar/' },
  { requests: 10_000, perMs: MINUTE_MS, scope: 'app', pathPrefix: '/calendar/' },
]

/** Units. https://developers.google.com/workspace/drive/api/guides/limits */
export const DRIVE_LIMITS: readonly RateBudget[] = [
  { requests: 325_000, perMs: MINUTE_MS, scope: 'connection', pathPrefix: '/drive/' },
  { requests: 1_000_000, perMs: MINUTE_MS, scope: 'app', pathPrefix: '/drive/' },
]

/** Units. https://developers.google.com/workspace/gmail/api/reference/quota */
export const GMAIL_LIMITS: readonly RateBudget[] = [
  { requests: 6_000, perMs: MINUTE_MS, scope: 'connection', pathPrefix: '/gmail/' },
  { requests: 1_200_000, perMs: MINUTE_MS, scope: 'app', pathPrefix: '/gmail/' },
]

/** Units of a day that begins at midnight in California. https://developers.google.com/youtube/v3/getting-started#quota */
export const YOUTUBE_LIMITS: readonly RateBudget[] = [
  {
    requests: 10_000,
    perMs: DAY_MS,
    scope: 'app',
    window: 'fixed',
    timeZone: 'America/Los_Angeles',
    pathPrefix: '/youtube/',
  },
]
