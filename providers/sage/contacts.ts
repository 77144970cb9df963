/** Customers and vendors. */
import { defineStream, excerpt, filled, moneyText, postalAddress } from '../../src/provider/index.js'
import { contact, type Address } from './api.js'
import { place, readChanged } from './business.js'

const OF = { path: 'contacts', tellsDeleted: true, query: { nested_attributes: 'all', show_balance: true } }

export const contacts = defineStream({
  name: 'contacts',
  label: 'Contacts',
  schema: 'finance/contact',
  cursor: place,
  item: contact,
  deletes: 'feed',
  incremental: true,
  fetchPage: (http, cursor, context) => readChanged(http, OF, cursor, context),

  map(item) {
    const types = new Set(item.contact_types?.map(({ id }) => id))
    const roles = [types.has('CUSTOMER') ? 'customer' : [], types.has('VENDOR') ? 'supplier' : []].flat()
    const person = item.main_contact_person
    const email = filled(item.email) ?? filled(person?.email)
    const balance = item.balance ? moneyText(item.balance, item.currency?.id ?? '') : undefined
    return {
      sourceId: item.id,
      insertedAt: item.created_at,
      modifiedAt: item.updated_at,
      fields: {
        name: item.name,
        summary: excerpt(item.notes, 256),
        roles,
        email: email?.includes('@') ? email : undefined,
        phone: filled(person?.telephone),
        mobile: filled(person?.mobile),
        number: filled(item.reference),
        taxNumber: filled(item.tax_number),
        currency: item.currency?.id,
        // One balance for both: of somebody who is a customer it is what they owe.
        [types.has('CUSTOMER') ? 'receivable' : 'payable']: balance,
        addresses: [address('postal', item.main_address), address('delivery', item.delivery_address)].flat(),
      },
    }
  },
})

function address(type: 'postal' | 'delivery', of: Address | null | undefined) {
  const { city, region, postal_code: postalCode, country } = of ?? {}
  const lines = [of?.address_line_1, of?.address_line_2]
  return postalAddress({ type, lines, city, region, postalCode, country: country?.id }) ?? []
}
