/** The chart of accounts, with balances; accounts that are out of use are archived. */
import { defineStream, excerpt, moneyText } from '../../src/provider/index.js'
import { account } from './api.js'
import { place, readEntity } from './company.js'
import { settings } from './settings.js'

/** https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/account: AccountType */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['Bank', 'bank'],
  ['Credit Card', 'card'],
  ['Accounts Receivable', 'receivable'],
  ['Accounts Payable', 'payable'],
  ['Fixed Asset', 'asset'],
  ['Other Asset', 'asset'],
  ['Other Current Asset', 'asset'],
  ['Equity', 'equity'],
  ['Other Current Liability', 'liability'],
  ['Long Term Liability', 'liability'],
  ['Income', 'income'],
  ['Other Income', 'income'],
  ['Expense', 'expense'],
  ['Other Expense', 'expense'],
  ['Cost of Goods Sold', 'expense'],
])

export const accounts = defineStream({
  name: 'accounts',
  label: 'Accounts',
  settings,
  schema: 'finance/account',
  cursor: place,
  item: account,
  deletes: 'feed',
  incremental: true,
  fetchPage: (http, cursor, context) =>
    readEntity(http, { name: 'Account', hasActive: true, hasAmounts: false }, cursor, context),

  map(item) {
    const currency = item.CurrencyRef?.value
    return {
      sourceId: item.Id,
      insertedAt: item.MetaData.CreateTime,
      modifiedAt: item.MetaData.LastUpdatedTime,
      fields: {
        name: item.Name,
        summary: excerpt(item.Description, 256),
        archived: item.Active === false,
        type: TYPES.get(item.AccountType) ?? 'other',
        sourceType: item.AccountSubType ?? item.AccountType,
        code: item.AcctNum ?? undefined,
        currency,
        balance: item.CurrentBalance ? moneyText(item.CurrentBalance, currency ?? '') : undefined,
        parentId: item.ParentRef?.value,
      },
    }
  },
})
