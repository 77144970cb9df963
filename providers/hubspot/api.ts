/** What the HubSpot API answers, each field that we read. https://developers.hubspot.com/docs/api-reference/latest/overview */
import { decimal, z } from '../../src/provider/index.js'

const id = z.string().regex(/^[\w-]{1,100}$/)
/** Times come with milliseconds and Z. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())
const filledText = (text: string | null | undefined) => (text === null || text === '' ? undefined : text)
/** Properties are texts; one that has no value is null, or empty after it was taken away. */
const property = z
  .string()
  .nullish()
  .transform((text) => filledText(text?.trim()))
const flag = z
  .string()
  .nullish()
  .transform((text) => text === 'true')
const amount = z
  .union([z.literal('').transform(() => undefined), decimal])
  .nullish()
  .transform((value) => value ?? undefined)
const day = z
  .string()
  .nullish()
  .transform(filledText)
  .pipe(z.union([z.iso.datetime({ offset: true }), z.iso.date()]).optional())

/** https://developers.hubspot.com/docs/api-reference/latest/account/account-information/get-account-details */
export const accountAnswer = z.object({ portalId: z.union([z.int(), z.string().min(1)]).transform(String) })

/** https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm */
export const page = z.object({
  results: z.array(z.unknown()),
  paging: z.object({ next: z.object({ after: z.string().min(1) }).nullish() }).nullish(),
})

/** https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide */
export const record = z.looseObject({ id, createdAt: time, updatedAt: time })
export const identified = z.object({ id })

export const contact = record.extend({
  properties: z.looseObject({
    firstname: property,
    lastname: property,
    email: property,
    phone: property,
    mobilephone: property,
    jobtitle: property,
    company: property,
    associatedcompanyid: property,
    hubspot_owner_id: property,
    lifecyclestage: property,
    address: property,
    city: property,
    state: property,
    zip: property,
    country: property,
  }),
})

/** https://developers.hubspot.com/docs/api-reference/latest/crm/objects/companies/guide */
export const company = record.extend({
  properties: z.looseObject({
    name: property,
    domain: property,
    website: property,
    industry: property,
    description: property,
    type: property,
    phone: property,
    numberofemployees: amount,
    annualrevenue: amount,
    hs_parent_company_id: property,
    hubspot_owner_id: property,
    address: property,
    address2: property,
    city: property,
    state: property,
    zip: property,
    country: property,
  }),
})

/** https://developers.hubspot.com/docs/api-reference/latest/crm/objects/deals/guide */
export const deal = record.extend({
  properties: z.looseObject({
    dealname: property,
    dealstage: property,
    pipeline: property,
    amount,
    deal_currency_code: property,
    closedate: day,
    hs_is_closed: flag,
    hs_is_closed_won: flag,
    hs_deal_stage_probability: amount,
    dealtype: property,
    description: property,
    hs_analytics_source: property,
    hs_primary_associated_company: property,
    hubspot_owner_id: property,
  }),
})

/** https://developers.hubspot.com/docs/api-reference/latest/crm/pipelines/get-pipelines */
export const pipelines = z.object({ results: z.array(z.unknown()) })
export const pipeline = z.object({
  id,
  label: z.string(),
  createdAt: time.nullish(),
  updatedAt: time.nullish(),
})

/** https://developers.hubspot.com/docs/api-reference/latest/crm/activities/notes/guide */
export const note = record.extend({ properties: z.looseObject({ hs_note_body: z.string().nullish() }) })

/** https://developers.hubspot.com/docs/api-reference/error-handling */
export const failure = z.object({
  category: z.string().optional(),
  policyName: z.string().optional(),
})

/** https://developers.hubspot.com/docs/api-reference/latest/webhooks/guide */
export const notification = z.array(
  z.object({
    portalId: z.union([z.int(), z.string()]).transform(String),
    subscriptionType: z.string(),
    objectTypeId: z.string().optional(),
  }),
)
