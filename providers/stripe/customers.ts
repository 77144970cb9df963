/** Customers, with what they are reached by; deleted ones are told by events. */
import { defineStream, excerpt, postalAddress } from '../../src/provider/index.js'
import { customer, type Address } from './api.js'
import { place, readObjects } from './lists.js'

export const customers = defineStream({
  name: 'customers',
  label: 'Customers',
  schema: 'finance/contact',
  cursor: place,
  item: customer,
  deletes: 'feed',
  incremental: true,
  fetchPage: (http, cursor, context) =>
    readObjects(http, { path: 'customers', object: 'customer', deletes: true }, cursor, context),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created,
    fields: {
      name: excerpt(item.name, 200) ?? excerpt(item.email, 200) ?? item.id,
      summary: excerpt(item.description, 256),
      roles: ['customer'],
      email: item.email?.includes('@') ? item.email : undefined,
      phone: item.phone ?? undefined,
      currency: item.currency ?? undefined,
      addresses: [
        addressOf('billing', item.address),
        addressOf('delivery', item.shipping?.address, item.shipping?.name),
      ].flat(),
    },
  }),
})

function addressOf(type: 'billing' | 'delivery', address: Address | null | undefined, name?: string | null) {
  const { line1, line2, city, state, postal_code: postalCode, country } = address ?? {}
  return postalAddress({ type, name, lines: [line1, line2], city, region: state, postalCode, country }) ?? []
}
