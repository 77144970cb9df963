/** What the GraphQL Admin API answers to our queries. https://shopify.dev/docs/api/admin-graphql/latest */
import { currencyCode, decimal, z } from '../../src/provider/index.js'

/** `gid://shopify/Order/1001`: the number is the id, as in the shop's own addresses. */
const id = z
  .string()
  .regex(/^gid:\/\/shopify\/[A-Za-z]{1,40}\/\d{1,30}$/)
  .transform((gid) => gid.slice(gid.lastIndexOf('/') + 1))
const reference = z.looseObject({ id }).nullish()
const words = z.string().nullish()
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())
const money = z.looseObject({ shopMoney: z.looseObject({ amount: decimal }) }).nullish()

/** https://shopify.dev/docs/api/usage/pagination-graphql */
export const connection = z.object({
  nodes: z.array(z.unknown()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
})

/** Of a list inside an item: all of it is there. */
const whole = z.looseObject({ hasNextPage: z.literal(false) })

export const shop = z.object({ shop: z.object({ id, name: z.string(), myshopifyDomain: z.string() }) })

/** https://shopify.dev/docs/api/admin-graphql/latest/objects/MailingAddress */
const address = z.looseObject({
  name: words,
  company: words,
  address1: words,
  address2: words,
  city: words,
  province: words,
  zip: words,
  countryCodeV2: words,
  phone: words,
})
export type Address = z.output<typeof address>

const line = z.looseObject({
  id,
  name: words,
  sku: words,
  quantity: z.int(),
  product: reference,
  variant: reference,
  originalUnitPriceSet: money,
  discountedTotalSet: money,
})

/** https://shopify.dev/docs/api/admin-graphql/latest/objects/Order */
export const order = z.looseObject({
  id,
  name: z.string().min(1),
  createdAt: time,
  updatedAt: time,
  processedAt: time.nullish(),
  cancelledAt: time.nullish(),
  closedAt: time.nullish(),
  displayFinancialStatus: words,
  displayFulfillmentStatus: words,
  currencyCode,
  email: words,
  phone: words,
  note: words,
  sourceName: words,
  tags: z.array(z.string()).nullish(),
  subtotalPriceSet: money,
  totalDiscountsSet: money,
  totalShippingPriceSet: money,
  totalTaxSet: money,
  totalTipReceivedSet: money,
  totalPriceSet: z.looseObject({ shopMoney: z.looseObject({ amount: decimal }) }),
  totalRefundedSet: money,
  customer: z.looseObject({ id, displayName: words }).nullish(),
  billingAddress: address.nullish(),
  shippingAddress: address.nullish(),
  lineItems: z.looseObject({ nodes: z.array(line), pageInfo: whole }),
})
export type Order = z.output<typeof order>

const variant = z.looseObject({
  id,
  title: words,
  sku: words,
  barcode: words,
  price: decimal.nullish(),
  inventoryQuantity: z.int().nullish(),
})

/** https://shopify.dev/docs/api/admin-graphql/latest/objects/Product */
export const product = z.looseObject({
  id,
  title: z.string().min(1),
  status: z.string().min(1),
  createdAt: time,
  updatedAt: time,
  description: words,
  vendor: words,
  productType: words,
  tags: z.array(z.string()).nullish(),
  totalInventory: z.int().nullish(),
  onlineStoreUrl: words,
  priceRangeV2: z.looseObject({ minVariantPrice: z.looseObject({ currencyCode }) }).nullish(),
  variants: z.looseObject({ nodes: z.array(variant), pageInfo: whole }),
})

/** https://shopify.dev/docs/api/admin-graphql/latest/objects/Customer */
export const customer = z.looseObject({
  id,
  displayName: words,
  firstName: words,
  lastName: words,
  createdAt: time,
  updatedAt: time,
  note: words,
  tags: z.array(z.string()).nullish(),
  numberOfOrders: z.union([z.int().min(0), z.string().regex(/^\d{1,15}$/)]).nullish(),
  amountSpent: z.looseObject({ amount: decimal, currencyCode }).nullish(),
  defaultEmailAddress: z.looseObject({ emailAddress: words, marketingState: words }).nullish(),
  defaultPhoneNumber: z.looseObject({ phoneNumber: words }).nullish(),
  defaultAddress: address.nullish(),
})

/** When something changed. */
export const changed = z.object({ id, updatedAt: time })

/** https://shopify.dev/docs/api/admin-graphql/latest/objects/DeletionEvent */
export const deletion = z.object({ subjectId: id })

/** What live reads ask for. */
export const entry = z.object({
  id,
  name: z.string().optional(),
  title: z.string().optional(),
  createdAt: time.optional(),
  updatedAt: time,
})

/** https://shopify.dev/docs/api/admin-graphql/latest/mutations/webhookSubscriptionCreate */
export const subscribed = z.object({ webhookSubscription: z.object({ id: z.string().min(1) }) })
