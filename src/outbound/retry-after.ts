/** Reads Retry-After (RFC 9110 10.2.3): seconds or a date. */

/** No service is waited for longer than a day at once, whatever it says. */
export const MOST_WAIT_MS = 86_400_000

/** How long to wait; `undefined` when the header is missing or cannot be read. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim()
  if (text === undefined || text === '') return undefined
  const isSeconds = /^\d+(\.\d+)?$/.test(text)
  // Only a date begins with the name of a day; the parser takes much else for dates.
  const wait = isSeconds ? Number(text) * 1_000 : /^[a-z]/i.test(text) ? Date.parse(text) - nowMs : NaN
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(Math.ceil(wait), 0), MOST_WAIT_MS)
}
