/** Signing in to a shop, and out of it. https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant */
import { NodeError, z, type CallContext, type OAuth2, type ProviderHttp } from '../../src/provider/index.js'
import { ask } from './graphql.js'
import type { settings } from './settings.js'

const DAY_MS = 86_400_000

export const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  fields: {
    shop: {
      kind: 'host',
      label: 'Shop',
      host: '{}.myshopify.com',
      help: 'The name before .myshopify.com, as in Settings > Domains of the shop.',
      example: 'nadia-goods',
    },
  },
  authorize: (_settings, { shop = '' }) => `https://${shop}/admin/oauth/authorize`,
  token: (_settings, { shop = '' }) => `https://${shop}/admin/oauth/access_token`,
  scopes: {
    read_orders: 'Read orders of the last 60 days, to copy them.',
    read_products: 'Read products and collections, to copy and to show them.',
    read_customers: 'Read customers, to copy them.',
  },
  // Answers leave a read scope out where its write scope was granted, as Shopify's own libraries expect.
  scopeGrants: {
    write_orders: ['read_orders'],
    write_products: ['read_products'],
    write_customers: ['read_customers'],
  },
  scopeJoin: ',',
  pkce: false,
  // Without it a token never ends, which Shopify takes from custom apps only.
  codeParams: { expiring: '1' },
  refresh: true,
  refreshLifeMs: 90 * DAY_MS,
  send: { header: 'x-shopify-access-token', prefix: '' },
}

const uninstalled = z.object({ appUninstall: z.object({ userErrors: z.array(z.unknown()).length(0) }) })

/** There is no smaller end of a grant: the app leaves the shop, and its webhooks with it. https://shopify.dev/docs/api/admin-graphql/latest/mutations/appUninstall */
export async function revoke(http: ProviderHttp, { fields }: CallContext<typeof settings>): Promise<void> {
  const query = 'mutation Leave { appUninstall { userErrors { code } } }'
  const { data } = await ask(http, fields, { query }, { cost: 10 })
  if (!uninstalled.safeParse(data).success)
    throw new NodeError('PROVIDER_CHANGED', { detail: 'the app could not leave the shop' })
}
