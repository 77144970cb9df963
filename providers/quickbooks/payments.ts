/** Payments of customers, with the invoices that they pay. */
import { defineStream, excerpt, filled, moneyText } from '../../src/provider/index.js'
import { payment } from './api.js'
import { place, readEntity } from './company.js'
import { settings } from './settings.js'

export const payments = defineStream({
  name: 'payments',
  label: 'Payments',
  settings,
  schema: 'finance/payment',
  cursor: place,
  item: payment,
  deletes: 'feed',
  incremental: true,
  fetchPage: (http, cursor, context) =>
    readEntity(http, { name: 'Payment', hasActive: false, hasAmounts: true }, cursor, context),

  map(item) {
    const currency = item.CurrencyRef.value
    const isVoid = item.TotalAmt === '0' && /^voided/i.test(item.PrivateNote ?? '')
    return {
      sourceId: item.Id,
      insertedAt: item.MetaData.CreateTime,
      modifiedAt: item.MetaData.LastUpdatedTime,
      fields: {
        name: `Payment of ${item.CustomerRef.name ?? item.TxnDate}`,
        summary: excerpt(item.PrivateNote, 256),
        type: 'received',
        status: isVoid ? 'cancelled' : 'succeeded',
        date: item.TxnDate,
        currency,
        amount: moneyText(item.TotalAmt, currency),
        sourceMethod: item.PaymentMethodRef?.name ?? undefined,
        reference: filled(item.PaymentRefNum),
        contactId: item.CustomerRef.value,
        contactName: item.CustomerRef.name ?? undefined,
        accountId: item.DepositToAccountRef?.value,
        allocations: (item.Line ?? []).flatMap(({ Amount: amount, LinkedTxn: linked }) =>
          (linked ?? [])
            .filter(({ TxnType: kind }) => kind === 'Invoice')
            .map(({ TxnId: invoiceId }) => ({
              invoiceId,
              amount: amount ? moneyText(amount, currency) : undefined,
            })),
        ),
      },
    }
  },
})
