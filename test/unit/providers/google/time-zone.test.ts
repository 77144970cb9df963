/** Offsets of IANA zones: on both sides of a change of the clock, in the south, and for zones that do not exist. */
import { expect, test } from 'vitest'
import { offsetAt, offsetOfDay, standardOffset } from '../../../../providers/google/time-zone.js'

test.each([
  ['Europe/Lisbon', '+00:00'],
  ['America/New_York', '-05:00'],
  ['Australia/Adelaide', '+09:30'],
  ['Asia/Kolkata', '+05:30'],
  ['UTC', '+00:00'],
])('the standard time of %s is %s', (zone, offset) => {
  expect(standardOffset(zone)).toBe(offset)
})

test.each(['', 'Atlantis/Centre', 'Europe/Lisbon; DROP', 'x'.repeat(100)])('nobody knows %j', (zone) => {
  expect(standardOffset(zone)).toBeUndefined()
  expect(offsetAt(zone, 0)).toBeUndefined()
  expect(offsetOfDay(zone, '2026-03-29')).toBeUndefined()
})

test('a day begins by the clock of before the change, the next one by that of after it', () => {
  expect(offsetOfDay('Europe/Lisbon', '2026-03-29')).toBe('+00:00')
  expect(offsetOfDay('Europe/Lisbon', '2026-03-30')).toBe('+01:00')
  expect(offsetOfDay('Pacific/Auckland', '2026-04-05')).toBe('+13:00')
  expect(offsetOfDay('Pacific/Auckland', '2026-04-06')).toBe('+12:00')
})

test('a date that is none has no offset', () => {
  expect(offsetOfDay('Europe/Lisbon', '2026-02-30x')).toBeUndefined()
  expect(offsetAt('Europe/Lisbon', NaN)).toBeUndefined()
})
