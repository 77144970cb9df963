/** Amounts of services come out as the exact decimal texts that the schemas take. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createValidator, SCHEMA_BASE_URL } from '../../../schemas/index.js'
import {
  currencyCode,
  currencyDigits,
  decimal,
  decimalText,
  minorToDecimal,
  minorUnits,
  moneyText,
} from '../../../src/provider/index.js'

const isDecimal = createValidator(`${SCHEMA_BASE_URL}value/decimal/v0.1.0/schema.json`)

describe('currencies', () => {
  it.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['ISK', 0],
    ['XYZ', 2],
  ])('%s has %i digits', (code, digits) => {
    expect(currencyDigits(code)).toBe(digits)
  })
  it('come out in capitals', () => {
    expect(currencyCode.parse('usd')).toBe('USD')
  })
  it.each(['Euro', '€', '', 'us', 978, null])('%j is none', (value) => {
    expect(currencyCode.safeParse(value).success).toBe(false)
  })
})

describe('minor units', () => {
  it.each([
    [1099, 2, '10.99'],
    [5, 2, '0.05'],
    [-5, 2, '-0.05'],
    [0, 2, '0.00'],
    [-0, 2, '0.00'],
    [500, 0, '500'],
    [5124, 3, '5.124'],
    [-120, 3, '-0.120'],
    ['90071992547409931', 2, '900719925474099.31'],
  ])('%j with %i digits is %j', (minor, digits, text) => {
    expect(minorToDecimal(minor, digits)).toBe(text)
  })
  it.each([1.5, 'ten', '1.5', null, Number.NaN])('%j are none', (value) => {
    expect(minorUnits.safeParse(value).success).toBe(false)
  })
  it('keep their value in every digit', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
        fc.integer({ min: 0, max: 4 }),
        (minor, digits) => {
          const text = minorToDecimal(String(minor), digits)
          expect(BigInt(text.replace('.', ''))).toBe(minor)
          expect(isDecimal(text)).toEqual({ ok: true })
        },
      ),
    )
  })
})

describe('decimal texts', () => {
  it.each([
    [1150.1, '1150.1'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
    [-0, '0'],
    ['-0.00', '0'],
    ['+007.50', '7.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['12.3e2', '1230'],
    ['12.3e-2', '0.123'],
    ['12.34e1', '123.4'],
    [' 19.90 ', '19.9'],
    ['123456789012345678.123456789', '123456789012345678.123456789'],
  ])('%j is %j', (value, text) => {
    expect(decimalText(value)).toBe(text)
    expect(decimal.parse(value)).toBe(text)
  })
  it.each([
    '',
    '.',
    '-',
    '1,234.50',
    '1.234,50',
    '€ 5',
    '5 EUR',
    '0x10',
    '1e999',
    '1e-99',
    'NaN',
    Number.NaN,
    Infinity,
  ])('%j is none', (value) => {
    expect(decimalText(value)).toBeUndefined()
    expect(decimal.safeParse(value).success).toBe(false)
  })
  it('hold every number of a service', () => {
    fc.assert(
      fc.property(
        fc
          .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
          .filter((value) => value === 0 || Math.abs(value) > 1e-20),
        (value) => {
          const text = decimalText(value) ?? 'none'
          expect(isDecimal(text)).toEqual({ ok: true })
          expect(Number(text)).toBeCloseTo(value, 12)
        },
      ),
    )
  })
})

describe('money', () => {
  it.each([
    ['12.5', 'EUR', '12.50'],
    ['12', 'EUR', '12.00'],
    ['-3', 'KWD', '-3.000'],
    ['12', 'JPY', '12'],
    ['12.5', 'JPY', '12.5'],
    ['0.3333', 'USD', '0.3333'],
  ])('%s in %s is %s', (amount, currency, text) => {
    expect(moneyText(amount, currency)).toBe(text)
  })
})
