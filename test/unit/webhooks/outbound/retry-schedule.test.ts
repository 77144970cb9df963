import { expect, it } from 'vitest'
import { MOST_TRIES, nextTryAt } from '../../../../src/webhooks/outbound/retry-schedule.js'

const after = (tries: number, facts: { readonly random?: number; readonly retryAfterMs?: number } = {}) =>
  nextTryAt({ tries, nowMs: 0, random: 0, retryAfterMs: undefined, ...facts })

it('is the schedule of the specification, and then over', () => {
  const minutes = Array.from({ length: MOST_TRIES }, (_, index) => after(index + 1)).map((ms) =>
    ms === undefined ? undefined : ms / 60_000,
  )
  expect(minutes).toEqual([5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440, undefined])
})

it('is late by chance and never early', () => {
  expect(after(2, { random: 1 })).toBe(360_000)
  expect(after(2, { random: 0.5 })).toBe(330_000)
})

it('waits as long as the receiver asks, when that is longer', () => {
  expect(after(1, { retryAfterMs: 600_000 })).toBe(600_000)
  expect(after(3, { retryAfterMs: 600_000 })).toBe(1_800_000)
  expect(after(MOST_TRIES, { retryAfterMs: 1 })).toBeUndefined()
})
