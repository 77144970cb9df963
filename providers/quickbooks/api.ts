/** What the QuickBooks Online API answers, each field that we read. https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/account */
import { currencyCode, decimal, z } from '../../src/provider/index.js'

const id = z.string().min(1)
/** Times come with an offset. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())
const reference = z.looseObject({ value: id, name: z.string().nullish() })

/** What every entity has. https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features */
export const entity = z.looseObject({
  Id: id,
  MetaData: z.looseObject({ CreateTime: time, LastUpdatedTime: time }),
})

/** Deleted ones, as change data capture tells of them. */
export const deletion = z.object({ Id: id, status: z.literal('Deleted') })

/** Rows stand under the name of their entity, which is missing when there are none. */
export const queryAnswer = z.object({ QueryResponse: z.record(z.string(), z.unknown()) })

export const changesAnswer = z.object({
  CDCResponse: z.tuple([z.object({ QueryResponse: z.tuple([z.record(z.string(), z.unknown())]) })]),
  time: z.iso.datetime({ offset: true }),
})

export const companyAnswer = z.object({
  CompanyInfo: z.object({ CompanyName: z.string(), LegalName: z.string().nullish() }),
})

export const preferencesAnswer = z.object({
  Preferences: z.object({ CurrencyPrefs: z.object({ HomeCurrency: z.object({ value: currencyCode }) }) }),
})

const address = z.looseObject({
  Line1: z.string().nullish(),
  Line2: z.string().nullish(),
  Line3: z.string().nullish(),
  City: z.string().nullish(),
  CountrySubDivisionCode: z.string().nullish(),
  PostalCode: z.string().nullish(),
  Country: z.string().nullish(),
})
export type Address = z.output<typeof address>

const currency = z.looseObject({ value: currencyCode })
const number = z.looseObject({ FreeFormNumber: z.string().nullish() }).nullish()

/** .../entities/account */
export const account = entity.extend({
  Name: z.string().min(1),
  AccountType: z.string(),
  AccountSubType: z.string().nullish(),
  AcctNum: z.string().nullish(),
  Description: z.string().nullish(),
  Active: z.boolean().nullish(),
  CurrentBalance: decimal.nullish(),
  CurrencyRef: currency.nullish(),
  ParentRef: reference.nullish(),
})

/** .../entities/customer and .../entities/vendor */
export const party = entity.extend({
  DisplayName: z.string().min(1),
  GivenName: z.string().nullish(),
  FamilyName: z.string().nullish(),
  CompanyName: z.string().nullish(),
  Active: z.boolean().nullish(),
  Balance: decimal.nullish(),
  CurrencyRef: currency.nullish(),
  PrimaryEmailAddr: z.looseObject({ Address: z.string().nullish() }).nullish(),
  PrimaryPhone: number,
  Mobile: number,
  WebAddr: z.looseObject({ URI: z.string().nullish() }).nullish(),
  AcctNum: z.string().nullish(),
  Notes: z.string().nullish(),
  BillAddr: address.nullish(),
  ShipAddr: address.nullish(),
})
export type Party = z.output<typeof party>

const line = z.looseObject({
  Id: z.string().nullish(),
  Description: z.string().nullish(),
  Amount: decimal.nullish(),
  DetailType: z.string().nullish(),
  SalesItemLineDetail: z
    .looseObject({ Qty: decimal.nullish(), UnitPrice: decimal.nullish(), ItemRef: reference.nullish() })
    .nullish(),
  ItemBasedExpenseLineDetail: z
    .looseObject({ Qty: decimal.nullish(), UnitPrice: decimal.nullish(), ItemRef: reference.nullish() })
    .nullish(),
  AccountBasedExpenseLineDetail: z.looseObject({ AccountRef: reference.nullish() }).nullish(),
  LinkedTxn: z.array(z.looseObject({ TxnId: id, TxnType: z.string() })).nullish(),
})
export type Line = z.output<typeof line>

const transaction = entity.extend({
  TxnDate: z.iso.date(),
  TotalAmt: decimal,
  CurrencyRef: currency,
  PrivateNote: z.string().nullish(),
  Line: z.array(line).nullish(),
})

/** .../entities/invoice and .../entities/bill */
export const document = transaction.extend({
  DocNumber: z.string().nullish(),
  DueDate: z.iso.date().nullish(),
  Balance: decimal,
  CustomerRef: reference.nullish(),
  VendorRef: reference.nullish(),
  CustomerMemo: z.looseObject({ value: z.string().nullish() }).nullish(),
  TxnTaxDetail: z.looseObject({ TotalTax: decimal.nullish() }).nullish(),
})
export type Document = z.output<typeof document>

/** .../entities/payment */
export const payment = transaction.extend({
  CustomerRef: reference,
  PaymentRefNum: z.string().nullish(),
  PaymentMethodRef: reference.nullish(),
  DepositToAccountRef: reference.nullish(),
})
