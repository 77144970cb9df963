/** What the Salesforce REST API answers, each field that we read. https://developer.salesforce.com/docs/platform/api-rest/guide/resources-query.html */
import { currencyCode, decimal, z } from '../../src/provider/index.js'

/** 15 or 18 characters. */
const id = z.string().regex(/^[A-Za-z0-9]{15,18}$/)
/** `2025-03-01T09:00:00.000+0000`: the offset has no colon. */
const time = z
  .string()
  .transform((text) => text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => new Date(text).toISOString())
const text = z
  .string()
  .nullish()
  .transform((value) => (value === null || value?.trim() === '' ? undefined : value?.trim()))
const amount = decimal.nullish().transform((value) => value ?? undefined)

/** `done: false` where a batch is smaller than what was asked for. */
export const queryAnswer = z.object({ done: z.boolean(), records: z.array(z.unknown()) })

export const organization = z.object({ Id: id, Name: z.string().min(1) })

/** https://developer.salesforce.com/docs/platform/object-reference/guide/system-fields.html */
export const changed = z.object({ Id: id, SystemModstamp: time })

const record = z.looseObject({
  Id: id,
  CreatedDate: time,
  LastModifiedDate: time,
  SystemModstamp: time,
  OwnerId: text,
  Description: text,
})

/** https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-account.html */
export const account = record.extend({
  Name: z.string().min(1),
  Type: text,
  Industry: text,
  Website: text,
  Phone: text,
  NumberOfEmployees: z.int().nullish(),
  AnnualRevenue: amount,
  CurrencyIsoCode: currencyCode.nullish(),
  ParentId: text,
  BillingStreet: text,
  BillingCity: text,
  BillingState: text,
  BillingPostalCode: text,
  BillingCountry: text,
  ShippingStreet: text,
  ShippingCity: text,
  ShippingState: text,
  ShippingPostalCode: text,
  ShippingCountry: text,
})

/** https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-contact.html */
export const contact = record.extend({
  Name: z.string().min(1),
  FirstName: text,
  LastName: text,
  Email: text,
  Phone: text,
  MobilePhone: text,
  Title: text,
  Department: text,
  AccountId: text,
  MailingStreet: text,
  MailingCity: text,
  MailingState: text,
  MailingPostalCode: text,
  MailingCountry: text,
})

/** https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-opportunity.html */
export const opportunity = record.extend({
  Name: z.string().min(1),
  StageName: z.string(),
  IsClosed: z.boolean(),
  IsWon: z.boolean(),
  Amount: amount,
  CurrencyIsoCode: currencyCode.nullish(),
  Probability: z.number().nullish(),
  CloseDate: z.iso.date(),
  Type: text,
  LeadSource: text,
  AccountId: text,
  ContactId: text,
})

/** Of live reads. */
export const named = changed.extend({
  Name: z.string().min(1),
  CreatedDate: time,
  LastModifiedDate: time,
  AccountId: text,
})

/** https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-note.html */
export const note = changed.extend({
  Title: text,
  Body: text,
  CreatedDate: time,
  LastModifiedDate: time,
  Owner: z.object({ Name: text }).nullish(),
})

/** Failures come as a list. https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.html */
export const failure = z.object({ errorCode: z.string() })
