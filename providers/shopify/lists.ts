/**
 * Reads Shopify's lists by the time of change, oldest first. https://shopify.dev/docs/api/usage/pagination-graphql
 * A cursor reaches 25,000 items, so before that the list is asked for anew from the last one's time on.
 */
import { changedSince, NodeError, z, type FieldValues, type ProviderHttp } from '../../src/provider/index.js'
import { changed, connection, deletion } from './api.js'
import { ask } from './graphql.js'

/** A cursor of Shopify's, and how many items were read by it and those before; `of` is what is deleted after what is there. */
const token = z.object({
  of: z.enum(['items', 'deletions']),
  after: z.string().min(1).nullable(),
  count: z.int().min(0),
})
type Token = z.output<typeof token>
const START: Token = { of: 'items', after: null, count: 0 }

const FAR = 20_000

export interface Listing {
  /** `orders`; one of them is an `order`. */
  readonly list: string
  readonly one: string
  /** The fields that are asked for. */
  readonly selection: string
  /** A list inside of each item, of which the first come with it and the others by calls of their own. */
  readonly inner?: { readonly name: string; readonly selection: string }
  /** Under which name deletions are told. */
  readonly deletions?: string
  readonly pageSize: number
  readonly cost: number
}

export const INNER_SIZE = 10
const REST_SIZE = 50

/** The inner list as it stands in a selection. */
export const innerOf = (name: string, selection: string): string =>
  `${name}(first: ${INNER_SIZE}) { nodes { ${selection} } pageInfo { hasNextPage endCursor } }`

export const listQuery = ({ list, selection }: Pick<Listing, 'list' | 'selection'>): string =>
  `query List($first: Int!, $after: String, $query: String) { ${list}(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`

/** A stream's cursor and pages. */
export function byChange(listing: Listing) {
  return changedSince<Token>({
    token,
    position(item) {
      const read = changed.safeParse(item).data
      return read && { ms: Date.parse(read.updatedAt), id: read.id }
    },
    async list(http, { sinceMs, token = START }, { fields }) {
      const since = sinceMs === undefined ? undefined : new Date(sinceMs).toISOString()
      if (token.of === 'deletions') return deletedPage(http, fields, { listing, token, since })
      const query = since === undefined ? null : `updated_at:>='${since}'`
      const variables = { first: listing.pageSize, after: token.after, query }
      const question = { query: listQuery(listing), variables }
      const { data } = await ask(http, fields, question, { cost: listing.cost, idempotent: true })
      const { nodes, pageInfo } = connectionOf(data[listing.list])
      const items: unknown[] = []
      for (const node of nodes) items.push(await wholeNode(http, fields, node, listing))
      const count = token.count + nodes.length
      if (pageInfo.hasNextPage && count >= FAR) return { items, more: true }
      if (pageInfo.hasNextPage) return { items, next: { of: 'items', after: endOf(pageInfo), count } }
      // The first run has met nothing that could be gone.
      if (listing.deletions === undefined || since === undefined) return { items }
      return { items, next: { of: 'deletions', after: null, count } }
    },
  })
}

export const DELETIONS =
  'query Deletions($first: Int!, $after: String, $query: String, $types: [DeletionEventSubjectType!]) { deletionEvents(first: $first, after: $after, query: $query, subjectTypes: $types) { nodes { subjectId occurredAt } pageInfo { hasNextPage endCursor } } }'

/** https://shopify.dev/docs/api/admin-graphql/latest/queries/deletionEvents */
async function deletedPage(
  http: ProviderHttp,
  fields: FieldValues,
  { listing, token, since }: { listing: Listing; token: Token; since: string | undefined },
) {
  const query = since === undefined ? null : `occurred_at:>='${since}'`
  const variables = { first: 100, after: token.after, query, types: [listing.deletions ?? ''] }
  const { data } = await ask(http, fields, { query: DELETIONS, variables }, { cost: 100, idempotent: true })
  const { nodes, pageInfo } = connectionOf(data['deletionEvents'])
  const deletedIds = nodes.flatMap((node) => deletion.safeParse(node).data?.subjectId ?? [])
  if (!pageInfo.hasNextPage) return { items: [], deletedIds }
  return { items: [], deletedIds, next: { ...token, after: endOf(pageInfo) } }
}

export function connectionOf(value: unknown): z.output<typeof connection> {
  const read = connection.safeParse(value)
  if (read.success) return read.data
  throw new NodeError('PROVIDER_CHANGED', { detail: 'a list of another form' })
}

export function endOf({ endCursor }: z.output<typeof connection>['pageInfo']): string {
  if (typeof endCursor === 'string' && endCursor !== '') return endCursor
  throw new NodeError('PROVIDER_CHANGED', { detail: 'a list that goes on without a cursor' })
}

const named = z.looseObject({ id: z.string().min(1) })

/** The item with all of its inner list. */
async function wholeNode(
  http: ProviderHttp,
  fields: FieldValues,
  node: unknown,
  { one, inner }: Listing,
): Promise<unknown> {
  const item = named.safeParse(node).data
  if (inner === undefined || item === undefined) return node
  const begun = connection.safeParse(item[inner.name])
  // One odd item is set aside by its form, and loses no page.
  if (!begun.success || !begun.data.pageInfo.hasNextPage || !begun.data.pageInfo.endCursor) return node
  const query = `query Rest($id: ID!, $first: Int!, $after: String!) { ${one}(id: $id) { ${inner.name}(first: $first, after: $after) { nodes { ${inner.selection} } pageInfo { hasNextPage endCursor } } } }`
  const nodes = [...begun.data.nodes]
  let { pageInfo } = begun.data
  while (pageInfo.hasNextPage) {
    const variables = { id: item.id, first: REST_SIZE, after: endOf(pageInfo) }
    const { data } = await ask(http, fields, { query, variables }, { cost: 50, idempotent: true })
    const rest = connectionOf(z.record(z.string(), z.unknown()).safeParse(data[one]).data?.[inner.name])
    if (rest.nodes.length === 0)
      throw new NodeError('PROVIDER_CHANGED', { detail: 'an empty page that goes on' })
    nodes.push(...rest.nodes)
    pageInfo = rest.pageInfo
  }
  return { ...item, [inner.name]: { nodes, pageInfo } }
}
