/** Payouts from the Stripe balance to a bank account or card, and the other way round where a balance is below zero. */
import { defineStream } from '../../src/provider/index.js'
import { amountText } from './amounts.js'
import { payout } from './api.js'
import { place, readObjects } from './lists.js'

const STATUS = {
  paid: 'succeeded',
  pending: 'pending',
  in_transit: 'pending',
  canceled: 'cancelled',
  failed: 'failed',
} as const

export const payouts = defineStream({
  name: 'payouts',
  label: 'Payouts',
  schema: 'finance/payment',
  cursor: place,
  item: payout,
  deletes: 'none',
  incremental: true,

  fetchPage: (http, cursor, context) =>
    readObjects(http, { path: 'payouts', object: 'payout', deletes: false }, cursor, context),

  map(item) {
    const amount = amountText(item.amount, item.currency)
    return {
      sourceId: item.id,
      insertedAt: item.created,
      fields: {
        name: `Payout of ${item.arrival_date.slice(0, 10)}`,
        // Money that Stripe takes back from the bank account comes as a payout below zero.
        type: amount.startsWith('-') ? 'transfer' : 'payout',
        status: STATUS[item.status],
        sourceStatus: item.status,
        date: item.arrival_date.slice(0, 10),
        currency: item.currency,
        amount: amount.replace(/^-/, ''),
        method: item.type === 'card' ? 'card' : 'bank-transfer',
        sourceMethod: item.type,
        reference: item.description ?? undefined,
        accountId: item.destination ?? undefined,
        failureCode: item.failure_code ?? undefined,
      },
    }
  },
})
