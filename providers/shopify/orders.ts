/** Orders with all of their lines; amounts are in the currency of the shop. https://shopify.dev/docs/api/admin-graphql/latest/queries/orders */
import { defineStream, filled, moneyText } from '../../src/provider/index.js'
import { ADDRESS, addressOf } from './addresses.js'
import { order, type Order } from './api.js'
import { byChange, innerOf, type Listing } from './lists.js'

const MONEY = '{ shopMoney { amount } }'
const LINE = `id name sku quantity product { id } variant { id } originalUnitPriceSet ${MONEY} discountedTotalSet ${MONEY}`
const SELECTION = `id name createdAt updatedAt processedAt cancelledAt closedAt displayFinancialStatus displayFulfillmentStatus currencyCode email phone note sourceName tags subtotalPriceSet ${MONEY} totalDiscountsSet ${MONEY} totalShippingPriceSet ${MONEY} totalTaxSet ${MONEY} totalTipReceivedSet ${MONEY} totalPriceSet ${MONEY} totalRefundedSet ${MONEY} customer { id displayName } billingAddress { ${ADDRESS} } shippingAddress { ${ADDRESS} } ${innerOf('lineItems', LINE)}`

/** https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderDisplayFinancialStatus */
const PAYMENT: Readonly<Record<string, string>> = {
  AUTHORIZED: 'authorized',
  EXPIRED: 'failed',
  PAID: 'paid',
  PARTIALLY_PAID: 'partly-paid',
  PARTIALLY_REFUNDED: 'partly-refunded',
  PENDING: 'pending',
  REFUNDED: 'refunded',
  VOIDED: 'voided',
}
/** https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderDisplayFulfillmentStatus */
const FULFILMENT: Readonly<Record<string, string>> = {
  FULFILLED: 'fulfilled',
  PARTIALLY_FULFILLED: 'partly-fulfilled',
  RESTOCKED: 'returned',
}

export const listing: Listing = {
  list: 'orders',
  one: 'order',
  selection: SELECTION,
  inner: { name: 'lineItems', selection: LINE },
  pageSize: 10,
  cost: 200,
}

export const orders = defineStream({
  name: 'orders',
  label: 'Orders',
  schema: 'commerce/order',
  scopes: ['read_orders'],
  item: order,
  deletes: 'none',
  ...byChange(listing),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.createdAt,
    modifiedAt: item.updatedAt,
    fields: fieldsOf(item),
  }),
})

function fieldsOf(item: Order) {
  const money = (set: Order['totalTaxSet']) => set && moneyText(set.shopMoney.amount, item.currencyCode)
  return {
    name: item.name,
    number: item.name,
    status: item.cancelledAt ? 'cancelled' : item.closedAt ? 'completed' : 'open',
    paymentStatus: PAYMENT[item.displayFinancialStatus ?? ''],
    fulfilmentStatus: item.displayFulfillmentStatus
      ? (FULFILMENT[item.displayFulfillmentStatus] ?? 'unfulfilled')
      : undefined,
    sourceStatus: filled(`${item.displayFinancialStatus ?? ''} ${item.displayFulfillmentStatus ?? ''}`),
    orderedAt: item.processedAt ?? item.createdAt,
    cancelledAt: item.cancelledAt ?? undefined,
    closedAt: item.closedAt ?? undefined,
    customerId: item.customer?.id,
    customerName: filled(item.customer?.displayName),
    email: item.email?.includes('@') ? item.email : undefined,
    phone: filled(item.phone),
    currency: item.currencyCode,
    subtotal: money(item.subtotalPriceSet) ?? undefined,
    discount: money(item.totalDiscountsSet) ?? undefined,
    shipping: money(item.totalShippingPriceSet) ?? undefined,
    tax: money(item.totalTaxSet) ?? undefined,
    tip: money(item.totalTipReceivedSet) ?? undefined,
    total: moneyText(item.totalPriceSet.shopMoney.amount, item.currencyCode),
    amountRefunded: money(item.totalRefundedSet) ?? undefined,
    lines: item.lineItems.nodes.map((line) => ({
      id: line.id,
      productId: line.product?.id,
      variantId: line.variant?.id,
      sku: filled(line.sku),
      name: filled(line.name),
      quantity: String(line.quantity),
      unitPrice: money(line.originalUnitPriceSet) ?? undefined,
      total: money(line.discountedTotalSet) ?? undefined,
    })),
    billingAddress: addressOf(item.billingAddress, 'billing'),
    shippingAddress: addressOf(item.shippingAddress, 'delivery'),
    channel: filled(item.sourceName),
    note: filled(item.note),
    tags: item.tags ?? undefined,
  }
}
