/** Charges: each attempt to take money from a customer, also those that failed, with what was given back. They are never deleted. */
import { defineStream, excerpt } from '../../src/provider/index.js'
import { amountText } from './amounts.js'
import { charge } from './api.js'
import { place, readObjects } from './lists.js'

/** https://docs.stripe.com/api/charges/object#charge_object-payment_method_details */
const METHODS: ReadonlyMap<string | undefined, string> = new Map([
  ...words('card', 'card card_present interac_present'),
  ...words('direct-debit', 'sepa_debit bacs_debit au_becs_debit acss_debit us_bank_account nz_bank_account'),
  ...words('bank-transfer', 'customer_balance ideal bancontact eps giropay p24 sofort fpx blik pay_by_bank'),
  ...words('wallet', 'paypal alipay wechat_pay link cashapp revolut_pay amazon_pay grabpay mobilepay'),
])

function words(method: string, types: string): (readonly [string, string])[] {
  return types.split(' ').map((type) => [type, method])
}

export const payments = defineStream({
  name: 'payments',
  label: 'Payments',
  schema: 'finance/payment',
  cursor: place,
  item: charge,
  deletes: 'none',
  incremental: true,

  fetchPage: (http, cursor, context) =>
    readObjects(http, { path: 'charges', object: 'charge', deletes: false }, cursor, context),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created,
    fields: {
      name: excerpt(item.description, 80) ?? `Payment of ${item.created.slice(0, 10)}`,
      type: 'received',
      status: item.refunded ? 'refunded' : item.status,
      sourceStatus: item.status,
      date: item.created.slice(0, 10),
      paidAt: item.status === 'succeeded' ? item.created : undefined,
      currency: item.currency,
      amount: amountText(item.amount, item.currency),
      amountRefunded: amountText(item.amount_refunded, item.currency),
      method: item.payment_method_details
        ? (METHODS.get(item.payment_method_details.type) ?? 'other')
        : undefined,
      sourceMethod: item.payment_method_details?.type,
      reference: item.receipt_number ?? undefined,
      contactId: item.customer ?? undefined,
      contactName: item.billing_details?.name ?? undefined,
      failureCode: item.failure_code ?? undefined,
    },
  }),
})
