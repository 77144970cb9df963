/** The bus of what runs tell, and the bell of the loop. */
import { describe, expect, test } from 'vitest'
import { createBell } from '../../../src/jobs/bell.js'
import { progressBus, type ProgressEvent } from '../../../src/jobs/progress.js'

describe('progress', () => {
  test('a follower hears its connector only, until it stops', () => {
    const bus = progressBus(() => 7)
    const heard: ProgressEvent[] = []
    const stop = bus.progressOf('a').follow((event) => heard.push(event))
    bus.tell('a', 'started', { attempt: 1 })
    bus.tell('b', 'started')
    stop()
    bus.tell('a', 'finished')
    expect(heard).toEqual([{ kind: 'started', sequence: 1, atMs: 7, facts: { attempt: 1 } }])
    expect(bus.progressOf('a').latest()?.kind).toBe('finished')
  })

  test('one that stops while an event is told does not take it from another', () => {
    const bus = progressBus(() => 0)
    const heard: string[] = []
    const stop = bus.progressOf('a').follow(() => stop())
    bus.progressOf('a').follow(({ kind }) => heard.push(kind))
    bus.tell('a', 'queued')
    expect(heard).toEqual(['queued'])
  })

  test('only so many last events are kept: the oldest are forgotten first', () => {
    const bus = progressBus(() => 0)
    for (let index = 0; index <= 10_000; index++) bus.tell(`connector-${index}`, 'finished')
    expect(bus.progressOf('connector-0').latest()).toBeUndefined()
    expect(bus.progressOf('connector-1').latest()).toBeDefined()
  })
})

describe('the bell', () => {
  test('ends a wait', async () => {
    const bell = createBell()
    const waited = bell.wait(60_000)
    bell.ring()
    await waited
  })

  test('rung beforehand, it ends the next wait at once, and only that', async () => {
    const bell = createBell()
    bell.ring()
    bell.ring()
    await bell.wait(60_000)
    const late = bell.wait(20).then(() => 'late')
    expect(await Promise.race([late, Promise.resolve('at once')])).toBe('at once')
    await late
  })
})
