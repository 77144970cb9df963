/**
 * Square: orders and payments of each location, items and customers of a seller.
 * Hard limits: no figures are published; access tokens end after 30 days; payments of a year by default.
 */
import { defineProvider, readAnswer } from '../../src/provider/index.js'
import { merchantAnswer } from './api.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { customers } from './customers.js'
import { HEADERS } from './lists.js'
import { orders } from './orders.js'
import { payments } from './payments.js'
import { products } from './products.js'
import { settings } from './settings.js'
import { oauth2, revoke } from './sign-in.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'square',
  label: 'Square',
  description: 'Orders, payments, items and customers of a Square seller.',
  category: 'commerce',
  homepage: 'https://squareup.com',
  icon: 'icon.svg',
  // https://developer.squareup.com/docs/international-development
  regions: ['US', 'CA', 'GB', 'IE', 'FR', 'ES', 'AU', 'JP'],
  docs: 'https://developer.squareup.com/reference/square',
  presets: [
    { id: 'all', label: 'Everything', description: 'All streams, each hour.', syncFrequency: 'hourly' },
    {
      id: 'sales',
      label: 'Sales',
      description: 'Orders and payments.',
      streams: ['orders', 'payments'],
    },
  ],
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['setting:apiOrigin'],
  settings,
  auth: [oauth2],
  classify,
  async account(http, { settings: { apiOrigin } }) {
    const answer = await http.get(`${apiOrigin}/v2/merchants/me`, { headers: HEADERS })
    return readAnswer(merchantAnswer, answer)
  },
  revoke,
  streams: [orders, products, customers, payments],
  browse,
  webhooks,
})
