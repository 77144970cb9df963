/** One budget's count of what was spent: over a sliding window, or in fixed ones. Pure: it is told the time; its size is bounded. */
import type { RateBudget } from '../provider/index.js'
import { localDay } from './local-day.js'

export interface RateWindow {
  /** 0 when `cost` fits now, else for how many ms it does not. */
  waitMs(cost: number, nowMs: number): number
  note(cost: number, nowMs: number): void
  /** What may still be spent before a wait. */
  left(nowMs: number): number
  /** Nothing that it counted matters any more. */
  isOver(nowMs: number): boolean
}

/** Requests so close to each other that they count as one moment, as a part of the window: bounds what is kept. */
const MOMENTS = 1_024

export function rateWindow(budget: RateBudget): RateWindow {
  return budget.window === 'fixed' || budget.timeZone !== undefined ? fixedWindow(budget) : sliding(budget)
}

/** What costs more than the whole budget waits until nothing else counts. */
const fitting = (cost: number, { requests }: RateBudget): number => Math.min(cost, requests)

function sliding(budget: RateBudget): RateWindow {
  const { requests, perMs } = budget
  const momentMs = Math.floor(perMs / MOMENTS)
  /** The oldest first; a moment counts until its last request does not any more, so that no window is ever passed. */
  let moments: { readonly fromMs: number; lastMs: number; spent: number }[] = []

  function drop(nowMs: number): void {
    const kept = moments.findIndex(({ lastMs }) => lastMs > nowMs - perMs)
    if (kept !== 0) moments = kept === -1 ? [] : moments.slice(kept)
  }

  return {
    waitMs(cost, nowMs) {
      drop(nowMs)
      let left = moments.reduce((sum, { spent }) => sum + spent, 0) + fitting(cost, budget)
      let wait = 0
      for (const { lastMs, spent } of moments) {
        if (left <= requests) break
        left -= spent
        wait = lastMs + perMs - nowMs
      }
      return wait
    },
    note(cost, nowMs) {
      const last = moments.at(-1)
      if (last === undefined || nowMs - last.fromMs > momentMs)
        moments.push({ fromMs: nowMs, lastMs: nowMs, spent: cost })
      else {
        last.lastMs = Math.max(last.lastMs, nowMs)
        last.spent += cost
      }
    },
    left(nowMs) {
      drop(nowMs)
      return Math.max(0, requests - moments.reduce((sum, { spent }) => sum + spent, 0))
    },
    isOver(nowMs) {
      drop(nowMs)
      return moments.length === 0
    },
  }
}

function fixedWindow(budget: RateBudget): RateWindow {
  let current = { fromMs: 0, endMs: 0 }
  let spent = 0

  function turn(nowMs: number): void {
    if (nowMs >= current.fromMs && nowMs < current.endMs) return
    // A clock that was put back does not give the budget anew.
    if (nowMs < current.fromMs && current.fromMs - nowMs < budget.perMs) return
    current = bounds(budget, nowMs)
    spent = 0
  }

  return {
    waitMs(cost, nowMs) {
      turn(nowMs)
      return spent + fitting(cost, budget) <= budget.requests ? 0 : current.endMs - nowMs
    },
    note(cost, nowMs) {
      turn(nowMs)
      spent += cost
    },
    left(nowMs) {
      turn(nowMs)
      return Math.max(0, budget.requests - spent)
    },
    isOver: (nowMs) => nowMs >= current.endMs,
  }
}

function bounds({ perMs, timeZone }: RateBudget, nowMs: number) {
  const day = timeZone === undefined ? { fromMs: 0, endMs: Infinity } : localDay(timeZone, nowMs)
  const fromMs = day.fromMs + Math.floor((nowMs - day.fromMs) / perMs) * perMs
  // A day of 25 hours is one window of a daily budget, not two.
  if (timeZone !== undefined && perMs >= DAY_MS) return day
  return { fromMs, endMs: Math.min(fromMs + perMs, day.endMs) }
}

const DAY_MS = 86_400_000
