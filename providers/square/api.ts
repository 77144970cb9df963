/** What Square answers, each field that we read, in the form of the version in lists.ts. https://developer.squareup.com/reference/square */
import { currencyCode, decimal, filled, minorUnits, z } from '../../src/provider/index.js'

const id = z.string().min(1)
const words = z.string().nullish()
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())

/** https://developer.squareup.com/docs/build-basics/common-data-types/working-with-monetary-amounts */
const money = z.looseObject({ amount: minorUnits, currency: currencyCode })
export type Money = z.output<typeof money>

/** https://developer.squareup.com/reference/square/objects/Merchant */
export const merchantAnswer = z
  .object({ merchant: z.object({ id, business_name: words }) })
  .transform(({ merchant }) => ({ id: merchant.id, name: filled(merchant.business_name) ?? merchant.id }))

/** https://developer.squareup.com/reference/square/objects/Location */
export const location = z.object({ id, name: words, status: words, created_at: time.optional() })
export const locationsAnswer = z.object({ locations: z.array(z.unknown()) })

/** A page of a list; one that is empty is left out of the answer. https://developer.squareup.com/docs/build-basics/common-api-patterns/pagination */
export const listAnswer = (name: string) =>
  z.looseObject({ cursor: z.string().min(1).optional() }).transform((answer, context) => {
    const { cursor: next, [name]: items } = answer
    if (Array.isArray(items)) return { items: items as readonly unknown[], next }
    // The catalog says when it changed last, also where it has nothing to list.
    const isBare = Object.keys(answer).every((key) => key === 'cursor' || key === 'latest_time')
    if (isBare) return { items: [], next }
    context.addIssue({ code: 'custom', message: 'not a list' })
    return z.NEVER
  })

/** https://developer.squareup.com/reference/square/objects/Address */
const address = z.looseObject({
  address_line_1: words,
  address_line_2: words,
  address_line_3: words,
  locality: words,
  administrative_district_level_1: words,
  postal_code: words,
  country: words,
  first_name: words,
  last_name: words,
})
export type Address = z.output<typeof address>

const line = z.looseObject({
  uid: words,
  name: words,
  variation_name: words,
  quantity: decimal,
  catalog_object_id: words,
  base_price_money: money.nullish(),
  total_discount_money: money.nullish(),
  total_tax_money: money.nullish(),
  total_money: money.nullish(),
})

/** https://developer.squareup.com/reference/square/objects/Order */
export const order = z.looseObject({
  id,
  location_id: id,
  state: z.string().min(1),
  created_at: time,
  updated_at: time,
  closed_at: time.nullish(),
  reference_id: words,
  ticket_name: words,
  customer_id: words,
  source: z.looseObject({ name: words }).nullish(),
  total_money: money.nullish(),
  total_tax_money: money.nullish(),
  total_discount_money: money.nullish(),
  total_tip_money: money.nullish(),
  net_amount_due_money: money.nullish(),
  refunds: z.array(z.looseObject({ amount_money: money, status: words })).nullish(),
  line_items: z.array(line).nullish(),
  fulfillments: z.array(z.looseObject({ state: words })).nullish(),
})
export type Order = z.output<typeof order>

const variation = z.looseObject({
  id,
  is_deleted: z.boolean().nullish(),
  item_variation_data: z.looseObject({ name: words, sku: words, upc: words, price_money: money.nullish() }),
})

/** https://developer.squareup.com/reference/square/objects/CatalogItem */
export const item = z.looseObject({
  type: z.literal('ITEM'),
  id,
  updated_at: time,
  created_at: time.nullish(),
  item_data: z.looseObject({
    name: words,
    description_plaintext: words,
    product_type: words,
    is_archived: z.boolean().nullish(),
    variations: z.array(variation).nullish(),
  }),
})

/** https://developer.squareup.com/reference/square/objects/Customer */
export const customer = z.looseObject({
  id,
  created_at: time,
  updated_at: time,
  given_name: words,
  family_name: words,
  nickname: words,
  company_name: words,
  email_address: words,
  phone_number: words,
  note: words,
  address: address.nullish(),
})

/** https://developer.squareup.com/reference/square/objects/Payment */
export const payment = z.looseObject({
  id,
  created_at: time,
  updated_at: time,
  status: z.enum(['APPROVED', 'PENDING', 'COMPLETED', 'CANCELED', 'FAILED']),
  source_type: words,
  amount_money: money,
  total_money: money,
  refunded_money: money.nullish(),
  processing_fee: z.array(z.looseObject({ amount_money: money })).nullish(),
  order_id: words,
  customer_id: words,
  reference_id: words,
  receipt_number: words,
  note: words,
  card_details: z.looseObject({ errors: z.array(z.looseObject({ code: words })).nullish() }).nullish(),
})

/** When something changed; a deleted object of the catalog is one too. */
export const changed = z.object({ id, updated_at: time })
export const deleted = z.object({ id, is_deleted: z.literal(true) })

/** https://developer.squareup.com/docs/webhooks/overview */
export const event = z.object({
  merchant_id: id,
  type: z.string(),
  event_id: z.string().regex(/^[\w-]{1,100}$/),
})
