/** Live reads: locations as lists, their orders and the seller's customers as items. */
import {
  filled,
  readAnswer,
  z,
  type Browse,
  type BrowseContext,
  type BrowsedItem,
  type ItemQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { customer, listAnswer, location, order } from './api.js'
import { HEADERS, locationIds, readLocations } from './lists.js'
import type { settings } from './settings.js'

type Context = BrowseContext<typeof settings>

/** The most that one search may name. https://developer.squareup.com/reference/square/orders-api/search-orders */
const MOST_LOCATIONS = 10

/** First all customers, then the orders of up to ten locations at a time. */
const cursorForm = z.object({
  kind: z.enum(['contact', 'order']),
  group: z.int().min(0),
  after: z.string().nullable(),
})
type Cursor = z.output<typeof cursorForm>

export const browse: Browse<typeof settings> = {
  containerKinds: ['list'],
  itemKinds: ['contact', 'order'],
  filters: ['container', 'kind', 'time'],

  async containers(http, { cursor, limit, parentId }, { settings }) {
    if (parentId !== undefined) return { data: [] }
    const from = z.int().min(0).safeParse(cursor).data ?? 0
    const rows = await readLocations(http, settings)
    const data = rows.slice(from, from + limit).flatMap(listOf)
    return from + limit < rows.length ? { data, cursor: from + limit } : { data }
  },

  async items(http, query, context) {
    const first = query.kind ?? (query.containerId === undefined ? 'contact' : 'order')
    if (first === 'contact' && query.containerId !== undefined) return { data: [] }
    const at =
      cursorForm.safeParse(query.cursor).data ?? cursorForm.parse({ kind: first, group: 0, after: null })
    if (at.kind === 'order') return readOrders(http, query, at, context)
    const { data, next } = await readCustomers(http, query, at, context)
    if (next !== undefined) return { data, cursor: { ...at, after: next } }
    return query.kind === undefined ? { data, cursor: { kind: 'order', group: 0, after: null } } : { data }
  },
}

/** The range of a search, where one is asked for. */
function rangeOf({ since, until }: ItemQuery) {
  if (since === undefined && until === undefined) return undefined
  const start = since === undefined ? {} : { start_at: new Date(since).toISOString() }
  // The end is inclusive at Square.
  return { ...start, ...(until !== undefined && { end_at: new Date(Date.parse(until) - 1).toISOString() }) }
}

async function readCustomers(
  http: ProviderHttp,
  query: ItemQuery,
  { after }: Cursor,
  { settings: { apiOrigin } }: Context,
) {
  const range = rangeOf(query)
  const filter = range && { filter: { updated_at: range } }
  const search = { ...filter, sort: { field: 'CREATED_AT', order: 'DESC' } }
  const json = { query: search, limit: query.limit, ...(after && { cursor: after }) }
  const answer = await http.post(
    `${apiOrigin}/v2/customers/search`,
    { json },
    { headers: HEADERS, idempotent: true },
  )
  const { items, next } = readAnswer(listAnswer('customers'), answer)
  return { data: items.flatMap(contactOf), next }
}

async function readOrders(http: ProviderHttp, query: ItemQuery, at: Cursor, context: Context) {
  const all = query.containerId === undefined ? await locationIds(http, context) : [query.containerId]
  const first = at.group * MOST_LOCATIONS
  const location_ids = all.slice(first, first + MOST_LOCATIONS)
  if (location_ids.length === 0) return { data: [] }
  const range = rangeOf(query)
  const filter = range && { filter: { date_time_filter: { updated_at: range } } }
  const search = { ...filter, sort: { sort_field: 'UPDATED_AT', sort_order: 'DESC' } }
  const json = { location_ids, query: search, limit: query.limit, ...(at.after && { cursor: at.after }) }
  const answer = await http.post(
    `${context.settings.apiOrigin}/v2/orders/search`,
    { json },
    { headers: HEADERS, idempotent: true },
  )
  const { items, next } = readAnswer(listAnswer('orders'), answer)
  const data = items.flatMap(orderOf)
  if (next !== undefined) return { data, cursor: { ...at, after: next } }
  if (first + MOST_LOCATIONS >= all.length) return { data }
  return { data, cursor: { ...at, group: at.group + 1, after: null } }
}

function listOf(raw: unknown) {
  const read = location.safeParse(raw).data
  if (read === undefined) return []
  const { created_at: createdAt } = read
  const name = filled(read.name) ?? read.id
  return [{ id: read.id, kind: 'list', name, ...(createdAt && { createdAt }), raw }]
}

function orderOf(raw: unknown): readonly BrowsedItem[] {
  const read = order.safeParse(raw).data
  if (read === undefined) return []
  const { id, location_id: containerId, created_at: createdAt, updated_at: updatedAt } = read
  const name = filled(read.ticket_name) ?? filled(read.reference_id) ?? id
  return [{ id, kind: 'order', name, containerId, createdAt, updatedAt, raw }]
}

function contactOf(raw: unknown): readonly BrowsedItem[] {
  const read = customer.safeParse(raw).data
  if (read === undefined) return []
  const { id, created_at: createdAt, updated_at: updatedAt } = read
  const person = filled(`${read.given_name ?? ''} ${read.family_name ?? ''}`)
  const name = person ?? filled(read.company_name) ?? filled(read.email_address) ?? id
  return [{ id, kind: 'contact', name, createdAt, updatedAt, raw }]
}
