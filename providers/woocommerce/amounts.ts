/** Sums of WooCommerce's amounts, which are decimal texts of any number of decimals. */
import { decimalText } from '../../src/provider/index.js'

/** Exact; undefined of nothing. */
export function sum(amounts: readonly (string | null | undefined)[]): string | undefined {
  const given = amounts.filter((amount) => typeof amount === 'string')
  if (given.length === 0) return undefined
  const decimals = Math.max(...given.map((amount) => (amount.split('.')[1] ?? '').length))
  const units = given.reduce((total, amount) => total + unitsOf(amount, decimals), 0n)
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const point = digits.length - decimals
  return decimalText(`${units < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`)
}

function unitsOf(amount: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`)
}
