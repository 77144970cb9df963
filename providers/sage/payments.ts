/** Payments and receipts that belong to a contact, with the invoices that they pay. */
import { defineStream, filled, moneyText } from '../../src/provider/index.js'
import { payment } from './api.js'
import { place, readChanged } from './business.js'

/** https://developer.sage.com/accounting/guides/concepts/payments */
const TYPES = {
  CUSTOMER_RECEIPT: 'received',
  CUSTOMER_REFUND: 'refund',
  VENDOR_PAYMENT: 'sent',
  VENDOR_REFUND: 'received',
} as const
const METHODS: ReadonlyMap<string, string> = new Map([
  ['CASH', 'cash'],
  ['CHECK', 'cheque'],
  ['CREDIT_DEBIT', 'card'],
  ['ELECTRONIC', 'bank-transfer'],
  ['BANK_RECEIPT', 'bank-transfer'],
  ['CREDIT_TRANSFER', 'bank-transfer'],
  ['DIRECT_DEBIT', 'direct-debit'],
])

export const payments = defineStream({
  name: 'payments',
  label: 'Payments and receipts',
  schema: 'finance/payment',
  cursor: place,
  item: payment,
  deletes: 'feed',
  incremental: true,
  fetchPage: (http, cursor, context) =>
    readChanged(http, { path: 'contact_payments', tellsDeleted: true }, cursor, context),

  map(item) {
    const currency = item.currency.id
    const method = item.payment_method?.id
    const contactName = filled(item.contact?.displayed_as)
    return {
      sourceId: item.id,
      insertedAt: item.created_at,
      modifiedAt: item.updated_at,
      fields: {
        name: `Payment of ${contactName ?? item.date}`,
        type: TYPES[item.transaction_type.id],
        status: 'succeeded',
        date: item.date,
        currency,
        amount: moneyText(item.total_amount, currency),
        method: method === undefined ? undefined : (METHODS.get(method) ?? 'other'),
        sourceMethod: method,
        reference: filled(item.reference),
        contactId: item.contact?.id,
        contactName,
        accountId: item.bank_account?.id,
        allocations: (item.allocated_artefacts ?? []).map(({ artefact, amount }) => ({
          invoiceId: artefact.id,
          amount: amount ? moneyText(amount, currency) : undefined,
        })),
      },
    }
  },
})
