/** Customers of the shop. https://shopify.dev/docs/api/admin-graphql/latest/queries/customers */
import { defineStream, filled, moneyText } from '../../src/provider/index.js'
import { ADDRESS, addressOf } from './addresses.js'
import { customer } from './api.js'
import { byChange, type Listing } from './lists.js'

const SELECTION = `id displayName firstName lastName createdAt updatedAt note tags numberOfOrders amountSpent { amount currencyCode } defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber } defaultAddress { ${ADDRESS} }`

export const listing: Listing = {
  list: 'customers',
  one: 'customer',
  selection: SELECTION,
  pageSize: 100,
  cost: 200,
}

export const customers = defineStream({
  name: 'customers',
  label: 'Customers',
  schema: 'commerce/customer',
  scopes: ['read_customers'],
  item: customer,
  deletes: 'none',
  ...byChange(listing),

  map(item) {
    const email = filled(item.defaultEmailAddress?.emailAddress)
    const phone = filled(item.defaultPhoneNumber?.phoneNumber)
    const address = addressOf(item.defaultAddress, 'postal')
    return {
      sourceId: item.id,
      insertedAt: item.createdAt,
      modifiedAt: item.updatedAt,
      fields: {
        name: filled(item.displayName) ?? email ?? phone ?? item.id,
        firstName: filled(item.firstName),
        lastName: filled(item.lastName),
        companyName: filled(item.defaultAddress?.company),
        email: email?.includes('@') ? email : undefined,
        phone: phone ?? filled(item.defaultAddress?.phone),
        addresses: address === undefined ? [] : [address],
        // https://shopify.dev/docs/api/admin-graphql/latest/enums/CustomerEmailAddressMarketingState
        acceptsMarketing: item.defaultEmailAddress?.marketingState
          ? item.defaultEmailAddress.marketingState === 'SUBSCRIBED'
          : undefined,
        ordersCount: item.numberOfOrders ? Number(item.numberOfOrders) : undefined,
        currency: item.amountSpent?.currencyCode,
        totalSpent: item.amountSpent
          ? moneyText(item.amountSpent.amount, item.amountSpent.currencyCode)
          : undefined,
        note: filled(item.note),
        tags: item.tags ?? undefined,
      },
    }
  },
})
