/** Customers who have an account in the shop. The list cannot be asked for what changed, so each run reads it whole. */
import { defineStream, filled } from '../../src/provider/index.js'
import { customer } from './api.js'
import { originOf, PAGE_SIZE, place, readList } from './lists.js'
import { addressOf, emailOf, nameOf } from './people.js'

export const customers = defineStream({
  name: 'customers',
  label: 'Customers',
  schema: 'commerce/customer',
  cursor: place,
  item: customer,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor, { fields }) {
    const query = { orderby: 'id', order: 'asc', per_page: PAGE_SIZE }
    const url = `${originOf(fields)}/wp-json/wc/v3/customers`
    const { items, next } = await readList(http, url, { at: cursor, query })
    return { items, cursor: next ?? { page: 1, total: 0 }, more: next !== undefined }
  },

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.date_created_gmt,
    modifiedAt: item.date_modified_gmt ?? item.date_created_gmt,
    fields: {
      name: nameOf(item) ?? nameOf(item.billing) ?? emailOf(item.email) ?? filled(item.username) ?? item.id,
      firstName: filled(item.first_name),
      lastName: filled(item.last_name),
      companyName: filled(item.billing?.company),
      email: emailOf(item.email, item.billing?.email),
      phone: filled(item.billing?.phone),
      addresses: [addressOf(item.billing, 'billing'), addressOf(item.shipping, 'delivery')].filter(
        (address) => address !== undefined,
      ),
    },
  }),
})
