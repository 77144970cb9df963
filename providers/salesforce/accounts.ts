/** Accounts: companies, and people where an organisation keeps person accounts. */
import { defineStream, postalAddress } from '../../src/provider/index.js'
import { account } from './api.js'
import { changesOf } from './soql.js'

export const accounts = defineStream({
  name: 'accounts',
  label: 'Accounts',
  schema: 'crm/company',
  item: account,
  deletes: 'feed',
  ...changesOf('Account'),

  map(of) {
    const billing = postalAddress({
      type: 'billing',
      lines: of.BillingStreet?.split(/\r?\n/) ?? [],
      city: of.BillingCity,
      region: of.BillingState,
      postalCode: of.BillingPostalCode,
      country: of.BillingCountry,
    })
    const delivery = postalAddress({
      type: 'delivery',
      lines: of.ShippingStreet?.split(/\r?\n/) ?? [],
      city: of.ShippingCity,
      region: of.ShippingState,
      postalCode: of.ShippingPostalCode,
      country: of.ShippingCountry,
    })
    const employees = of.NumberOfEmployees ?? -1
    return {
      sourceId: of.Id,
      insertedAt: of.CreatedDate,
      modifiedAt: of.LastModifiedDate,
      fields: {
        name: of.Name,
        website: of.Website,
        industry: of.Industry,
        description: of.Description,
        type: of.Type,
        phone: of.Phone,
        employees: employees >= 0 ? employees : undefined,
        currency: of.CurrencyIsoCode ?? undefined,
        annualRevenue: of.AnnualRevenue,
        addresses: [billing, delivery].filter((address) => address !== undefined),
        parentId: of.ParentId,
        ownerId: of.OwnerId,
      },
    }
  },
})
