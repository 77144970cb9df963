/** What the WooCommerce REST API v3 answers, each field that we read. https://woocommerce.github.io/woocommerce-rest-api-docs/ */
import { currencyCode, decimal, z } from '../../src/provider/index.js'

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#request-response-format: whole numbers; beyond 2^53 they come as text. */
const id = z.union([z.int().min(1), z.string().regex(/^[1-9]\d{0,30}$/)]).transform(String)
/** 0 where there is none. */
const reference = z.union([z.int().min(0), z.string().regex(/^\d{1,30}$/)]).transform((number) => {
  return String(number) === '0' ? undefined : String(number)
})
/** `2026-03-01T09:30:00` in GMT, without a zone. */
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  .transform((text, context) => {
    const ms = Date.parse(`${text}Z`)
    if (!Number.isNaN(ms)) return new Date(ms).toISOString()
    context.addIssue({ code: 'custom', message: 'not a time' })
    return z.NEVER
  })
/** Blank fields are empty texts or null. */
const words = z.string().nullish()
const amount = z.union([z.literal('').transform(() => undefined), decimal]).nullish()

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#pagination: lists are bare. */
export const list = z.array(z.unknown())

/** https://developer.wordpress.org/rest-api/extending-the-rest-api/routes-and-endpoints/ */
export const site = z.object({ name: z.string(), url: z.string() })

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#retrieve-current-currency */
export const currency = z.object({ code: currencyCode })

const address = z.looseObject({
  first_name: words,
  last_name: words,
  company: words,
  address_1: words,
  address_2: words,
  city: words,
  state: words,
  postcode: words,
  country: words,
  email: words,
  phone: words,
})
export type Address = z.output<typeof address>

const line = z.looseObject({
  id,
  name: words,
  product_id: reference.nullish(),
  variation_id: reference.nullish(),
  quantity: decimal,
  subtotal: amount,
  total: amount,
  total_tax: amount,
  sku: words,
  price: amount,
})

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties */
export const order = z.looseObject({
  id,
  number: words,
  status: z.string().min(1),
  currency: currencyCode,
  date_created_gmt: time,
  date_modified_gmt: time.nullish(),
  date_paid_gmt: time.nullish(),
  date_completed_gmt: time.nullish(),
  discount_total: amount,
  shipping_total: amount,
  total: decimal,
  total_tax: amount,
  customer_id: reference.nullish(),
  customer_note: words,
  created_via: words,
  billing: address.nullish(),
  shipping: address.nullish(),
  line_items: z.array(line),
  refunds: z.array(z.looseObject({ total: decimal })).nullish(),
})
export type Order = z.output<typeof order>

const named = z.looseObject({ name: z.string() })

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties */
export const product = z.looseObject({
  id,
  name: words,
  status: z.string().min(1),
  type: words,
  virtual: z.boolean().nullish(),
  downloadable: z.boolean().nullish(),
  permalink: words,
  description: words,
  short_description: words,
  sku: words,
  price: amount,
  regular_price: amount,
  stock_quantity: amount,
  date_created_gmt: time,
  date_modified_gmt: time.nullish(),
  categories: z.array(named).nullish(),
  tags: z.array(named).nullish(),
  images: z.array(z.looseObject({ src: z.string() })).nullish(),
})

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#customer-properties */
export const customer = z.looseObject({
  id,
  email: words,
  first_name: words,
  last_name: words,
  username: words,
  date_created_gmt: time,
  date_modified_gmt: time.nullish(),
  billing: address.nullish(),
  shipping: address.nullish(),
})

/** When an order or a product changed. */
export const changed = z.object({ id, date_modified_gmt: time })
export const withId = z.object({ id })

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#product-category-properties */
export const category = z.object({ id, name: z.string(), parent: reference.nullish() })

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#order-note-properties */
export const note = z.object({ id, author: words, note: z.string(), date_created_gmt: time })

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-webhooks: what could not be made has an error in its place. */
export const made = z.object({ create: z.array(z.object({ id, error: z.never().optional() })) })
/** What could be made of a batch. */
export const anyMade = z.object({ create: z.array(z.unknown()) })
