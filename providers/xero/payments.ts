/** Payments of invoices and bills, and refunds of credits; deleted ones say so in their state. */
import { defineStream, filled, moneyText } from '../../src/provider/index.js'
import { payment } from './api.js'
import { place, readChanged, withDeleted } from './organisation.js'

const OF = { name: 'Payments', id: 'PaymentID' }

/** Money goes to a customer, or comes from a supplier, where a credit is paid back. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['ACCRECPAYMENT', 'received'],
  ['ACCPAYPAYMENT', 'sent'],
  ['ARCREDITPAYMENT', 'refund'],
  ['AROVERPAYMENTPAYMENT', 'refund'],
  ['ARPREPAYMENTPAYMENT', 'refund'],
  ['APCREDITPAYMENT', 'received'],
  ['APOVERPAYMENTPAYMENT', 'received'],
  ['APPREPAYMENTPAYMENT', 'received'],
])

export const payments = defineStream({
  name: 'payments',
  label: 'Payments',
  schema: 'finance/payment',
  scopes: ['accounting.payments.read'],
  cursor: place,
  item: payment,
  deletes: 'feed',
  incremental: true,
  fetchPage: async (http, cursor, context) => withDeleted(await readChanged(http, OF, cursor, context), OF),

  map(item) {
    const { currency, contact } = item
    const amount = moneyText(item.Amount, currency)
    const invoiceId = item.Invoice?.InvoiceID
    return {
      sourceId: item.PaymentID,
      insertedAt: item.Date,
      modifiedAt: item.UpdatedDateUTC,
      fields: {
        name: `Payment of ${contact?.Name ?? item.Date.slice(0, 10)}`,
        type: TYPES.get(item.PaymentType) ?? item.PaymentType,
        status: 'succeeded',
        sourceStatus: item.Status,
        date: item.Date.slice(0, 10),
        currency,
        amount,
        reference: filled(item.Reference),
        contactId: contact?.ContactID,
        contactName: contact?.Name ?? undefined,
        accountId: item.Account?.AccountID ?? undefined,
        allocations: invoiceId ? [{ invoiceId, amount }] : [],
      },
    }
  },
})
