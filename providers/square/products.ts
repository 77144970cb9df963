/** Items of the catalog with their variations; those that were deleted are listed too. https://developer.squareup.com/reference/square/catalog-api/search-catalog-objects */
import { defineStream, filled, readAnswer } from '../../src/provider/index.js'
import { deleted, item, listAnswer } from './api.js'
import { byChange, HEADERS, moneyOf } from './lists.js'

const PAGE_SIZE = 100

/** https://developer.squareup.com/reference/square/enums/CatalogItemProductType */
const TYPE: Readonly<Record<string, string>> = {
  REGULAR: 'goods',
  FOOD_AND_BEV: 'goods',
  APPOINTMENTS_SERVICE: 'service',
  DIGITAL: 'digital',
}

export const products = defineStream({
  name: 'products',
  label: 'Products',
  schema: 'commerce/product',
  scopes: ['ITEMS_READ'],
  item,
  deletes: 'feed',
  ...byChange(async (http, { settings: { apiOrigin }, since, cursor }) => {
    // `begin_time` leaves out its own millisecond. The first run has met nothing that could be gone.
    const changes = since !== undefined && {
      begin_time: new Date(Date.parse(since) - 1).toISOString(),
      include_deleted_objects: true,
    }
    const json = { object_types: ['ITEM'], ...changes, limit: PAGE_SIZE, ...(cursor && { cursor }) }
    const answer = await http.post(
      `${apiOrigin}/v2/catalog/search`,
      { json },
      { headers: HEADERS, idempotent: true },
    )
    const { items: objects, next } = readAnswer(listAnswer('objects'), answer)
    return {
      items: objects.filter((object) => !deleted.safeParse(object).success),
      deletedIds: objects.flatMap((object) => deleted.safeParse(object).data?.id ?? []),
      next,
    }
  }),

  map({ id, item_data: data, ...object }) {
    const variants = (data.variations ?? []).filter((one) => one.is_deleted !== true)
    const first = variants[0]?.item_variation_data
    return {
      sourceId: id,
      // Objects of before the field was made may lack it.
      insertedAt: object.created_at ?? object.updated_at,
      modifiedAt: object.updated_at,
      fields: {
        name: filled(data.name) ?? id,
        status: data.is_archived === true ? 'archived' : 'active',
        type: TYPE[data.product_type ?? ''] ?? 'other',
        description: filled(data.description_plaintext),
        sku: filled(first?.sku),
        barcode: filled(first?.upc),
        currency: first?.price_money?.currency,
        price: moneyOf(first?.price_money),
        variants: variants.map((one) => ({
          id: one.id,
          name: filled(one.item_variation_data.name),
          sku: filled(one.item_variation_data.sku),
          barcode: filled(one.item_variation_data.upc),
          price: moneyOf(one.item_variation_data.price_money),
          currency: one.item_variation_data.price_money?.currency,
        })),
      },
    }
  },
})
