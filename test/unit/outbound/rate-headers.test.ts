import { describe, expect, it } from 'vitest'
import { toldLimit, resetMs } from '../../../src/outbound/rate-headers.js'
import type { RateHeaders } from '../../../src/provider/index.js'

const NOW = Date.UTC(2030, 0, 1)
const named = (resetForm: RateHeaders['resetForm']): RateHeaders => ({
  remaining: 'X-Left',
  reset: 'X-Reset',
  resetForm,
})

describe('headers that tell a limit', () => {
  it.each([
    ['epoch-s', String(NOW / 1_000 + 90), 90_000],
    ['epoch-ms', String(NOW + 1_500), 1_500],
    ['seconds', '12.5', 12_500],
    ['date', '2030-01-01T00:01:00Z', 60_000],
    ['date', 'Tue, 01 Jan 2030 00:00:30 GMT', 30_000],
    ['seconds', '9999999999', 86_400_000],
  ] as const)('say by %s %s how long nothing is left', (form, reset, expected) => {
    expect(toldLimit(named(form), { 'x-left': '0', 'x-reset': reset }, NOW)).toEqual({
      left: 0,
      forMs: expected,
    })
  })

  it('say what is left, and never less than nothing', () => {
    const left = (text: string) => toldLimit(named('seconds'), { 'x-left': text, 'x-reset': '10' }, NOW)
    expect([left('41'), left(' 1.5 '), left('-3')]).toEqual([
      { left: 41, forMs: 10_000 },
      { left: 1, forMs: 10_000 },
      { left: 0, forMs: 10_000 },
    ])
  })

  it.each([
    ['what is left is no number', 'seconds', 'none', '10'],
    ['what is left is empty', 'seconds', '', '10'],
    ['two are told', 'seconds', '0, 5', '10'],
    ['the reset is no number', 'epoch-s', '0', 'soon'],
    ['the reset is of another form', 'date', '0', '1893456090'],
    ['the reset is over', 'epoch-s', '0', '5'],
    ['the reset is negative', 'seconds', '0', '-5'],
    ['the reset is now', 'seconds', '0', '0'],
  ] as const)('say nothing when %s', (_why, form, left, reset) => {
    expect(toldLimit(named(form), { 'x-left': left, 'x-reset': reset }, NOW)).toBeUndefined()
  })

  it('say nothing when they are missing or not declared', () => {
    expect(toldLimit(named('seconds'), { 'x-left': '0' }, NOW)).toBeUndefined()
    expect(toldLimit(named('seconds'), { 'x-reset': '5' }, NOW)).toBeUndefined()
    expect(toldLimit(undefined, { 'x-left': '0', 'x-reset': '5' }, NOW)).toBeUndefined()
    expect(resetMs(undefined, { '': '5' }, NOW)).toBeUndefined()
  })
})
