/** What the Sage Accounting API 3.1 answers, each field that we read. https://developer.sage.com/accounting/reference/ */
import { currencyCode, decimal, z } from '../../src/provider/index.js'

const id = z.string().min(1)
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())
/** A thing that stands elsewhere: its id, and a text for people. */
const base = z.looseObject({ id, displayed_as: z.string().nullish() })
const currency = z.looseObject({ id: currencyCode })

/** Every list. `$next` is the address of the next page, null at the end. */
export const listPage = z.object({ $next: z.string().nullable(), $items: z.array(z.unknown()) })

export const businesses = z.object({ $items: z.array(z.object({ id, displayed_as: z.string() })) })

/** Of a list of deleted ones only the ids are read. */
export const identified = z.object({ id })

/** What every thing in a list has. */
export const stamped = z.looseObject({
  id,
  displayed_as: z.string().nullish(),
  created_at: time,
  updated_at: time,
})

/** .../accounting-setup/#tag/Ledger-Accounts */
export const ledgerAccount = stamped.extend({
  name: z.string().nullish(),
  display_name: z.string().nullish(),
  nominal_code: z.int().nullish(),
  ledger_account_type: base.nullish(),
  tax_rate: base.nullish(),
  included_in_chart: z.boolean().nullish(),
})

const address = z.looseObject({
  address_line_1: z.string().nullish(),
  address_line_2: z.string().nullish(),
  city: z.string().nullish(),
  region: z.string().nullish(),
  postal_code: z.string().nullish(),
  country: base.nullish(),
})
export type Address = z.output<typeof address>

/** .../contacts/#tag/Contacts */
export const contact = stamped.extend({
  name: z.string().min(1),
  reference: z.string().nullish(),
  email: z.string().nullish(),
  notes: z.string().nullish(),
  tax_number: z.string().nullish(),
  balance: decimal.nullish(),
  currency: currency.nullish(),
  contact_types: z.array(base).nullish(),
  main_address: address.nullish(),
  delivery_address: address.nullish(),
  main_contact_person: z
    .looseObject({
      name: z.string().nullish(),
      email: z.string().nullish(),
      telephone: z.string().nullish(),
      mobile: z.string().nullish(),
    })
    .nullish(),
})

const line = z.looseObject({
  id: z.string().nullish(),
  description: z.string().nullish(),
  quantity: decimal.nullish(),
  unit_price: decimal.nullish(),
  discount_amount: decimal.nullish(),
  tax_amount: decimal.nullish(),
  total_amount: decimal.nullish(),
  ledger_account: base.nullish(),
  product: base.nullish(),
  service: base.nullish(),
})
export type Line = z.output<typeof line>

/** .../invoicing-sales/#tag/Sales-Invoices and .../invoicing-purchases/#tag/Purchase-Invoices */
export const invoice = stamped.extend({
  status: base,
  contact: base.nullish(),
  contact_name: z.string().nullish(),
  invoice_number: z.string().nullish(),
  reference: z.string().nullish(),
  vendor_reference: z.string().nullish(),
  date: z.iso.date(),
  due_date: z.iso.date().nullish(),
  currency,
  net_amount: decimal.nullish(),
  tax_amount: decimal.nullish(),
  total_amount: decimal,
  total_discount_amount: decimal.nullish(),
  total_paid: decimal.nullish(),
  outstanding_amount: decimal.nullish(),
  notes: z.string().nullish(),
  invoice_lines: z.array(line).nullish(),
})
export type Invoice = z.output<typeof invoice>

/** .../banking/#tag/Contact-Payments */
export const payment = stamped.extend({
  transaction_type: z.looseObject({
    id: z.enum(['CUSTOMER_RECEIPT', 'CUSTOMER_REFUND', 'VENDOR_PAYMENT', 'VENDOR_REFUND']),
  }),
  payment_method: base.nullish(),
  contact: base.nullish(),
  bank_account: base.nullish(),
  date: z.iso.date(),
  total_amount: decimal,
  currency,
  reference: z.string().nullish(),
  allocated_artefacts: z
    .array(z.looseObject({ artefact: z.looseObject({ id }), amount: decimal.nullish() }))
    .nullish(),
})
