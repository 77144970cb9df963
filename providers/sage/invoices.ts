/** Sales and purchase invoices: nearly the same form twice. */
import { defineStream, excerpt, filled, moneyText } from '../../src/provider/index.js'
import { invoice, type Invoice, type Line } from './api.js'
import { place, readChanged } from './business.js'

/** https://developer.sage.com/accounting/reference/invoicing-sales/#tag/Artefact-Statuses */
const STATUS: ReadonlyMap<string, string> = new Map([
  ['DRAFT', 'draft'],
  ['PROVISIONAL', 'draft'],
  ['UNPAID', 'open'],
  ['PART_PAID', 'open'],
  ['PAID', 'paid'],
  ['VOID', 'void'],
])

const shared = {
  schema: 'finance/invoice',
  cursor: place,
  item: invoice,
  deletes: 'feed',
  incremental: true,
} as const

export const salesInvoices = defineStream({
  ...shared,
  name: 'sales-invoices',
  label: 'Sales invoices',
  fetchPage: (http, cursor, context) =>
    readChanged(http, { path: 'sales_invoices', tellsDeleted: true }, cursor, context),
  map: (item) => draft(item, 'sale'),
})

export const purchaseInvoices = defineStream({
  ...shared,
  name: 'purchase-invoices',
  label: 'Purchase invoices',
  fetchPage: (http, cursor, context) =>
    readChanged(http, { path: 'purchase_invoices', tellsDeleted: true }, cursor, context),
  map: (item) => draft(item, 'purchase'),
})

type Money = (amount: string | null | undefined) => string | undefined

function draft(item: Invoice, type: 'sale' | 'purchase') {
  const money: Money = (amount) => (amount ? moneyText(amount, item.currency.id) : undefined)
  const number = filled(item.invoice_number) ?? filled(item.vendor_reference)
  return {
    sourceId: item.id,
    insertedAt: item.created_at,
    modifiedAt: item.updated_at,
    fields: {
      name: filled(item.displayed_as) ?? number ?? `Invoice of ${item.date}`,
      summary: excerpt(item.notes, 256),
      type,
      status: STATUS.get(item.status.id) ?? 'open',
      sourceStatus: item.status.id,
      number,
      reference: filled(item.reference),
      contactId: item.contact?.id,
      contactName: filled(item.contact_name),
      issueDate: item.date,
      dueDate: item.due_date ?? undefined,
      currency: item.currency.id,
      subtotal: money(item.net_amount),
      discount: money(item.total_discount_amount),
      tax: money(item.tax_amount),
      total: moneyText(item.total_amount, item.currency.id),
      amountPaid: money(item.total_paid),
      amountDue: money(item.outstanding_amount),
      lines: (item.invoice_lines ?? []).map((line) => lineOf(line, money)),
    },
  }
}

function lineOf(line: Line, money: Money) {
  return {
    id: line.id ?? undefined,
    description: filled(line.description),
    quantity: line.quantity ?? undefined,
    unitPrice: money(line.unit_price),
    discount: money(line.discount_amount),
    tax: money(line.tax_amount),
    total: money(line.total_amount),
    accountId: line.ledger_account?.id,
    productId: line.product?.id ?? line.service?.id,
  }
}
