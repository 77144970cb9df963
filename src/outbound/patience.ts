/** Waiting between attempts: only while it is short, only before the deadline, and never past an abort. */
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../lib/clock.js'

/** Longer waits are the caller's: it puts the work off instead of keeping a slot. */
const SHORT_MS = 5_000
const FIRST_BACKOFF_MS = 250

export interface PatienceOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly deadlineAtMs: number
}

/** Waits and returns true, or returns false at once when the wait is too long. @throws the reason of an abort */
export async function waitShortly(
  ms: number,
  { clock, signal, deadlineAtMs }: PatienceOptions,
): Promise<boolean> {
  if (ms > SHORT_MS || clock.now() + ms >= deadlineAtMs) return false
  // The timer's own error hides the reason.
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
  return true
}

/** Full jitter: anything up to a bound that doubles with every attempt, so that callers do not come back together. */
export function backoffMs(attempt: number): number {
  return randomInt(Math.min(FIRST_BACKOFF_MS * 2 ** attempt, SHORT_MS) + 1)
}
