/** Sales invoices and bills; deleted drafts say so in their state. */
import { defineStream, filled, moneyText } from '../../src/provider/index.js'
import { invoice, type Line } from './api.js'
import { place, readChanged, withDeleted } from './organisation.js'

const OF = { name: 'Invoices', id: 'InvoiceID' }
/** https://developer.xero.com/documentation/api/accounting/types#invoice-status-codes */
const STATUS = {
  DRAFT: 'draft',
  SUBMITTED: 'draft',
  AUTHORISED: 'open',
  PAID: 'paid',
  VOIDED: 'void',
} as const

export const invoices = defineStream({
  name: 'invoices',
  label: 'Invoices and bills',
  schema: 'finance/invoice',
  scopes: ['accounting.invoices.read'],
  cursor: place,
  item: invoice,
  deletes: 'feed',
  incremental: true,
  fetchPage: async (http, cursor, context) => withDeleted(await readChanged(http, OF, cursor, context), OF),

  map(item) {
    const money = (amount: string | null | undefined) =>
      amount ? moneyText(amount, item.CurrencyCode) : undefined
    const number = filled(item.InvoiceNumber)
    const isSale = item.Type === 'ACCREC'
    return {
      sourceId: item.InvoiceID,
      insertedAt: item.Date,
      modifiedAt: item.UpdatedDateUTC,
      fields: {
        name: number ?? `${isSale ? 'Invoice' : 'Bill'} of ${item.Date.slice(0, 10)}`,
        type: isSale ? 'sale' : 'purchase',
        status: STATUS[item.Status],
        sourceStatus: item.Status,
        number,
        reference: filled(item.Reference),
        contactId: item.Contact.ContactID,
        contactName: item.Contact.Name ?? undefined,
        issueDate: item.Date.slice(0, 10),
        dueDate: item.DueDate?.slice(0, 10),
        paidAt: item.FullyPaidOnDate ?? undefined,
        currency: item.CurrencyCode,
        subtotal: money(item.SubTotal),
        discount: money(item.TotalDiscount),
        tax: money(item.TotalTax),
        total: money(item.Total),
        amountPaid: money(item.AmountPaid),
        amountDue: money(item.AmountDue),
        lines: (item.LineItems ?? []).map((line) => lineOf(line, money)),
      },
    }
  },
})

function lineOf(line: Line, money: (amount: string | null | undefined) => string | undefined) {
  return {
    id: line.LineItemID ?? undefined,
    description: filled(line.Description),
    quantity: line.Quantity ?? undefined,
    unitPrice: money(line.UnitAmount),
    discount: money(line.DiscountAmount),
    tax: money(line.TaxAmount),
    total: money(line.LineAmount),
    accountId: line.AccountID ?? line.AccountCode ?? undefined,
    productId: line.Item?.ItemID ?? undefined,
  }
}
