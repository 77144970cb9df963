import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactJson } from '../../../src/lib/exact-json.js'

const read = (text: string) => parseExactJson(text, 50)

describe('exact JSON', () => {
  it.each([
    ['[9007199254740991]', [9007199254740991]],
    ['[9007199254740992,9007199254740993]', ['9007199254740992', '9007199254740993']],
    ['{"id": -9007199254740993 }', { id: '-9007199254740993' }],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['[12345678901234567890.5, 1e20, 0.1, -0]', [12345678901234567890.5, 1e20, 0.1, -0]],
    ['[1e999]', ['1e999']],
    ['"9007199254740993"', '9007199254740993'],
    ['{"a":"\\\\","b":9007199254740993}', { a: '\\', b: '9007199254740993' }],
    ['["\\"9007199254740993", 1]', ['"9007199254740993', 1]],
    ['{"9007199254740993":[]}', { '9007199254740993': [] }],
    ['null', null],
  ])('reads %s', (text, value) => expect(read(text)).toEqual(value))

  it.each([
    '{9007199254740993:1}',
    '09007199254740993',
    '+9007199254740993',
    '--9007199254740993',
    '[9007199254740993 9007199254740993]',
    '[9007199254740993"a"]',
    '9007199254740993a',
    '.9007199254740993',
    '9007199254740993.',
    '["9007199254740993',
    '[1,]',
    '',
  ])('does not make JSON of %s', (text) => expect(() => read(text)).toThrow(SyntaxError))

  it('gives members named __proto__ no power', () => {
    const value = read('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it('refuses what is nested deeper than the cap, and counts no brackets in strings', () => {
    expect(read('['.repeat(50) + ']'.repeat(50))).toBeDefined()
    expect(() => read('['.repeat(51) + ']'.repeat(51))).toThrow('nested too deeply')
    expect(read(JSON.stringify('['.repeat(51)))).toBeDefined()
    expect(read(`[${'[],'.repeat(200)}1]`)).toHaveLength(201)
  })

  it('reads as JSON.parse does where numbers are exact', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text, exact)))
      }),
    )
  })

  it('keeps every integer', () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        expect(BigInt((read(`{"n":${number}}`) as { n: string | number }).n)).toBe(number)
      }),
    )
  })
})

/** Doubles up to 1e21 are written with all their digits. */
function exact(_key: string, value: unknown): unknown {
  const isLong = Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value))
  return isLong ? String(value) : value
}
