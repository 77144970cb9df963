/**
 * Shopify: orders, products and customers of one shop, by the GraphQL Admin API.
 * Hard limits: 100 points a second for a shop of the standard plan, 1,000 points a query; 25,000 items by one cursor;
 * orders of the last 60 days; a sign-in ends after 90 days unused.
 */
import { defineProvider } from '../../src/provider/index.js'
import { readAccount } from './account.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { customers } from './customers.js'
import { orders } from './orders.js'
import { products } from './products.js'
import { settings } from './settings.js'
import { oauth2, revoke } from './sign-in.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'shopify',
  label: 'Shopify',
  description: 'Orders, products and customers of a Shopify shop.',
  category: 'commerce',
  homepage: 'https://shopify.com',
  icon: 'icon.svg',
  docs: 'https://shopify.dev/docs/api/admin-graphql',
  presets: [
    { id: 'all', label: 'Everything', description: 'All streams, each hour.', syncFrequency: 'hourly' },
    { id: 'orders', label: 'Orders only', description: 'Orders as they change.', streams: ['orders'] },
  ],
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['field:shop'],
  settings,
  auth: [oauth2],
  limits: [{ requests: 1_000, perMs: 10_000, scope: 'connection' }],
  classify,
  account: readAccount,
  revoke,
  streams: [orders, products, customers],
  browse,
  webhooks,
})
