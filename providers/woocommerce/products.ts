/** Products by the time of their change. What was deleted is not told: the API documents no list of the trash. */
import { changedSince, defineStream, filled } from '../../src/provider/index.js'
import { product } from './api.js'
import { gmt, originOf, PAGE_SIZE, place, positionOf, readList } from './lists.js'
import { plainText } from './plain-text.js'

const STATUS: ReadonlyMap<string, string> = new Map([
  ['draft', 'draft'],
  ['pending', 'draft'],
  ['future', 'draft'],
  ['publish', 'active'],
  ['private', 'active'],
])

export const products = defineStream({
  name: 'products',
  label: 'Products',
  schema: 'commerce/product',
  item: product,
  deletes: 'none',
  ...changedSince({
    token: place,
    position: positionOf,
    list(http, { sinceMs, token }, { fields }) {
      const since = sinceMs !== undefined && { modified_after: gmt(sinceMs - 1_000), dates_are_gmt: true }
      const query = { ...since, status: 'any', orderby: 'id', order: 'asc', per_page: PAGE_SIZE }
      return readList(http, `${originOf(fields)}/wp-json/wc/v3/products`, { at: token, query })
    },
  }),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.date_created_gmt,
    modifiedAt: item.date_modified_gmt ?? item.date_created_gmt,
    fields: {
      name: filled(item.name) ?? filled(item.sku) ?? item.id,
      status: STATUS.get(item.status) ?? 'archived',
      sourceStatus: item.status,
      type: item.downloadable ? 'digital' : item.virtual ? 'service' : 'goods',
      description: plainText(item.description) ?? plainText(item.short_description),
      sku: filled(item.sku),
      categories: item.categories?.map(({ name }) => name),
      tags: item.tags?.map(({ name }) => name),
      price: item.price ?? undefined,
      regularPrice: item.regular_price ?? undefined,
      quantity: item.stock_quantity ?? undefined,
      imageUri: filled(item.images?.[0]?.src),
      uri: filled(item.permalink),
    },
  }),
})
