/** Customers and vendors: the same form twice; merged ones are told as deleted, those out of use are archived. */
import { defineStream, excerpt, filled, moneyText, postalAddress } from '../../src/provider/index.js'
import { party, type Address, type Party } from './api.js'
import { place, readEntity } from './company.js'
import { settings } from './settings.js'

const shared = {
  settings,
  schema: 'finance/contact',
  cursor: place,
  item: party,
  deletes: 'feed',
  incremental: true,
} as const

export const customers = defineStream({
  ...shared,
  name: 'customers',
  label: 'Customers',
  fetchPage: (http, cursor, context) =>
    readEntity(http, { name: 'Customer', hasActive: true, hasAmounts: false }, cursor, context),
  map: (item) => contact(item, 'customer'),
})

export const vendors = defineStream({
  ...shared,
  name: 'vendors',
  label: 'Vendors',
  fetchPage: (http, cursor, context) =>
    readEntity(http, { name: 'Vendor', hasActive: true, hasAmounts: false }, cursor, context),
  map: (item) => contact(item, 'supplier'),
})

function contact(item: Party, role: 'customer' | 'supplier') {
  const currency = item.CurrencyRef?.value
  const email = filled(item.PrimaryEmailAddr?.Address)
  return {
    sourceId: item.Id,
    insertedAt: item.MetaData.CreateTime,
    modifiedAt: item.MetaData.LastUpdatedTime,
    fields: {
      name: item.DisplayName,
      summary: excerpt(item.Notes, 256),
      archived: item.Active === false,
      roles: [role],
      firstName: filled(item.GivenName),
      lastName: filled(item.FamilyName),
      companyName: filled(item.CompanyName),
      email: email?.includes('@') ? email : undefined,
      phone: filled(item.PrimaryPhone?.FreeFormNumber),
      mobile: filled(item.Mobile?.FreeFormNumber),
      website: filled(item.WebAddr?.URI),
      number: filled(item.AcctNum),
      currency,
      [role === 'customer' ? 'receivable' : 'payable']: item.Balance
        ? moneyText(item.Balance, currency ?? '')
        : undefined,
      addresses: [address('billing', item.BillAddr), address('delivery', item.ShipAddr)].flat(),
    },
  }
}

function address(type: 'billing' | 'delivery', of: Address | null | undefined) {
  const { City: city, CountrySubDivisionCode: region, PostalCode: postalCode, Country: country } = of ?? {}
  const lines = [of?.Line1, of?.Line2, of?.Line3]
  return postalAddress({ type, lines, city, region, postalCode, country }) ?? []
}
