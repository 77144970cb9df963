/** Products with all of their variants. https://shopify.dev/docs/api/admin-graphql/latest/queries/products */
import { defineStream, filled, moneyText } from '../../src/provider/index.js'
import { product } from './api.js'
import { byChange, innerOf, type Listing } from './lists.js'

const VARIANT = 'id title sku barcode price inventoryQuantity'
const SELECTION = `id title status createdAt updatedAt description vendor productType tags totalInventory onlineStoreUrl priceRangeV2 { minVariantPrice { currencyCode } } ${innerOf('variants', VARIANT)}`

/** https://shopify.dev/docs/api/admin-graphql/latest/enums/ProductStatus */
const STATUS: Readonly<Record<string, string>> = {
  ACTIVE: 'active',
  ARCHIVED: 'archived',
  DRAFT: 'draft',
  UNLISTED: 'active',
}

export const listing: Listing = {
  list: 'products',
  one: 'product',
  selection: SELECTION,
  inner: { name: 'variants', selection: VARIANT },
  deletions: 'PRODUCT',
  pageSize: 50,
  cost: 200,
}

export const products = defineStream({
  name: 'products',
  label: 'Products',
  schema: 'commerce/product',
  scopes: ['read_products'],
  item: product,
  deletes: 'feed',
  ...byChange(listing),

  map(item) {
    const variants = item.variants.nodes
    const currency = item.priceRangeV2?.minVariantPrice.currencyCode
    const priceOf = (price: string | null | undefined) =>
      price && currency ? moneyText(price, currency) : (price ?? undefined)
    return {
      sourceId: item.id,
      insertedAt: item.createdAt,
      modifiedAt: item.updatedAt,
      fields: {
        name: item.title,
        status: STATUS[item.status] ?? 'draft',
        sourceStatus: item.status,
        description: filled(item.description),
        sku: filled(variants[0]?.sku),
        barcode: filled(variants[0]?.barcode),
        vendor: filled(item.vendor),
        categories: filled(item.productType) === undefined ? undefined : [item.productType ?? ''],
        tags: item.tags ?? undefined,
        currency,
        price: priceOf(variants[0]?.price),
        quantity: typeof item.totalInventory === 'number' ? String(item.totalInventory) : undefined,
        variants: variants.map((one) => ({
          id: one.id,
          name: filled(one.title),
          sku: filled(one.sku),
          barcode: filled(one.barcode),
          price: priceOf(one.price),
          quantity: typeof one.inventoryQuantity === 'number' ? String(one.inventoryQuantity) : undefined,
        })),
        uri: filled(item.onlineStoreUrl),
      },
    }
  },
})
