/**
 * Stripe: customers, invoices, payments and payouts of one account, by a restricted key that the account's owner makes.
 * Hard limits: 25 calls a second; what changed is told for 30 days, after that everything is read again.
 */
import { defineProvider, readAnswer, type ApiKey } from '../../src/provider/index.js'
import { account } from './api.js'
import { classify } from './classify.js'
import { customers } from './customers.js'
import { invoices } from './invoices.js'
import { API, HEADERS } from './lists.js'
import { payments } from './payments.js'
import { payouts } from './payouts.js'
import { presets } from './presets.js'
import { webhooks } from './webhooks.js'

const apiKey: ApiKey = {
  kind: 'api_key',
  key: 'apiKey',
  fields: {
    apiKey: {
      kind: 'secret',
      label: 'Restricted key',
      help: 'In the Stripe Dashboard under Developers > API keys > Create restricted key, with read access to what is to be copied.',
      example: 'rk_live_...',
    },
  },
}

export const provider = defineProvider({
  id: 'stripe',
  label: 'Stripe',
  description: 'Customers, invoices, payments and payouts.',
  category: 'finance',
  homepage: 'https://stripe.com',
  icon: 'icon.svg',
  docs: 'https://docs.stripe.com/api',
  presets,
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['api.stripe.com'],
  settings: {},
  auth: [apiKey],
  limits: [{ requests: 25, perMs: 1_000, scope: 'connection' }],
  classify,
  account: async (http) => readAnswer(account, await http.get(`${API}/account`, { headers: HEADERS })),
  revoke: { unsupported: 'A key can only be ended in the Stripe Dashboard, by the owner of the account.' },
  streams: [customers, invoices, payments, payouts],
  webhooks,
})
