/** Invoices to customers, drafts included; a deleted draft is told by an event. */
import { defineStream, excerpt } from '../../src/provider/index.js'
import { amountText, sumText } from './amounts.js'
import { invoice, type Invoice } from './api.js'
import { place, readObjects } from './lists.js'

export const invoices = defineStream({
  name: 'invoices',
  label: 'Invoices',
  schema: 'finance/invoice',
  cursor: place,
  item: invoice,
  deletes: 'feed',
  incremental: true,
  fetchPage: (http, cursor, context) =>
    readObjects(http, { path: 'invoices', object: 'invoice', deletes: true }, cursor, context),

  map(item) {
    const { currency, status_transitions: times } = item
    const amount = (minor: number | string) => amountText(minor, currency)
    return {
      sourceId: item.id,
      insertedAt: item.created,
      modifiedAt: latest(item),
      fields: {
        name: item.number ?? `Draft of ${item.created.slice(0, 10)}`,
        summary: excerpt(item.description, 256),
        type: 'sale',
        status: item.status,
        sourceStatus: item.status,
        number: item.number ?? undefined,
        contactId: item.customer ?? undefined,
        contactName: item.customer_name ?? undefined,
        issueDate: (times.finalized_at ?? item.created).slice(0, 10),
        dueDate: item.due_date?.slice(0, 10),
        paidAt: times.paid_at ?? undefined,
        currency,
        subtotal: amount(item.subtotal),
        discount: sumText(item.total_discount_amounts, currency),
        tax: sumText(item.total_taxes, currency),
        total: amount(item.total),
        amountPaid: amount(item.amount_paid),
        amountDue: amount(item.amount_remaining),
        lines: item.lines.data.map((line) => ({
          id: line.id,
          description: line.description ?? undefined,
          quantity: line.quantity?.toString(),
          total: amount(line.amount),
        })),
      },
    }
  },
})

/** Objects have no time of change: the last of the steps that are dated. */
function latest({ created, status_transitions: times }: Invoice): string {
  const steps = [times.finalized_at, times.marked_uncollectible_at, times.paid_at, times.voided_at]
  return steps.reduce<string>((last, step) => (step && step > last ? step : last), created)
}
