/** Orders of each location. https://developer.squareup.com/reference/square/orders-api/search-orders */
import {
  defineStream,
  filled,
  minorToDecimal,
  currencyDigits,
  readAnswer,
  skip,
} from '../../src/provider/index.js'
import { order, listAnswer, type Order } from './api.js'
import { byChange, HEADERS, locationIds, moneyOf } from './lists.js'

const PAGE_SIZE = 200

/** https://developer.squareup.com/reference/square/enums/OrderState */
const STATUS: Readonly<Record<string, string>> = {
  DRAFT: 'draft',
  OPEN: 'open',
  COMPLETED: 'completed',
  CANCELED: 'cancelled',
}

export const orders = defineStream({
  name: 'orders',
  label: 'Orders',
  schema: 'commerce/order',
  scopes: ['ORDERS_READ', 'MERCHANT_PROFILE_READ'],
  item: order,
  deletes: 'none',
  partitions: locationIds,
  ...byChange(async (http, { settings: { apiOrigin }, partition, since, cursor }) => {
    const filter = since !== undefined && {
      filter: { date_time_filter: { updated_at: { start_at: since } } },
    }
    const query = { ...filter, sort: { sort_field: 'UPDATED_AT', sort_order: 'ASC' } }
    const json = { location_ids: [partition], query, limit: PAGE_SIZE, ...(cursor && { cursor }) }
    const answer = await http.post(
      `${apiOrigin}/v2/orders/search`,
      { json },
      { headers: HEADERS, idempotent: true },
    )
    return readAnswer(listAnswer('orders'), answer)
  }),

  map(item) {
    // What is given back without a sale is an order with returns only, and has no total.
    if (!item.total_money) return skip('an order of returns only')
    return {
      sourceId: item.id,
      insertedAt: item.created_at,
      modifiedAt: item.updated_at,
      fields: { ...fieldsOf(item), currency: item.total_money.currency, total: moneyOf(item.total_money) },
    }
  },
})

function fieldsOf(item: Order) {
  const number = filled(item.ticket_name) ?? filled(item.reference_id)
  return {
    name: number ?? `Order of ${item.created_at.slice(0, 10)}`,
    number: filled(item.reference_id),
    status: STATUS[item.state] ?? 'open',
    sourceStatus: item.state,
    paymentStatus: paymentOf(item),
    fulfilmentStatus: fulfilmentOf(item),
    orderedAt: item.created_at,
    closedAt: item.state === 'COMPLETED' ? (item.closed_at ?? undefined) : undefined,
    cancelledAt: item.state === 'CANCELED' ? (item.closed_at ?? undefined) : undefined,
    customerId: filled(item.customer_id),
    discount: moneyOf(item.total_discount_money),
    tax: moneyOf(item.total_tax_money),
    tip: moneyOf(item.total_tip_money),
    amountRefunded: refundedOf(item),
    lines: item.line_items?.map((line) => ({
      id: filled(line.uid),
      variantId: filled(line.catalog_object_id),
      name: filled(`${line.name ?? ''} ${line.variation_name ?? ''}`),
      quantity: line.quantity,
      unitPrice: moneyOf(line.base_price_money),
      discount: moneyOf(line.total_discount_money),
      tax: moneyOf(line.total_tax_money),
      total: moneyOf(line.total_money),
    })),
    locationId: item.location_id,
    channel: filled(item.source?.name),
  }
}

const given = ({ refunds }: Order) => (refunds ?? []).filter(({ status }) => status === 'APPROVED')

/** https://developer.squareup.com/reference/square/objects/Refund */
function refundedOf(item: Order): string | undefined {
  const [first] = given(item)
  if (first === undefined) return undefined
  const sum = given(item).reduce((total, { amount_money: { amount } }) => total + BigInt(amount), 0n)
  return minorToDecimal(String(sum), currencyDigits(first.amount_money.currency))
}

function paymentOf(item: Order): string | undefined {
  const refunded = given(item).reduce((total, { amount_money: { amount } }) => total + BigInt(amount), 0n)
  const total = BigInt(item.total_money?.amount ?? 0)
  if (refunded > 0n) return refunded >= total ? 'refunded' : 'partly-refunded'
  if (!item.net_amount_due_money || item.state === 'CANCELED') return undefined
  const due = BigInt(item.net_amount_due_money.amount)
  return due <= 0n ? 'paid' : due < total ? 'partly-paid' : 'pending'
}

/** https://developer.squareup.com/reference/square/enums/FulfillmentState */
function fulfilmentOf({ fulfillments }: Order): string | undefined {
  if (!fulfillments || fulfillments.length === 0) return undefined
  const done = fulfillments.filter(({ state }) => state === 'COMPLETED').length
  return done === 0 ? 'unfulfilled' : done < fulfillments.length ? 'partly-fulfilled' : 'fulfilled'
}
