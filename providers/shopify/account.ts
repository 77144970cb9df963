/** The shop behind a token. https://shopify.dev/docs/api/admin-graphql/latest/objects/Shop */
import { NodeError, type Account, type CallContext, type ProviderHttp } from '../../src/provider/index.js'
import { shop } from './api.js'
import { ask } from './graphql.js'
import type { settings } from './settings.js'

const QUERY = 'query Account { shop { id name myshopifyDomain } }'

export async function readAccount(
  http: ProviderHttp,
  { fields }: CallContext<typeof settings>,
): Promise<Account> {
  const { data } = await ask(http, fields, { query: QUERY }, { cost: 1, idempotent: true })
  const read = shop.safeParse(data).data?.shop
  if (read === undefined) throw new NodeError('PROVIDER_CHANGED', { detail: 'a shop of another form' })
  return { id: read.id, name: read.name, username: read.myshopifyDomain }
}
