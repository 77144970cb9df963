/**
 * Sage Business Cloud Accounting: ledger accounts, contacts, invoices and payments of one business, by its API 3.1.
 * Hard limits: about 100 calls a minute and 2,500 a day for a business; an access token lasts five minutes.
 */
import { defineProvider, reveal } from '../../src/provider/index.js'
import { accounts } from './accounts.js'
import { browse } from './browse.js'
import { business } from './business.js'
import { contacts } from './contacts.js'
import { purchaseInvoices, salesInvoices } from './invoices.js'
import { payments } from './payments.js'
import { settings } from './settings.js'
import { oauth2 } from './sign-in.js'

export const provider = defineProvider({
  id: 'sage',
  label: 'Sage Accounting',
  description: 'Ledger accounts, contacts, invoices and payments of a business.',
  category: 'finance',
  homepage: 'https://sage.com',
  icon: 'icon.svg',
  regions: ['GB', 'IE', 'CA', 'US', 'DE', 'ES', 'FR'],
  docs: 'https://developer.sage.com/accounting/reference/',
  presets: [
    { id: 'daily', label: 'Once a day', description: 'All streams, each day.', syncFrequency: 'daily' },
  ],
  minSyncMinutes: 15,
  revision: 1,
  hosts: ['api.accounting.sage.com', 'oauth.accounting.sage.com'],
  settings,
  auth: [oauth2],
  limits: [
    { requests: 100, perMs: 60_000, scope: 'connection' },
    { requests: 2_500, perMs: 86_400_000, scope: 'connection' },
  ],
  account: (http, { fields }) => business(http, fields.texts['business']),
  revoke: async (http, { settings: { clientId, clientSecret }, tokens }) => {
    const token = reveal(tokens.refreshToken ?? tokens.accessToken)
    const form = { client_id: clientId, client_secret: reveal(clientSecret), token }
    await http.post('https://oauth.accounting.sage.com/revoke', { form })
  },
  streams: [accounts, contacts, salesInvoices, purchaseInvoices, payments],
  browse,
})
