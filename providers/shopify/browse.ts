/** Live reads: collections as lists, orders and products as items. */
import {
  z,
  type Browse,
  type BrowseContext,
  type BrowsedItem,
  type ItemQuery,
  type JsonObject,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { entry } from './api.js'
import { ask } from './graphql.js'
import { connectionOf, endOf } from './lists.js'
import type { settings } from './settings.js'

type Context = BrowseContext<typeof settings>
type Kind = 'order' | 'product'

/** Without a kind first all orders, then all products. */
const cursorForm = z.object({ kind: z.enum(['order', 'product']), after: z.string().nullable() })

const query = (list: string, fields: string): string =>
  `query Browse($first: Int!, $after: String, $query: String) { ${list}(first: $first, after: $after, query: $query, sortKey: UPDATED_AT, reverse: true) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`

export const QUERIES = {
  collections: query('collections', 'id title updatedAt'),
  order: query('orders', 'id name createdAt updatedAt'),
  product: query('products', 'id title createdAt updatedAt'),
} as const

export const browse: Browse<typeof settings> = {
  containerKinds: ['list'],
  itemKinds: ['order', 'product'],
  filters: ['container', 'kind', 'search', 'time'],

  async containers(http, { cursor, limit, parentId }, context) {
    if (parentId !== undefined) return { data: [] }
    const after = z.string().safeParse(cursor).data ?? null
    const variables = { first: limit, after, query: null }
    const { nodes, next } = await readNodes(http, context, 'collections', variables)
    const data = nodes.flatMap((raw) => entryOf(raw, 'list'))
    return next === undefined ? { data } : { data, cursor: next }
  },

  async items(http, asked, context) {
    const first = asked.kind ?? (asked.containerId === undefined ? 'order' : 'product')
    if (first === 'order' && asked.containerId !== undefined) return { data: [] }
    const at = cursorForm.safeParse(asked.cursor).data ?? cursorForm.parse({ kind: first, after: null })
    const variables = { first: asked.limit, after: at.after, query: wordsOf(asked) }
    const { nodes, next } = await readNodes(http, context, at.kind, variables)
    const data = nodes.flatMap((raw) => entryOf(raw, at.kind))
    if (next !== undefined) return { data, cursor: { kind: at.kind, after: next } }
    if (at.kind === 'order' && asked.kind === undefined)
      return { data, cursor: { kind: 'product', after: null } }
    return { data }
  },
}

async function readNodes(
  http: ProviderHttp,
  { fields }: Context,
  what: keyof typeof QUERIES,
  variables: JsonObject,
) {
  const question = { query: QUERIES[what], variables: variables as Record<string, string | number | null> }
  const { data } = await ask(http, fields, question, { cost: 50, idempotent: true })
  const { nodes, pageInfo } = connectionOf(data[what === 'collections' ? what : `${what}s`])
  return { nodes, next: pageInfo.hasNextPage ? endOf(pageInfo) : undefined }
}

/** https://shopify.dev/docs/api/usage/search-syntax: quoted, what was typed is text and no term. */
function wordsOf({ containerId, search, since, until }: ItemQuery): string | null {
  const terms = [
    ...(search === undefined ? [] : [`"${search.replace(/["\\]/g, ' ')}"`]),
    ...(containerId === undefined ? [] : [`collection_id:${containerId.replace(/\D/g, '')}`]),
    ...(since === undefined ? [] : [`updated_at:>='${new Date(since).toISOString()}'`]),
    ...(until === undefined ? [] : [`updated_at:<'${new Date(until).toISOString()}'`]),
  ]
  return terms.length === 0 ? null : terms.join(' AND ')
}

/** Ids of orders and products are of one series each, so their kind tells them apart. */
function entryOf(raw: unknown, kind: Kind | 'list'): readonly BrowsedItem[] {
  const read = entry.safeParse(raw).data
  if (read === undefined) return []
  const { createdAt, updatedAt } = read
  const name = read.name ?? read.title ?? read.id
  const id = kind === 'list' ? read.id : `${kind}-${read.id}`
  return [{ id, kind, name, ...(createdAt && { createdAt }), updatedAt, raw }]
}
