/** The key of a shop: a name and a password of RFC 7617. https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-https */
import type { Basic } from '../../src/provider/index.js'

export const basic: Basic = {
  kind: 'basic',
  username: 'consumerKey',
  password: 'consumerSecret',
  fields: {
    url: {
      kind: 'origin',
      label: 'Address of the shop',
      help: 'With https and without a path, as in the address bar of the shop.',
      example: 'https://shop.example.com',
    },
    consumerKey: {
      kind: 'text',
      label: 'Consumer key',
      help: 'In WordPress under WooCommerce > Settings > Advanced > REST API > Add key. Read is enough; Read/Write lets the shop tell of changes at once.',
      example: 'ck_...',
    },
    consumerSecret: {
      kind: 'secret',
      label: 'Consumer secret',
      help: 'Shown once beside the consumer key when the key is made.',
      example: 'cs_...',
    },
  },
}
