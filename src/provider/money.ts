/** Money as text: minor units and decimal numbers of services in the one form that the finance and commerce schemas take. */
import { z } from 'zod'

/**
 * Currencies whose minor unit is not a hundredth, by ISO 4217; all others have two digits.
 * https://www.six-group.com/en/products-services/financial-information/data-standards.html
 */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ...list(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...list(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...list(4, 'CLF UYW'),
])

function list(digits: number, codes: string): (readonly [string, number])[] {
  return codes.split(' ').map((code) => [code, digits])
}

/** Digits of a currency's minor unit; services that count otherwise keep a list of their own. */
export function currencyDigits(currency: string): number {
  return DIGITS.get(currency) ?? 2
}

/** An ISO 4217 code in any case, as capitals. */
export const currencyCode = z
  .string()
  .regex(/^[A-Za-z]{3}$/)
  .transform((code) => code.toUpperCase())

/** Minor units (1099 cents) as services count them: a whole number, or its digits where it is beyond 2^53. */
export const minorUnits = z.union([z.int(), z.string().regex(/^-?\d{1,30}$/)])

/** `1099` with 2 digits is `10.99`. @throws RangeError when it is no whole number */
export function minorToDecimal(minor: number | string, digits: number): string {
  const value = BigInt(minor)
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const fraction = digits === 0 ? '' : `.${text.slice(-digits)}`
  return `${value < 0n ? '-' : ''}${whole}${fraction}`
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/
/** Numbers of this length are no amounts; without a limit an exponent would write a text of any length. */
const MAX_LENGTH = 60

/** A decimal number, or its text, as services send amounts and quantities: comes out as plain text without needless zeros. */
export const decimal = z.union([z.number(), z.string()]).transform((value, context) => {
  const text = decimalText(value)
  if (text !== undefined) return text
  context.addIssue({ code: 'custom', message: 'not a decimal number' })
  return z.NEVER
})

/** Plain decimal text: `1e3`, `+007.50` and `.5` are `1000`, `7.5` and `0.5`. Undefined when it is no decimal number. */
export function decimalText(value: number | string): string | undefined {
  const [match, sign = '', before = '', after = '', exponent = '0'] = DECIMAL.exec(String(value).trim()) ?? []
  if (match === undefined || before + after === '') return undefined
  const shift = Number(exponent)
  if (before.length + after.length + Math.abs(shift) > MAX_LENGTH) return undefined
  const all = `${before}${after}`
  const point = before.length + shift
  const whole = point > 0 ? all.padEnd(point, '0').slice(0, point) : ''
  const fraction = point >= 0 ? all.slice(point) : all.padStart(all.length - point, '0')
  return joined(sign, whole.replace(/^0+/, ''), fraction.replace(/0+$/, ''))
}

function joined(sign: string, whole: string, fraction: string): string {
  const text = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
  return sign === '-' && text !== '0' ? `-${text}` : text
}

/** A decimal text with as many decimals as its currency has at least: `12.5` in EUR is `12.50`, in JPY `12.5`. */
export function moneyText(amount: string, currency: string): string {
  const digits = currencyDigits(currency)
  const [whole = '0', fraction = ''] = amount.split('.')
  const padded = fraction.padEnd(digits, '0')
  return padded === '' ? whole : `${whole}.${padded}`
}
