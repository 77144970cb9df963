/** Stripe's minor units as decimals: its own list of digits, which is not quite ISO 4217's. https://docs.stripe.com/currencies */
import { minorToDecimal } from '../../src/provider/index.js'

/** Amounts in these are whole; ISK and UGX are not among them, since Stripe still counts them in hundredths. */
const WHOLE = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
const THOUSANDTHS = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND'])

export function amountText(minor: number | string, currency: string): string {
  return minorToDecimal(minor, WHOLE.has(currency) ? 0 : THOUSANDTHS.has(currency) ? 3 : 2)
}

/** The sum of a list of amounts; undefined where the list is missing. */
export function sumText(
  amounts: readonly { readonly amount: number | string }[] | null | undefined,
  currency: string,
): string | undefined {
  if (!amounts) return undefined
  return amountText(String(amounts.reduce((sum, { amount }) => sum + BigInt(amount), 0n)), currency)
}
