/**
 * WooCommerce: orders, products and customers of a shop on a server of its own, by the REST API v3.
 * Hard limits: 100 items a page; no limit of calls is documented, each shop's server has its own.
 */
import { defineProvider, text } from '../../src/provider/index.js'
import { readAccount } from './account.js'
import { basic } from './auth.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { customers } from './customers.js'
import { orders } from './orders.js'
import { products } from './products.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'woocommerce',
  label: 'WooCommerce',
  description: 'Orders, products and customers of a WooCommerce shop.',
  category: 'commerce',
  homepage: 'https://woocommerce.com',
  icon: 'icon.svg',
  docs: 'https://woocommerce.github.io/woocommerce-rest-api-docs/',
  presets: [
    { id: 'all', label: 'Everything', description: 'All streams, each hour.', syncFrequency: 'hourly' },
    { id: 'orders', label: 'Orders only', description: 'Orders as they change.', streams: ['orders'] },
  ],
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['field:url'],
  settings: {
    allowPrivateOrigins: text({
      optional: true,
      help: 'Origins of shops on your own network, separated by blanks: these may be private or plain http.',
    }),
  },
  auth: [basic],
  classify,
  account: readAccount,
  revoke: {
    unsupported: 'A key can only be ended in the shop, under WooCommerce > Settings > Advanced > REST API.',
  },
  streams: [orders, products, customers],
  browse,
  webhooks,
})
