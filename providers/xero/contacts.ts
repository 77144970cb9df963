/** Contacts: customers, suppliers and others. They are archived, never deleted. */
import {
  currencyCode,
  defineStream,
  filled,
  moneyText,
  postalAddress,
  type AddressParts,
} from '../../src/provider/index.js'
import { contact, type Address, type Phone } from './api.js'
import { place, readChanged } from './organisation.js'

const OF = { name: 'Contacts', id: 'ContactID', query: { includeArchived: true } }

export const contacts = defineStream({
  name: 'contacts',
  label: 'Contacts',
  schema: 'finance/contact',
  scopes: ['accounting.contacts.read'],
  cursor: place,
  item: contact,
  deletes: 'none',
  incremental: true,
  fetchPage: (http, cursor, context) => readChanged(http, OF, cursor, context),

  map(item) {
    const currency = currencyCode.safeParse(item.DefaultCurrency).data
    const money = (amount: string | null | undefined) =>
      amount ? moneyText(amount, currency ?? '') : undefined
    const email = filled(item.EmailAddress)
    return {
      sourceId: item.ContactID,
      insertedAt: item.UpdatedDateUTC,
      fields: {
        name: item.Name,
        archived: item.ContactStatus !== 'ACTIVE',
        roles: [item.IsCustomer ? 'customer' : [], item.IsSupplier ? 'supplier' : []].flat(),
        firstName: filled(item.FirstName),
        lastName: filled(item.LastName),
        email: email?.includes('@') ? email : undefined,
        phone: number(item.Phones, 'DEFAULT') ?? number(item.Phones, 'DDI'),
        mobile: number(item.Phones, 'MOBILE'),
        website: filled(item.Website),
        number: filled(item.AccountNumber),
        taxNumber: filled(item.TaxNumber),
        currency,
        receivable: money(item.Balances?.AccountsReceivable?.Outstanding),
        payable: money(item.Balances?.AccountsPayable?.Outstanding),
        addresses: (item.Addresses ?? [])
          .map((one) => postalAddress(parts(one)))
          .filter((one) => one !== undefined),
      },
    }
  },
})

function number(phones: readonly Phone[] | null | undefined, type: string): string | undefined {
  const phone = phones?.find(({ PhoneType }) => PhoneType === type)
  if (!filled(phone?.PhoneNumber)) return undefined
  const { PhoneCountryCode: country, PhoneAreaCode: area, PhoneNumber: local } = phone ?? {}
  return [country, area, local].flatMap((part) => filled(part) ?? []).join(' ')
}

function parts(of: Address): AddressParts {
  return {
    type: of.AddressType === 'STREET' ? 'delivery' : 'postal',
    name: of.AttentionTo,
    lines: [of.AddressLine1, of.AddressLine2, of.AddressLine3, of.AddressLine4],
    city: of.City,
    region: of.Region,
    postalCode: of.PostalCode,
    country: of.Country,
  }
}
