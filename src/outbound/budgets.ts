/** Requests that each service still takes, per account or for the whole application, and how long services asked to wait. Process-wide; it never waits itself. */
import type { Clock } from '../lib/clock.js'
import type { Provider, RateBudget } from '../provider/index.js'
import { rateWindow, type RateWindow } from './rate-windows.js'

/** Whose budget a call uses. */
export interface Spender {
  readonly provider: Pick<Provider, 'id' | 'limits'>
  readonly connectionId: string
}

/** What is counted of a call. */
export interface Spent {
  readonly path: string
  /** Default: 1. */
  readonly cost?: number | undefined
}

export interface Budgets {
  /** Counts one request and returns 0, or counts nothing and returns for how many ms to wait. */
  take(spender: Spender, spent?: Spent): number
  /** Remembers that the service asked to wait. */
  pause(spender: Spender, ms: number): void
  /** Remembers what the service itself says is left, until it counts anew. */
  tell(spender: Spender, left: number, forMs: number): void
  /** Requests before the next wait, by the tightest count; `undefined` where nobody counts. */
  left(spender: Spender): number | undefined
}

/** Old entries are looked for once in so many requests. */
const SWEEP_EVERY = 1_000

export function createBudgets(clock: Clock): Budgets {
  const windows = new Map<string, RateWindow>()
  const pausedUntil = new Map<string, number>()
  const told = new Map<string, { readonly left: number; readonly untilMs: number }>()
  let taken = 0

  function windowOf(key: string, budget: RateBudget): RateWindow {
    const window = windows.get(key) ?? rateWindow(budget)
    windows.set(key, window)
    return window
  }

  function sweep(now: number): void {
    for (const [key, window] of windows) if (window.isOver(now)) windows.delete(key)
    for (const [key, until] of pausedUntil) if (until <= now) pausedUntil.delete(key)
    for (const [key, { untilMs }] of told) if (untilMs <= now) told.delete(key)
  }

  return {
    take(spender, { path, cost = 1 } = { path: '/' }) {
      const now = clock.now()
      taken += 1
      if (taken % SWEEP_EVERY === 0) sweep(now)
      const counting = keysOf(spender, path).map(([key, budget]) => windowOf(key, budget))
      const paused = (pausedUntil.get(pauseKey(spender)) ?? now) - now
      const wait = Math.max(0, paused, ...counting.map((window) => window.waitMs(cost, now)))
      if (wait === 0) for (const window of counting) window.note(cost, now)
      return wait
    },
    pause(spender, ms) {
      const key = pauseKey(spender)
      pausedUntil.set(key, Math.max(pausedUntil.get(key) ?? 0, clock.now() + ms))
    },
    tell(spender, left, forMs) {
      told.set(pauseKey(spender), { left, untilMs: clock.now() + forMs })
    },
    left(spender) {
      const now = clock.now()
      const key = pauseKey(spender)
      if ((pausedUntil.get(key) ?? now) > now) return 0
      const said = told.get(key)
      const counted = keysOf(spender).map(([of, budget]) => windows.get(of)?.left(now) ?? budget.requests)
      if (said !== undefined && said.untilMs > now) counted.push(said.left)
      return counted.length === 0 ? undefined : Math.min(...counted)
    },
  }
}

/** Without a path: of every address. */
function keysOf(
  { provider, connectionId }: Spender,
  path?: string,
): readonly (readonly [string, RateBudget])[] {
  return (provider.limits ?? []).flatMap((budget, index) => {
    if (path !== undefined && !path.startsWith(budget.pathPrefix ?? '')) return []
    return [
      [JSON.stringify([provider.id, index, budget.scope === 'connection' ? connectionId : null]), budget],
    ]
  })
}

/** One account's wait is its own, unless the service is known to count the application as one. */
function pauseKey({ provider, connectionId }: Spender): string {
  const limits = provider.limits ?? []
  const isShared = limits.length > 0 && limits.every(({ scope }) => scope === 'app')
  return JSON.stringify([provider.id, isShared ? null : connectionId])
}
