/** Profiles of the seller's customers. https://developer.squareup.com/reference/square/customers-api/search-customers */
import { defineStream, filled, postalAddress, readAnswer } from '../../src/provider/index.js'
import { customer, listAnswer, type Address } from './api.js'
import { byChange, HEADERS } from './lists.js'

const PAGE_SIZE = 100

export const customers = defineStream({
  name: 'customers',
  label: 'Customers',
  schema: 'commerce/customer',
  scopes: ['CUSTOMERS_READ'],
  item: customer,
  deletes: 'none',
  ...byChange(async (http, { settings: { apiOrigin }, since, cursor }) => {
    const filter = since !== undefined && { filter: { updated_at: { start_at: since } } }
    const query = { ...filter, sort: { field: 'CREATED_AT', order: 'ASC' } }
    const json = { query, limit: PAGE_SIZE, ...(cursor && { cursor }) }
    const answer = await http.post(
      `${apiOrigin}/v2/customers/search`,
      { json },
      { headers: HEADERS, idempotent: true },
    )
    return readAnswer(listAnswer('customers'), answer)
  }),

  map(item) {
    const person = filled(`${item.given_name ?? ''} ${item.family_name ?? ''}`)
    const email = filled(item.email_address)
    const address = addressOf(item.address)
    return {
      sourceId: item.id,
      insertedAt: item.created_at,
      modifiedAt: item.updated_at,
      fields: {
        name: person ?? filled(item.company_name) ?? filled(item.nickname) ?? email ?? item.id,
        firstName: filled(item.given_name),
        lastName: filled(item.family_name),
        companyName: person === undefined ? undefined : filled(item.company_name),
        email: email?.includes('@') ? email : undefined,
        phone: filled(item.phone_number),
        addresses: address === undefined ? [] : [address],
        note: filled(item.note),
      },
    }
  },
})

function addressOf(address: Address | null | undefined) {
  return postalAddress({
    type: 'postal',
    name: `${address?.first_name ?? ''} ${address?.last_name ?? ''}`,
    lines: [address?.address_line_1, address?.address_line_2, address?.address_line_3],
    city: address?.locality,
    region: address?.administrative_district_level_1,
    postalCode: address?.postal_code,
    country: address?.country,
  })
}
