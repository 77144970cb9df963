/** When a delivery is tried again: the schedule of Standard Webhooks 1.0, with jitter. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** After the first try, the second, and so on. */
const DELAYS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const

/** Tries of one round. */
export const MOST_TRIES = DELAYS_MS.length + 1

/** Spreads tries that failed together; never earlier than the schedule says. */
const JITTER = 0.2

export interface FailedTry {
  /** Of this round, counted with the one that failed. */
  readonly tries: number
  readonly nowMs: number
  /** What the receiver asked for. */
  readonly retryAfterMs: number | undefined
  /** From 0 to 1. */
  readonly random: number
}

/** `undefined`: that was the last one. */
export function nextTryAt({ tries, nowMs, retryAfterMs = 0, random }: FailedTry): number | undefined {
  const delayMs = DELAYS_MS[tries - 1]
  if (delayMs === undefined) return undefined
  return nowMs + Math.max(Math.ceil(delayMs * (1 + JITTER * random)), retryAfterMs)
}
