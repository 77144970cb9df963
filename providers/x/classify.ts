/** Reads limits, caps and refusals of the application by their problem types. https://docs.x.com/x-api/fundamentals/response-codes-and-errors */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const WINDOW_MS = 15 * 60_000
const DAY_MS = 86_400_000

/** The last word of an address such as https://api.x.com/2/problems/usage-capped. */
const problem = z.object({ type: z.string().transform((type) => type.split('/').at(-1)) })

export function classify({ status, headers, json }: FailedAnswer): Classified | undefined {
  const type = problem.safeParse(json).data?.type
  // The application's credits or its month are used up: another day may be better.
  if (status === 402) return { code: 'RATE_LIMITED', retryAfterMs: DAY_MS, detail: 'no credits are left' }
  if (status === 429 && type === 'usage-capped')
    return { code: 'RATE_LIMITED', retryAfterMs: DAY_MS, detail: 'the cap of the month' }
  if (status === 429 && headers['retry-after'] !== undefined) return { code: 'RATE_LIMITED' }
  if (status === 429) return { code: 'RATE_LIMITED', retryAfterMs: untilReset(headers), detail: 'the window' }
  // The operator's application may not use this: no new sign-in would mend it.
  if (status === 403 && type === 'client-forbidden')
    return { code: 'PROVIDER_CHANGED', detail: 'the application may not call this' }
  return undefined
}

/** By the answer's own clock: X tells a time and, by its documentation, no Retry-After. */
function untilReset(headers: FailedAnswer['headers']): number {
  const ms = Number(headers['x-rate-limit-reset']) * 1_000 - Date.parse(headers['date'] ?? '')
  return Number.isNaN(ms) ? WINDOW_MS : Math.min(Math.max(ms, 1_000), DAY_MS)
}
