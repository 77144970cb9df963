/** The chart of accounts, in one answer; archived ones stay in it, deleted ones do not. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { account } from './api.js'
import { get } from './organisation.js'

/** https://developer.xero.com/documentation/api/accounting/types#account-types */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['BANK', 'bank'],
  ...words('asset', 'CURRENT FIXED INVENTORY NONCURRENT PREPAYMENT'),
  ...words(
    'liability',
    'CURRLIAB LIABILITY TERMLIAB PAYG PAYGLIABILITY SUPERANNUATIONLIABILITY WAGESPAYABLELIABILITY',
  ),
  ['EQUITY', 'equity'],
  ...words('income', 'REVENUE SALES OTHERINCOME'),
  ...words('expense', 'EXPENSE DIRECTCOSTS OVERHEADS DEPRECIATN SUPERANNUATIONEXPENSE WAGESEXPENSE'),
])

function words(type: string, names: string): (readonly [string, string])[] {
  return names.split(' ').map((name) => [name, type])
}

export const accounts = defineStream({
  name: 'accounts',
  label: 'Accounts',
  schema: 'finance/account',
  scopes: ['accounting.settings.read'],
  cursor: z.null(),
  item: account,
  deletes: 'scan',
  incremental: false,
  paged: false,

  async fetchPage(http, _cursor, context) {
    const answer = await get(http, 'Accounts', {}, context)
    const { Accounts } = readAnswer(z.object({ Accounts: z.array(z.unknown()) }), answer)
    return { items: Accounts, cursor: null, more: false }
  },

  map: (item) => ({
    sourceId: item.AccountID,
    insertedAt: item.UpdatedDateUTC,
    fields: {
      name: item.Name,
      summary: excerpt(item.Description, 256),
      archived: item.Status === 'ARCHIVED',
      type: item.BankAccountType === 'CREDITCARD' ? 'card' : (TYPES.get(item.Type) ?? 'other'),
      sourceType: item.Type,
      code: item.Code ?? undefined,
      currency: item.CurrencyCode ?? undefined,
      taxCode: item.TaxType ?? undefined,
    },
  }),
})
