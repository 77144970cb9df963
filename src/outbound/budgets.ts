/** Requests that each service still takes, per account or for the whole application, and how long services asked to wait. Process-wide; it never waits itself. */
import type { Clock } from '../lib/clock.js'
import type { Provider, RateBudget } from '../provider/index.js'

/** Whose budget a call uses. */
export interface Spender {
  readonly provider: Pick<Provider, 'id' | 'limits'>
  readonly connectionId: string
}

export interface Budgets {
  /** Counts one request and returns 0, or counts nothing and returns for how many ms to wait. */
  take(spender: Spender): number
  /** Remembers that the service asked to wait. */
  pause(spender: Spender, ms: number): void
}

/** Old entries are looked for once in so many requests. */
const SWEEP_EVERY = 1_000

interface Window {
  readonly perMs: number
  /** When each request of the window was made, the oldest first. */
  sent: number[]
}

export function createBudgets(clock: Clock): Budgets {
  const windows = new Map<string, Window>()
  const pausedUntil = new Map<string, number>()
  let taken = 0

  function waitOf(budget: RateBudget, key: string, now: number): number {
    const window = windows.get(key)
    if (window === undefined) return 0
    window.sent = dropUntil(window.sent, now - budget.perMs)
    const blocking = window.sent[window.sent.length - budget.requests]
    return blocking === undefined ? 0 : blocking + budget.perMs - now
  }

  function note(budget: RateBudget, key: string, now: number): void {
    const window = windows.get(key) ?? { perMs: budget.perMs, sent: [] }
    window.sent.push(now)
    windows.set(key, window)
  }

  function sweep(now: number): void {
    for (const [key, { perMs, sent }] of windows)
      if ((sent.at(-1) ?? -Infinity) <= now - perMs) windows.delete(key)
    for (const [key, until] of pausedUntil) if (until <= now) pausedUntil.delete(key)
  }

  return {
    take(spender) {
      const now = clock.now()
      taken += 1
      if (taken % SWEEP_EVERY === 0) sweep(now)
      const budgets = keysOf(spender)
      const paused = (pausedUntil.get(pauseKey(spender)) ?? now) - now
      const wait = Math.max(0, paused, ...budgets.map(([key, budget]) => waitOf(budget, key, now)))
      if (wait === 0) for (const [key, budget] of budgets) note(budget, key, now)
      return wait
    },
    pause(spender, ms) {
      const key = pauseKey(spender)
      pausedUntil.set(key, Math.max(pausedUntil.get(key) ?? 0, clock.now() + ms))
    },
  }
}

function dropUntil(times: number[], endMs: number): number[] {
  const kept = times.findIndex((time) => time > endMs)
  if (kept === 0) return times
  return kept === -1 ? [] : times.slice(kept)
}

function keysOf({ provider, connectionId }: Spender): readonly (readonly [string, RateBudget])[] {
  return (provider.limits ?? []).map((budget, index) => [
    JSON.stringify([provider.id, index, budget.scope === 'connection' ? connectionId : null]),
    budget,
  ])
}

/** One account's wait is its own, unless the service is known to count the application as one. */
function pauseKey({ provider, connectionId }: Spender): string {
  const limits = provider.limits ?? []
  const isShared = limits.length > 0 && limits.every(({ scope }) => scope === 'app')
  return JSON.stringify([provider.id, isShared ? null : connectionId])
}
