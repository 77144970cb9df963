/** What the Stripe API answers, each field that we read, in the form of the version in lists.ts. https://docs.stripe.com/api */
import { currencyCode, filled, minorUnits, z } from '../../src/provider/index.js'

const id = z.string().min(1)
/** Seconds since 1970. */
const time = z
  .int()
  .min(0)
  .max(253_402_300_799)
  .transform((seconds) => new Date(seconds * 1_000).toISOString())

/** A reference to another object: its id, or the object where it is expanded. */
const reference = z.union([id, z.looseObject({ id }).transform((object) => object.id)])

/** Every list; `has_more` says whether there is a next page. https://docs.stripe.com/api/pagination */
export const listPage = z.object({ data: z.array(z.unknown()), has_more: z.boolean() })

/** https://docs.stripe.com/api/accounts/object */
export const account = z
  .object({
    id,
    email: z.string().nullish(),
    settings: z.object({ dashboard: z.object({ display_name: z.string().nullish() }).nullish() }).nullish(),
    business_profile: z.object({ name: z.string().nullish() }).nullish(),
  })
  .transform(({ id, email, settings, business_profile: profile }) => ({
    id,
    name: filled(settings?.dashboard?.display_name) ?? filled(profile?.name) ?? filled(email) ?? id,
    ...(filled(email) !== undefined && { username: filled(email) ?? '' }),
  }))

/** Of an event only what it is about is read: its copy is of the version of the account. https://docs.stripe.com/api/events/object */
export const event = z.object({
  id,
  type: z.string(),
  data: z.object({ object: z.object({ id: id.nullish(), object: z.string() }) }),
})

/** A customer that was deleted can still be read, as this. https://docs.stripe.com/api/customers/delete */
export const gone = z.object({ id, deleted: z.literal(true) })

const address = z.looseObject({
  line1: z.string().nullish(),
  line2: z.string().nullish(),
  city: z.string().nullish(),
  state: z.string().nullish(),
  postal_code: z.string().nullish(),
  country: z.string().nullish(),
})
export type Address = z.output<typeof address>

/** https://docs.stripe.com/api/customers/object */
export const customer = z.looseObject({
  id,
  created: time,
  name: z.string().nullish(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  description: z.string().nullish(),
  currency: currencyCode.nullish(),
  address: address.nullish(),
  shipping: z.looseObject({ name: z.string().nullish(), address: address.nullish() }).nullish(),
})

const line = z.looseObject({
  id,
  amount: minorUnits,
  description: z.string().nullish(),
  quantity: z.int().nullish(),
})

/** https://docs.stripe.com/api/invoices/object */
export const invoice = z.looseObject({
  id,
  created: time,
  number: z.string().nullish(),
  status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']),
  customer: reference.nullish(),
  customer_name: z.string().nullish(),
  description: z.string().nullish(),
  due_date: time.nullish(),
  currency: currencyCode,
  subtotal: minorUnits,
  total: minorUnits,
  amount_paid: minorUnits,
  amount_remaining: minorUnits,
  total_taxes: z.array(z.looseObject({ amount: minorUnits })).nullish(),
  total_discount_amounts: z.array(z.looseObject({ amount: minorUnits })).nullish(),
  status_transitions: z.looseObject({
    finalized_at: time.nullish(),
    marked_uncollectible_at: time.nullish(),
    paid_at: time.nullish(),
    voided_at: time.nullish(),
  }),
  lines: z.looseObject({ data: z.array(line) }),
})
export type Invoice = z.output<typeof invoice>

/** https://docs.stripe.com/api/charges/object */
export const charge = z.looseObject({
  id,
  created: time,
  amount: minorUnits,
  amount_refunded: minorUnits,
  currency: currencyCode,
  status: z.enum(['succeeded', 'pending', 'failed']),
  refunded: z.boolean(),
  customer: reference.nullish(),
  description: z.string().nullish(),
  failure_code: z.string().nullish(),
  receipt_number: z.string().nullish(),
  billing_details: z.looseObject({ name: z.string().nullish() }).nullish(),
  payment_method_details: z.looseObject({ type: z.string() }).nullish(),
})

/** https://docs.stripe.com/api/payouts/object */
export const payout = z.looseObject({
  id,
  created: time,
  arrival_date: time,
  amount: minorUnits,
  currency: currencyCode,
  status: z.enum(['paid', 'pending', 'in_transit', 'canceled', 'failed']),
  type: z.string(),
  description: z.string().nullish(),
  failure_code: z.string().nullish(),
  destination: reference.nullish(),
})

/** The answer to a new endpoint; only this one holds its secret. https://docs.stripe.com/api/webhook_endpoints/create */
export const webhookEndpoint = z.object({ id, secret: z.string().min(1) })
