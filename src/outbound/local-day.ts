/** The day of an IANA zone that a moment lies in, with its true length: 23 or 25 hours where the clocks change. */

export interface LocalDay {
  readonly fromMs: number
  /** When the next one begins. */
  readonly endMs: number
}

/** Longer than any day of any zone. */
const REACH_MS = 27 * 3_600_000

/** One entry a zone that a provider names. */
const formats = new Map<string, Intl.DateTimeFormat>()
const latest = new Map<string, LocalDay>()

export function localDay(timeZone: string, nowMs: number): LocalDay {
  const known = latest.get(timeZone)
  if (known !== undefined && nowMs >= known.fromMs && nowMs < known.endMs) return known
  const today = dateOf(timeZone, nowMs)
  const isToday = (ms: number): boolean => dateOf(timeZone, ms) === today
  const day = {
    fromMs: firstMs(nowMs - REACH_MS, nowMs, isToday),
    endMs: firstMs(nowMs, nowMs + REACH_MS, (ms) => !isToday(ms)),
  }
  latest.set(timeZone, day)
  return day
}

function dateOf(timeZone: string, ms: number): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone })
  formats.set(timeZone, format)
  return format.format(ms)
}

/** The first millisecond after `below` that is so, when `above` is. Midnight itself may not exist: some zones change clocks then. */
function firstMs(below: number, above: number, isSo: (ms: number) => boolean): number {
  let [low, high] = [below, above]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isSo(middle)) high = middle
    else low = middle
  }
  return high
}
