import { describe, expect, it } from 'vitest'
import { createBudgets, type Spender } from '../../../src/outbound/index.js'
import type { RateBudget } from '../../../src/provider/index.js'

function budgetsAt(startMs = 1_000_000) {
  let now = startMs
  const budgets = createBudgets({ now: () => now })
  return {
    take: (one: Spender, cost?: number, path = '/') => budgets.take(one, { path, cost }),
    pause: (one: Spender, ms: number) => budgets.pause(one, ms),
    tell: (one: Spender, left: number, forMs: number) => budgets.tell(one, left, forMs),
    left: (one: Spender) => budgets.left(one),
    advance: (ms: number) => void (now += ms),
  }
}
const perConnection: RateBudget = { requests: 2, perMs: 1_000, scope: 'connection' }
const perApp: RateBudget = { requests: 3, perMs: 60_000, scope: 'app' }
const spender = (connectionId: string, ...limits: RateBudget[]) => ({
  provider: { id: 'test', limits },
  connectionId,
})

describe('budgets', () => {
  it('give no more requests in any window than declared, and say when the next fits', () => {
    const { take, advance } = budgetsAt()
    const one = spender('a', perConnection)
    expect([take(one), take(one), take(one)]).toEqual([0, 0, 1_000])
    advance(400)
    expect(take(one)).toBe(600)
    advance(600)
    expect([take(one), take(one), take(one)]).toEqual([0, 0, 1_000])
  })

  it('say what is left by the tightest count, the service’s own among them', () => {
    const { take, pause, tell, left, advance } = budgetsAt()
    expect(left(spender('a'))).toBeUndefined()
    const one = spender('a', perConnection, perApp)
    expect(left(one)).toBe(2)
    take(one)
    expect(left(one)).toBe(1)
    take(spender('b', perConnection, perApp))
    take(spender('b', perConnection, perApp))
    expect(left(one)).toBe(0)
    advance(60_000)
    tell(one, 1, 5_000)
    expect([left(one), left(spender('b', perConnection, perApp))]).toEqual([1, 2])
    advance(5_000)
    expect(left(one)).toBe(2)
    pause(one, 10)
    expect(left(one)).toBe(0)
  })

  it('slide: requests late in one window count in the next', () => {
    const { take, advance } = budgetsAt()
    const one = spender('a', perConnection)
    take(one)
    advance(900)
    take(one)
    advance(100)
    expect([take(one), take(one)]).toEqual([0, 900])
  })

  it('are each account’s own, or shared, as declared', () => {
    const { take } = budgetsAt()
    const limits = [perConnection, perApp]
    expect([take(spender('a', ...limits)), take(spender('a', ...limits))]).toEqual([0, 0])
    expect(take(spender('a', ...limits))).toBe(1_000)
    expect(take(spender('b', ...limits))).toBe(0)
    expect(take(spender('b', ...limits))).toBe(60_000)
  })

  it('count nothing for a request that has to wait', () => {
    const { take, advance } = budgetsAt()
    const one = spender('a', { requests: 1, perMs: 1_000, scope: 'connection' })
    take(one)
    for (let tries = 0; tries < 10; tries += 1) take(one)
    advance(1_000)
    expect(take(one)).toBe(0)
  })

  it('remember how long the service asked to wait, for that account alone', () => {
    const { take, pause, advance } = budgetsAt()
    pause(spender('a'), 5_000)
    pause(spender('a'), 1_000)
    expect([take(spender('a')), take(spender('b'))]).toEqual([5_000, 0])
    advance(5_000)
    expect(take(spender('a'))).toBe(0)
  })

  it('let all wait when the service counts the application as one', () => {
    const { take, pause } = budgetsAt()
    pause(spender('a', perApp), 5_000)
    expect(take(spender('b', perApp))).toBe(5_000)
  })

  it('keep their count over thousands of requests', () => {
    const { take, advance } = budgetsAt()
    const one = spender('a', { requests: 5_000, perMs: 10_000, scope: 'connection' })
    let given = 0
    for (let tries = 0; tries < 6_000; tries += 1) {
      if (take(one) === 0) given += 1
      if (tries % 10 === 0) advance(1)
    }
    expect(given).toBe(5_000)
  })

  it('count what a call costs; one that costs more than all waits for an empty window', () => {
    const { take, advance } = budgetsAt()
    const one = spender('a', { requests: 10, perMs: 1_000, scope: 'connection' })
    expect([take(one, 6), take(one, 5), take(one, 4)]).toEqual([0, 1_000, 0])
    advance(500)
    expect(take(one, 25)).toBe(500)
    advance(500)
    expect([take(one, 25), take(one, 1)]).toEqual([0, 1_000])
  })

  it('of a path count only its calls', () => {
    const { take } = budgetsAt()
    const one = spender('a', { requests: 1, perMs: 1_000, scope: 'connection', pathPrefix: '/search' })
    expect([take(one, 1, '/search/all'), take(one, 1, '/list'), take(one, 1, '/search')]).toEqual([
      0, 0, 1_000,
    ])
  })

  it('of a fixed window begin anew at its multiples', () => {
    const { take, advance } = budgetsAt(60_000 * 100 + 59_000)
    const one = spender('a', { requests: 2, perMs: 60_000, scope: 'app', window: 'fixed' })
    expect([take(one), take(one), take(one)]).toEqual([0, 0, 1_000])
    advance(1_000)
    expect([take(one), take(one), take(one)]).toEqual([0, 0, 60_000])
    advance(-30_000)
    expect(take(one)).toBe(90_000)
  })

  it.each([
    ['a day of 24 hours', '2030-06-10T06:30:00Z', '2030-06-11T07:00:00Z'],
    // Clocks go forward on 10 March 2030 and back on 3 November 2030 in Los Angeles.
    ['a day of 23 hours', '2030-03-10T08:00:00Z', '2030-03-11T07:00:00Z'],
    ['a day of 25 hours', '2030-11-03T07:00:00Z', '2030-11-04T08:00:00Z'],
    ['its last hour', '2030-11-04T07:59:59Z', '2030-11-04T08:00:00Z'],
  ])('of a day begin at the local midnight: %s', (_name, from, next) => {
    const nowMs = Date.parse(from) + (from.includes('06-10') ? 3_600_000 : 0)
    const { take, advance } = budgetsAt(nowMs)
    const one = spender('a', {
      requests: 1,
      perMs: 86_400_000,
      scope: 'app',
      timeZone: 'America/Los_Angeles',
    })
    expect([take(one), take(one)]).toEqual([0, Date.parse(next) - nowMs])
    advance(Date.parse(next) - nowMs - 1)
    expect(take(one)).toBe(1)
    advance(1)
    expect(take(one)).toBe(0)
  })

  it('find the beginning of a day that has no midnight', () => {
    const one = spender('a', { requests: 1, perMs: 86_400_000, scope: 'app', timeZone: 'America/Santiago' })
    // Santiago's midnight of 4 September 2022 did not exist: the day began at 01:00, which is 04:00 UTC.
    const later = budgetsAt(Date.parse('2022-09-03T12:00:00Z'))
    later.take(one)
    expect(later.take(one)).toBe(16 * 3_600_000)
  })

  it('stay small over a million requests, and never give more than declared', () => {
    const { take, advance } = budgetsAt()
    const one = spender('a', { requests: 50_000, perMs: 86_400_000, scope: 'connection' })
    let given = 0
    for (let tries = 0; tries < 100_000; tries += 1) {
      if (take(one) === 0) given += 1
      advance(800)
    }
    expect(given).toBeGreaterThan(49_000)
    expect(given).toBeLessThanOrEqual(50_000)
  })
})
