/** The chart of ledger accounts. Deleted ones are not told. */
import { defineStream } from '../../src/provider/index.js'
import { ledgerAccount } from './api.js'
import { place, readChanged } from './business.js'

const TYPES: ReadonlyMap<string | undefined, string> = new Map([
  ['BANK', 'bank'],
  ['SALES', 'income'],
  ['OTHER_INCOME', 'income'],
  ['DIRECT_EXPENSES', 'expense'],
  ['OVERHEADS', 'expense'],
  ['DEPRECIATION', 'expense'],
  ['FIXED_ASSETS', 'asset'],
  ['CURRENT_ASSETS', 'asset'],
  ['CURRENT_LIABILITIES', 'liability'],
  ['FUTURE_LIABILITIES', 'liability'],
  ['LONG_TERM_LIABILITIES', 'liability'],
  ['EQUITY', 'equity'],
])

export const accounts = defineStream({
  name: 'accounts',
  label: 'Ledger accounts',
  schema: 'finance/account',
  cursor: place,
  item: ledgerAccount,
  deletes: 'none',
  incremental: true,
  fetchPage: (http, cursor, context) =>
    readChanged(http, { path: 'ledger_accounts', tellsDeleted: false }, cursor, context),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created_at,
    modifiedAt: item.updated_at,
    fields: {
      name: item.display_name ?? item.name ?? item.displayed_as ?? item.id,
      archived: item.included_in_chart === false,
      type: TYPES.get(item.ledger_account_type?.id) ?? 'other',
      sourceType: item.ledger_account_type?.id,
      code: item.nominal_code?.toString(),
      taxCode: item.tax_rate?.id,
    },
  }),
})
