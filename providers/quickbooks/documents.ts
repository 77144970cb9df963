/** Invoices to customers and bills of vendors: the same form twice. */
import { defineStream, excerpt, filled, moneyText } from '../../src/provider/index.js'
import { document, type Document, type Line } from './api.js'
import { place, readEntity } from './company.js'
import { settings } from './settings.js'

const shared = {
  settings,
  schema: 'finance/invoice',
  cursor: place,
  item: document,
  deletes: 'feed',
  incremental: true,
} as const

export const invoices = defineStream({
  ...shared,
  name: 'invoices',
  label: 'Invoices',
  fetchPage: (http, cursor, context) =>
    readEntity(http, { name: 'Invoice', hasActive: false, hasAmounts: true }, cursor, context),
  map: (item) => draft(item, 'sale'),
})

export const bills = defineStream({
  ...shared,
  name: 'bills',
  label: 'Bills',
  fetchPage: (http, cursor, context) =>
    readEntity(http, { name: 'Bill', hasActive: false, hasAmounts: true }, cursor, context),
  map: (item) => draft(item, 'purchase'),
})

function draft(item: Document, type: 'sale' | 'purchase') {
  const currency = item.CurrencyRef.value
  const party = type === 'sale' ? item.CustomerRef : item.VendorRef
  const number = filled(item.DocNumber)
  const tax = item.TxnTaxDetail?.TotalTax
  return {
    sourceId: item.Id,
    insertedAt: item.MetaData.CreateTime,
    modifiedAt: item.MetaData.LastUpdatedTime,
    fields: {
      name: number ?? `${type === 'sale' ? 'Invoice' : 'Bill'} of ${item.TxnDate}`,
      summary: excerpt(item.PrivateNote, 256),
      type,
      status: statusOf(item),
      number,
      contactId: party?.value,
      contactName: party?.name ?? undefined,
      issueDate: item.TxnDate,
      dueDate: item.DueDate ?? undefined,
      currency,
      tax: tax ? moneyText(tax, currency) : undefined,
      total: moneyText(item.TotalAmt, currency),
      amountDue: moneyText(item.Balance, currency),
      lines: (item.Line ?? [])
        .filter(({ DetailType: kind }) => kind !== 'SubTotalLineDetail')
        .map((line) => lineOf(line, currency)),
      memo: filled(item.CustomerMemo?.value),
    },
  }
}

/** There is no status: a voided one keeps its number, has no amount and says so in the note that is written for it. */
function statusOf({
  TotalAmt: total,
  Balance: balance,
  PrivateNote: note,
}: Document): 'void' | 'paid' | 'open' {
  if (total === '0' && /^voided/i.test(note ?? '')) return 'void'
  return balance === '0' ? 'paid' : 'open'
}

function lineOf(line: Line, currency: string) {
  const detail = line.SalesItemLineDetail ?? line.ItemBasedExpenseLineDetail
  return {
    id: line.Id ?? undefined,
    description: filled(line.Description),
    quantity: detail?.Qty ?? undefined,
    unitPrice: detail?.UnitPrice ? moneyText(detail.UnitPrice, currency) : undefined,
    total: line.Amount ? moneyText(line.Amount, currency) : undefined,
    productId: detail?.ItemRef?.value,
    accountId: line.AccountBasedExpenseLineDetail?.AccountRef?.value,
  }
}
