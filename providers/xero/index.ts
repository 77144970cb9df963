/**
 * Xero: accounts, contacts, invoices and payments of one organisation.
 * Hard limits: 60 calls a minute and 5,000 a day for an organisation; a sign-in ends after 60 days unused.
 */
import { defineProvider } from '../../src/provider/index.js'
import { accounts } from './accounts.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { contacts } from './contacts.js'
import { invoices } from './invoices.js'
import { organisation } from './organisation.js'
import { payments } from './payments.js'
import { settings } from './settings.js'
import { oauth2, revoke } from './sign-in.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'xero',
  label: 'Xero',
  description: 'Accounts, contacts, invoices, bills and payments of an organisation.',
  category: 'finance',
  homepage: 'https://xero.com',
  icon: 'icon.svg',
  regions: ['GB', 'AU', 'NZ', 'US', 'CA', 'ZA', 'SG', 'IE'],
  docs: 'https://developer.xero.com/documentation/api/accounting/overview',
  presets: [
    { id: 'all', label: 'The whole ledger', description: 'All streams, each hour.', syncFrequency: 'hourly' },
    {
      id: 'sales',
      label: 'Invoices and payments',
      description: 'What is owed and what was paid.',
      streams: ['contacts', 'invoices', 'payments'],
    },
  ],
  minSyncMinutes: 15,
  revision: 1,
  hosts: ['api.xero.com', 'identity.xero.com'],
  settings,
  auth: [oauth2],
  limits: [
    { requests: 60, perMs: 60_000, scope: 'connection' },
    { requests: 5_000, perMs: 86_400_000, scope: 'connection' },
    { requests: 10_000, perMs: 60_000, scope: 'app' },
  ],
  classify,
  account: (http, { fields }) => organisation(http, fields.texts['organisation']),
  revoke,
  streams: [accounts, contacts, invoices, payments],
  browse,
  webhooks,
})
