/** Live reads: the tables of a connection, or its query, as containers, and their rows as items in the order of their keys. */
import {
  z,
  type Browse,
  type BrowsedItem,
  type Container,
  type JsonObject,
} from '../../src/provider/index.js'
import { refused } from './failures.js'
import { readNames } from './names.js'
import { itemOf, momentOf, readPage, type RowItem } from './page.js'
import { checkKeys, checkOrder, orderOf, place, placeOf } from './place.js'
import { inRunSession, type Session } from './session.js'
import { placesOf, sourceOf, type Source } from './source.js'

/** Which row is the last one: without a container, its table too. */
const rowCursor = z.object({
  collection: z.string(),
  order: z.array(z.string()).optional(),
  at: place.optional(),
})
const tableCursor = z.number().int().nonnegative()

export const browse: Browse = {
  containerKinds: ['table', 'query'],
  itemKinds: ['row'],
  filters: ['container'],

  async containers(http, { cursor, limit, parentId }, context) {
    if (parentId !== undefined) return { data: [] }
    const { texts } = context.fields
    const places = [...placesOf(texts)]
    const from = tableCursor.safeParse(cursor ?? 0)
    if (!from.success) throw refused('cursor', 'is none of this list')
    const end = from.data + limit
    return inRunSession(http, context, async (session) => {
      const data: Container[] = []
      for (const [name, one] of places.slice(from.data, end)) {
        const source = await sourceOf(session, texts, name)
        data.push({ id: name, kind: 'query' in one ? 'query' : 'table', name, raw: described(source) })
      }
      return { data, ...(end < places.length && { cursor: end }) }
    })
  },

  async items(http, { cursor, limit, containerId }, context) {
    const { texts } = context.fields
    const known = [...placesOf(texts).keys()]
    if (containerId !== undefined && !known.includes(containerId))
      throw refused('containerId', 'is no table of this connection')
    const [first = ''] = containerId === undefined ? known : [containerId]
    const from = rowCursor.safeParse(cursor ?? { collection: first })
    if (!from.success || !known.includes(from.data.collection))
      throw refused('cursor', 'is none of this list')
    return inRunSession(http, context, async (session) => {
      const { data, next } = await rowsAfter(session, { texts, limit, ...from.data })
      const after = containerId === undefined ? known[known.indexOf(from.data.collection) + 1] : undefined
      const onward = next ?? (after === undefined ? undefined : { collection: after })
      return { data, ...(onward !== undefined && { cursor: onward }) }
    })
  },
}

const described = ({ keys, columns }: Source): JsonObject => ({
  keys: [...keys],
  columns: columns.map(({ name }) => name),
})

interface Wanted extends z.output<typeof rowCursor> {
  readonly texts: Parameters<typeof placesOf>[0]
  readonly limit: number
}

async function rowsAfter(session: Session, { texts, limit, collection, order, at }: Wanted) {
  const source = await sourceOf(session, texts, collection)
  const sorted = orderOf(source, source.keys)
  if (at === undefined) await checkKeys(session, source)
  else checkOrder(order, sorted)
  const page = await readPage(session, source, { by: source.keys, after: at, limit })
  const [title] = readNames(texts['title'])
  const last = page.rows.at(-1)
  return {
    data: page.rows.map((one) => browsed(source, itemOf(source, one, title))),
    next:
      page.more && last !== undefined ? { collection, order: sorted, at: placeOf(last.place) } : undefined,
  }
}

/** The id is that of its record. */
function browsed({ collection, watermark }: Source, item: RowItem): BrowsedItem {
  const updatedAt = momentOf(item, watermark?.name)
  return {
    id: `${collection}/${item.id}`,
    kind: 'row',
    name: item.title ?? item.id,
    containerId: collection,
    ...(updatedAt !== undefined && { updatedAt }),
    raw: item['row'],
  }
}
