/** Payments of each location, with what was given back. https://developer.squareup.com/reference/square/payments-api/list-payments */
import { currencyDigits, defineStream, filled, minorToDecimal, readAnswer } from '../../src/provider/index.js'
import { payment, listAnswer } from './api.js'
import { byChange, HEADERS, locationIds, moneyOf } from './lists.js'

const PAGE_SIZE = 100
/** Before Square's first payment: without a beginning only the last year is listed. */
const BEGINNING = '2009-01-01T00:00:00Z'

const STATUS = {
  APPROVED: 'pending',
  PENDING: 'pending',
  COMPLETED: 'succeeded',
  CANCELED: 'cancelled',
  FAILED: 'failed',
} as const

/** https://developer.squareup.com/reference/square/objects/Payment#definition__property-source_type */
const METHOD: Readonly<Record<string, string>> = {
  CARD: 'card',
  BANK_ACCOUNT: 'bank-transfer',
  WALLET: 'wallet',
  SQUARE_ACCOUNT: 'wallet',
  CASH: 'cash',
}

export const payments = defineStream({
  name: 'payments',
  label: 'Payments',
  schema: 'finance/payment',
  scopes: ['PAYMENTS_READ', 'MERCHANT_PROFILE_READ'],
  item: payment,
  deletes: 'none',
  partitions: locationIds,
  ...byChange(async (http, { settings: { apiOrigin }, partition, since, cursor }) => {
    const from = since === undefined ? { begin_time: BEGINNING } : { updated_at_begin_time: since }
    const query = {
      ...from,
      sort_field: 'UPDATED_AT',
      sort_order: 'ASC',
      location_id: partition,
      limit: PAGE_SIZE,
      cursor,
    }
    const answer = await http.get(`${apiOrigin}/v2/payments`, { query, headers: HEADERS })
    const { items, next } = readAnswer(listAnswer('payments'), answer)
    return { items: items.map(withoutLink), next }
  }),

  map(item) {
    const { currency } = item.total_money
    const refunded = BigInt(item.refunded_money?.amount ?? 0)
    const isGivenBack = refunded > 0n && refunded >= BigInt(item.total_money.amount)
    const fee = (item.processing_fee ?? []).reduce((sum, one) => sum + BigInt(one.amount_money.amount), 0n)
    const note = filled(item.note)
    return {
      sourceId: item.id,
      insertedAt: item.created_at,
      modifiedAt: item.updated_at,
      fields: {
        name: note ?? `Payment of ${item.created_at.slice(0, 10)}`,
        type: 'received',
        status: item.status === 'COMPLETED' && isGivenBack ? 'refunded' : STATUS[item.status],
        sourceStatus: item.status,
        date: item.created_at.slice(0, 10),
        paidAt: item.status === 'COMPLETED' ? item.created_at : undefined,
        currency,
        amount: moneyOf(item.total_money),
        amountRefunded: moneyOf(item.refunded_money),
        fee: item.processing_fee ? minorToDecimal(String(fee), currencyDigits(currency)) : undefined,
        method: METHOD[item.source_type ?? ''] ?? 'other',
        sourceMethod: filled(item.source_type),
        reference: filled(item.reference_id) ?? filled(item.receipt_number),
        contactId: filled(item.customer_id),
        failureCode: filled(item.card_details?.errors?.[0]?.code),
      },
    }
  },
})

/** Without the receipt, which lets in whoever has its address. */
function withoutLink(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'receipt_url'))
}
