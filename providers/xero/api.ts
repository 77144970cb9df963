/** What the Xero Accounting API answers, each field that we read. https://github.com/XeroAPI/Xero-OpenAPI (xero_accounting.yaml) */
import { currencyCode, decimal, z } from '../../src/provider/index.js'

const id = z.string().min(1)
/** `/Date(1539993600000+0000)/`: milliseconds since 1970. https://developer.xero.com/documentation/api/accounting/requests-and-responses */
export const time = z
  .string()
  .regex(/^\/Date\(-?\d{1,13}([+-]\d{4})?\)\/$/)
  .transform((text) => new Date(Number.parseInt(text.slice(6), 10)).toISOString())

/** GET /connections. https://developer.xero.com/documentation/guides/oauth2/tenants */
export const connections = z.array(
  z.object({
    tenantId: id,
    tenantType: z.string(),
    tenantName: z.string(),
    createdDateUtc: z.string(),
    updatedDateUtc: z.string(),
  }),
)

export const pagination = z.object({ page: z.int(), pageCount: z.int() })

/** .../accounts */
export const account = z.looseObject({
  AccountID: id,
  Name: z.string().min(1),
  Code: z.string().nullish(),
  Type: z.string(),
  Status: z.string(),
  Description: z.string().nullish(),
  BankAccountType: z.string().nullish(),
  CurrencyCode: currencyCode.nullish(),
  TaxType: z.string().nullish(),
  UpdatedDateUTC: time,
})

const address = z.looseObject({
  AddressType: z.string().nullish(),
  AttentionTo: z.string().nullish(),
  AddressLine1: z.string().nullish(),
  AddressLine2: z.string().nullish(),
  AddressLine3: z.string().nullish(),
  AddressLine4: z.string().nullish(),
  City: z.string().nullish(),
  Region: z.string().nullish(),
  PostalCode: z.string().nullish(),
  Country: z.string().nullish(),
})
export type Address = z.output<typeof address>

const phone = z.looseObject({
  PhoneType: z.string(),
  PhoneNumber: z.string().nullish(),
  PhoneAreaCode: z.string().nullish(),
  PhoneCountryCode: z.string().nullish(),
})
export type Phone = z.output<typeof phone>

const outstanding = z.looseObject({ Outstanding: decimal.nullish() }).nullish()

/** .../contacts */
export const contact = z.looseObject({
  ContactID: id,
  Name: z.string().min(1),
  ContactStatus: z.string(),
  FirstName: z.string().nullish(),
  LastName: z.string().nullish(),
  EmailAddress: z.string().nullish(),
  AccountNumber: z.string().nullish(),
  TaxNumber: z.string().nullish(),
  Website: z.string().nullish(),
  IsSupplier: z.boolean().nullish(),
  IsCustomer: z.boolean().nullish(),
  DefaultCurrency: z.string().nullish(),
  Addresses: z.array(address).nullish(),
  Phones: z.array(phone).nullish(),
  Balances: z.looseObject({ AccountsReceivable: outstanding, AccountsPayable: outstanding }).nullish(),
  UpdatedDateUTC: time,
})

const party = z.looseObject({ ContactID: id, Name: z.string().nullish() })

const line = z.looseObject({
  LineItemID: z.string().nullish(),
  Description: z.string().nullish(),
  Quantity: decimal.nullish(),
  UnitAmount: decimal.nullish(),
  DiscountAmount: decimal.nullish(),
  TaxAmount: decimal.nullish(),
  LineAmount: decimal.nullish(),
  AccountID: z.string().nullish(),
  AccountCode: z.string().nullish(),
  Item: z.looseObject({ ItemID: z.string().nullish() }).nullish(),
})
export type Line = z.output<typeof line>

/** .../invoices: sales invoices and bills */
export const invoice = z.looseObject({
  InvoiceID: id,
  Type: z.enum(['ACCREC', 'ACCPAY']),
  Status: z.enum(['DRAFT', 'SUBMITTED', 'AUTHORISED', 'PAID', 'VOIDED']),
  InvoiceNumber: z.string().nullish(),
  Reference: z.string().nullish(),
  Contact: party,
  Date: time,
  DueDate: time.nullish(),
  FullyPaidOnDate: time.nullish(),
  CurrencyCode: currencyCode,
  SubTotal: decimal,
  TotalTax: decimal,
  TotalDiscount: decimal.nullish(),
  Total: decimal,
  AmountPaid: decimal.nullish(),
  AmountCredited: decimal.nullish(),
  AmountDue: decimal.nullish(),
  LineItems: z.array(line).nullish(),
  UpdatedDateUTC: time,
})

/** What a payment is for, whatever of these it is. */
const paid = z.looseObject({
  InvoiceID: id.nullish(),
  CurrencyCode: currencyCode.nullish(),
  Contact: party.nullish(),
})

/** .../payments */
export const payment = z
  .looseObject({
    PaymentID: id,
    PaymentType: z.string(),
    Status: z.literal('AUTHORISED'),
    Date: time,
    Amount: decimal,
    Reference: z.string().nullish(),
    Account: z.looseObject({ AccountID: id.nullish() }).nullish(),
    Invoice: paid.nullish(),
    CreditNote: paid.nullish(),
    Prepayment: paid.nullish(),
    Overpayment: paid.nullish(),
    UpdatedDateUTC: time,
  })
  .transform((item, context) => {
    const document = item.Invoice ?? item.CreditNote ?? item.Prepayment ?? item.Overpayment
    const currency = document?.CurrencyCode
    if (currency) return { ...item, currency, contact: document.Contact ?? undefined }
    context.addIssue({ code: 'custom', path: ['Invoice', 'CurrencyCode'], message: 'no currency' })
    return z.NEVER
  })

/** .../{documents}/{id}/History, the newest first. https://developer.xero.com/documentation/api/history-and-notes */
export const history = z.object({ HistoryRecords: z.array(z.unknown()) })
export const historyRecord = z.object({
  Changes: z.string(),
  Details: z.string().nullish(),
  User: z.string().nullish(),
  DateUTC: time,
})
