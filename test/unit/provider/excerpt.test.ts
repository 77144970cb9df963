/** Shortened texts keep whole characters and their limit. */
import { describe, expect, it } from 'vitest'
import { excerpt } from '../../../src/provider/index.js'

describe('an excerpt', () => {
  it.each([
    ['  two\n lines ', 80, 'two lines'],
    ['', 80, undefined],
    [null, 80, undefined],
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['ab👩🏽‍🌾cd', 6, 'ab…'],
    ['cafe\u0301s', 5, 'caf…'],
  ])('of %j in %i is %j', (text, max, wanted) => {
    expect(excerpt(text, max)).toBe(wanted)
  })

  it('never passes its limit', () => {
    expect(excerpt('👨‍👩‍👧‍👦'.repeat(1_000), 256)?.length).toBeLessThanOrEqual(256)
  })
})
