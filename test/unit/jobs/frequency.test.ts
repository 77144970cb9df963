/** When a connector runs next: pure, so the whole calendar can be asked. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import { FREQUENCY_EXAMPLES, nextRun, nextRunAfter, parseFrequency } from '../../../src/jobs/index.js'

const at = (text: string): number => Date.parse(text)
const shown = (ms: number): string => new Date(ms).toISOString()
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('frequencies', () => {
  test.each([
    ['hourly', HOUR],
    ['daily', DAY],
    ['weekly', 7 * DAY],
    ['every 5 minutes', 5 * MINUTE],
    [' Every 90 Minutes ', 90 * MINUTE],
  ])('%s is an interval', (text, everyMs) => {
    expect(nextRun(text, 1_000)).toBe(1_000 + everyMs)
  })

  test.each([
    ['0 6 * * 1-5', '2026-11-20T06:00:00Z', '2026-11-23T06:00:00.000Z'],
    ['*/15 * * * *', '2026-11-20T06:14:59Z', '2026-11-20T06:15:00.000Z'],
    ['*/15 * * * *', '2026-11-20T06:15:00Z', '2026-11-20T06:30:00.000Z'],
    ['30 23 31 * *', '2026-11-01T00:00:00Z', '2026-12-31T23:30:00.000Z'],
    ['0 0 29 2 *', '2096-03-01T00:00:00Z', '2104-02-29T00:00:00.000Z'],
    ['0 0 * * sun', '2026-11-20T00:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['0 0 * * 7', '2026-11-20T00:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['0 0 1 jan,jul *', '2026-11-20T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['10-40/15 8 * * *', '2026-11-20T08:10:00Z', '2026-11-20T08:25:00.000Z'],
    ['59 23 31 12 *', '2026-12-31T23:58:59.999Z', '2026-12-31T23:59:00.000Z'],
  ])('%s after %s is %s', (text, after, next) => {
    expect(shown(nextRun(text, at(after)))).toBe(next)
  })

  test('with both day fields restricted a day that fits either one counts', () => {
    expect(shown(nextRun('0 0 13 * fri', at('2026-11-10T00:00:00Z')))).toBe('2026-11-13T00:00:00.000Z')
    expect(shown(nextRun('0 0 13 * fri', at('2026-11-13T00:00:00Z')))).toBe('2026-11-20T00:00:00.000Z')
  })

  test.each([
    ['', 'use hourly'],
    ['fortnightly', 'use hourly'],
    ['toString', 'use hourly'],
    ['every 4 minutes', 'at least 5 minutes'],
    ['every 0 minutes', 'at least 5 minutes'],
    ['every 99999 minutes', 'at most'],
    ['every -5 minutes', 'five fields'],
    ['* * * * *', 'at least 5 minutes'],
    ['0,3 * * * *', 'at least 5 minutes'],
    ['58,1 * * * *', 'at least 5 minutes'],
    ['59 23 * * *,', 'not valid'],
    ['0 0 31 2 *', 'never fires'],
    ['0 0 30 feb *', 'never fires'],
    ['60 * * * *', 'minute'],
    ['0 24 * * *', 'hour'],
    ['0 0 0 * *', 'day of the month'],
    ['0 0 * 13 *', 'month'],
    ['0 0 * * 8', 'day of the week'],
    ['*/0 * * * *', 'minute'],
    ['5-1 * * * *', 'minute'],
    ['0 0 * * * *', 'five fields'],
    ['@hourly', 'use hourly'],
  ])('"%s" is refused with the field and a sentence', (text, sentence) => {
    let thrown: unknown
    try {
      parseFrequency(text)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(NodeError)
    const { code, fields } = thrown as NodeError
    expect(code).toBe('REQUEST_INVALID')
    expect(fields?.[0]?.path).toBe('sync_frequency')
    expect(fields?.[0]?.message).toContain(sentence)
  })

  test('every example of the catalog is one', () => {
    for (const example of FREQUENCY_EXAMPLES) expect(() => parseFrequency(example)).not.toThrow()
  })

  test('a time is found quickly, however rare', () => {
    const began = performance.now()
    nextRun('0 0 29 2 *', at('2096-02-29T00:00:00Z'))
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})

describe('the run after a due one', () => {
  const moment = fc.integer({ min: 0, max: 4_000_000_000_000 })

  test('is after now, however long ago it was due and however far ahead the clock had put it', () => {
    fc.assert(
      fc.property(moment, moment, fc.constantFrom(...FREQUENCY_EXAMPLES), (due, now, text) => {
        expect(nextRunAfter(text, due, now)).toBeGreaterThan(now)
      }),
    )
  })

  test('of an interval keeps its phase and is at most one interval away', () => {
    fc.assert(
      fc.property(moment, moment, fc.integer({ min: 5, max: 44_640 }), (due, now, minutes) => {
        const next = nextRunAfter(`every ${minutes} minutes`, due, now)
        expect((next - due) % (minutes * MINUTE)).toBe(next < due ? -0 : 0)
        expect(next - now).toBeLessThanOrEqual(minutes * MINUTE)
      }),
    )
  })

  test('of a cron expression is the one after now', () => {
    fc.assert(
      fc.property(moment, moment, (due, now) => {
        const next = nextRunAfter('0 6 * * *', due, now)
        expect(next % DAY).toBe(6 * HOUR)
        expect(next - now).toBeLessThanOrEqual(DAY)
      }),
    )
  })
})
