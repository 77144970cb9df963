import { describe, expect, it } from 'vitest'
import { createBudgets, type Spender } from '../../../src/outbound/index.js'
import type { RateBudget } from '../../../src/provider/index.js'

function budgetsAt(startMs = 1_000_000) {
  let now = startMs
  const budgets = createBudgets({ now: () => now })
  return {
    take: (one: Spender) => budgets.take(one),
    pause: (one: Spender, ms: number) => budgets.pause(one, ms),
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
})
