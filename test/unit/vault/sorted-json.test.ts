/** The signed text, against the very library that Verida's clients sign with. */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Json } from '../../../src/lib/canonical-json.js'
import { sortedJson } from '../../../src/vault/sorted-json.js'

const require = createRequire(import.meta.url)
const sortify = createRequire(require.resolve('@verida/encryption-utils'))('json.sortify') as (
  value: Json,
) => string

it.each<[string, Json]>([
  ['members by name', { b: 1, a: { d: null, c: [{ f: 1, e: 2 }] } }],
  ['whole numbers first, by value', { b: 1, 10: 'ten', 9: 'nine', '-1': 0, '01': 0, '1.5': 0 }],
  [
    'numbers that a double cannot hold',
    { '9007199254740993': 1, '9007199254740992': 2, ['1'.repeat(30)]: 3 },
  ],
  ['undefined members', { a: undefined, b: 1 }],
  ['names of Object.prototype', { toString: 1, constructor: 2, hasOwnProperty: 3 }],
  ['a name that cannot be assigned', JSON.parse('{"__proto__":{"x":1},"a":1}') as Json],
  ['characters outside ASCII', { ż: '日本語', é: '👩‍👩‍👧', '\u0000': '\u2028', '': ' ' }],
  ['lone surrogates', { '\ud800': '\udfff' }],
  ['numbers', [0, -0, 1e21, 1e-7, 1.5, 123456789012345680000]],
])('writes %s as json.sortify does', (_what, value) => {
  expect(sortedJson(value)).toBe(sortify(value))
})
it('writes anything as json.sortify does', () => {
  const name = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.nat().map(String),
    fc.bigInt({ min: 0n }).map(String),
  )
  fc.assert(
    fc.property(fc.dictionary(name, fc.jsonValue({ noUnicodeString: false })), (value) => {
      expect(sortedJson(value as Json)).toBe(sortify(value as Json))
    }),
  )
})
