/** Live reads: categories of products as lists, orders and products as items, notes of orders as comments. */
import {
  filled,
  readAnswer,
  z,
  type Browse,
  type BrowseContext,
  type BrowsedItem,
  type BrowsePage,
  type ItemQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { category, list, note, order, product } from './api.js'
import { gmt, originOf, place, readList } from './lists.js'
import { nameOf } from './people.js'
import { plainText } from './plain-text.js'

const cursorForm = z.object({ kind: z.enum(['order', 'product']), at: place.nullable() })
type Cursor = z.output<typeof cursorForm>

const api = ({ fields }: Pick<BrowseContext, 'fields'>): string => `${originOf(fields)}/wp-json/wc/v3`

export const browse: Browse = {
  containerKinds: ['list'],
  itemKinds: ['order', 'product'],
  filters: ['container', 'kind', 'search', 'time'],

  async containers(http, { cursor, limit, parentId }, context) {
    const query = { parent: parentId ?? 0, orderby: 'id', order: 'asc', per_page: limit }
    const at = place.safeParse(cursor).data
    const { items, next } = await readList(http, `${api(context)}/products/categories`, { at, query })
    return page(items.flatMap(listOf), next)
  },

  /** Without a kind first all orders, then all products; only products are in categories. */
  async items(http, query, context) {
    const first = query.kind ?? (query.containerId === undefined ? 'order' : 'product')
    if (first === 'order' && query.containerId !== undefined) return { data: [] }
    const at = cursorForm.safeParse(query.cursor).data ?? cursorForm.parse({ kind: first, at: null })
    const { items, next } = await readItems(http, query, at, context)
    const data = items.flatMap(at.kind === 'order' ? orderOf : productOf)
    if (next !== undefined) return page(data, { kind: at.kind, at: next })
    const goesOn = at.kind === 'order' && query.kind === undefined
    return page(data, goesOn ? { kind: 'product', at: null } : undefined)
  },

  async comments(http, { itemId }, context) {
    const [, id] = /^order-(\d{1,30})$/.exec(itemId) ?? []
    if (id === undefined) return { data: [] }
    const notes = readAnswer(list, await http.get(`${api(context)}/orders/${id}/notes`))
    return { data: notes.flatMap((raw) => commentOf(raw, itemId)) }
  },
}

function readItems(http: ProviderHttp, asked: ItemQuery, { kind, at }: Cursor, context: BrowseContext) {
  const { containerId, limit, search, since, until } = asked
  const query = {
    search,
    category: containerId,
    // Both ends leave out their own second.
    modified_after: since === undefined ? undefined : gmt(Date.parse(since) - 1_000),
    modified_before: until === undefined ? undefined : gmt(Date.parse(until)),
    dates_are_gmt: since !== undefined || until !== undefined ? true : undefined,
    orderby: 'id',
    order: 'desc',
    per_page: limit,
  }
  return readList(http, `${api(context)}/${kind}s`, { at: at ?? undefined, query })
}

function page<T>(data: readonly T[], cursor: BrowsePage<T>['cursor']): BrowsePage<T> {
  return cursor === undefined ? { data } : { data, cursor }
}

function listOf(raw: unknown) {
  const read = category.safeParse(raw).data
  if (read === undefined) return []
  return [{ id: read.id, kind: 'list', name: read.name, ...(read.parent && { parentId: read.parent }), raw }]
}

function orderOf(raw: unknown): readonly BrowsedItem[] {
  const read = order.safeParse(raw).data
  if (read === undefined) return []
  const person = nameOf(read.billing)
  const name = `#${filled(read.number) ?? read.id}${person === undefined ? '' : ` ${person}`}`
  return [{ id: `order-${read.id}`, kind: 'order', name, ...timesOf(read), raw }]
}

function productOf(raw: unknown): readonly BrowsedItem[] {
  const read = product.safeParse(raw).data
  if (read === undefined) return []
  const url = filled(read.permalink)
  const name = filled(read.name) ?? filled(read.sku) ?? read.id
  return [{ id: `product-${read.id}`, kind: 'product', name, ...(url && { url }), ...timesOf(read), raw }]
}

function timesOf(read: { date_created_gmt: string; date_modified_gmt?: string | null | undefined }) {
  const { date_created_gmt: createdAt, date_modified_gmt: updatedAt } = read
  return { createdAt, ...(updatedAt && { updatedAt }) }
}

function commentOf(raw: unknown, itemId: string) {
  const read = note.safeParse(raw).data
  if (read === undefined) return []
  const author = filled(read.author)
  const text = plainText(read.note) ?? ''
  return [{ id: read.id, itemId, text, ...(author && { author }), createdAt: read.date_created_gmt, raw }]
}
