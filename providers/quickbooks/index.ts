/**
 * QuickBooks Online: accounts, customers, vendors, invoices, bills and payments of one company.
 * Hard limits: 500 calls a minute for a company; changes are told for 30 days; a sign-in ends after 100 days unused.
 */
import { defineProvider, readAnswer } from '../../src/provider/index.js'
import { accounts } from './accounts.js'
import { companyAnswer } from './api.js'
import { classify } from './classify.js'
import { get } from './company.js'
import { bills, invoices } from './documents.js'
import { customers, vendors } from './parties.js'
import { payments } from './payments.js'
import { settings } from './settings.js'
import { oauth2, revoke } from './sign-in.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'quickbooks',
  label: 'QuickBooks Online',
  description: 'Accounts, customers, vendors, invoices, bills and payments of a company.',
  category: 'finance',
  homepage: 'https://quickbooks.intuit.com',
  icon: 'icon.svg',
  regions: ['US', 'CA', 'GB', 'AU', 'FR', 'IN', 'SG'],
  docs: 'https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/account',
  presets: [
    {
      id: 'sales',
      label: 'Sales',
      description: 'Customers, invoices and payments.',
      streams: ['customers', 'invoices', 'payments'],
    },
  ],
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['setting:apiOrigin', 'developer.api.intuit.com'],
  settings,
  auth: [oauth2],
  limits: [{ requests: 500, perMs: 60_000, scope: 'connection' }],
  classify,
  async account(http, context) {
    const { texts } = context.fields
    const answer = await get(http, `companyinfo/${encodeURIComponent(texts['realmId'] ?? '')}`, {}, context)
    return { id: texts['realmId'] ?? '', name: readAnswer(companyAnswer, answer).CompanyInfo.CompanyName }
  },
  revoke,
  streams: [accounts, customers, vendors, invoices, bills, payments],
  webhooks,
})
