/** Orders by the time of their change; those in the trash are asked for by themselves and are deleted. */
import {
  changedSince,
  defineStream,
  filled,
  moneyText,
  z,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { sum } from './amounts.js'
import { order, withId, type Order } from './api.js'
import { gmt, originOf, PAGE_SIZE, place, positionOf, readList } from './lists.js'
import { addressOf, emailOf, nameOf } from './people.js'

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties; plugins add more. */
const STATUS: ReadonlyMap<string, readonly [status: string, payment?: string]> = new Map([
  ['checkout-draft', ['draft']],
  ['auto-draft', ['draft']],
  ['pending', ['open', 'pending']],
  ['on-hold', ['open', 'pending']],
  ['failed', ['open', 'failed']],
  ['processing', ['open', 'paid']],
  ['completed', ['completed', 'paid']],
  ['refunded', ['completed', 'refunded']],
  ['cancelled', ['cancelled']],
])

/** First the orders, then the trash. */
const token = z.object({ status: z.enum(['any', 'trash']), at: place.nullable() })
type Token = z.output<typeof token>

export const orders = defineStream({
  name: 'orders',
  label: 'Orders',
  schema: 'commerce/order',
  item: order,
  deletes: 'feed',
  ...changedSince<Token>({
    token,
    position: positionOf,
    async list(http, { sinceMs, token: { status, at } = { status: 'any', at: null } }, { fields }) {
      const url = `${originOf(fields)}/wp-json/wc/v3/orders`
      const { items, next } = await readOrders(http, url, { status, at, sinceMs })
      const ahead =
        next !== undefined
          ? { next: { status, at: next } }
          : // The first run has met none of those in the trash.
            status === 'any' && sinceMs !== undefined && { next: { status: 'trash' as const, at: null } }
      if (status === 'any') return { items, ...ahead }
      return {
        items: [],
        deletedIds: items.flatMap((item) => withId.safeParse(item).data?.id ?? []),
        ...ahead,
      }
    },
  }),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.date_created_gmt,
    modifiedAt: item.date_modified_gmt ?? item.date_created_gmt,
    fields: fieldsOf(item),
  }),
})

function readOrders(
  http: ProviderHttp,
  url: string,
  { status, at, sinceMs }: Token & { readonly sinceMs: number | undefined },
) {
  const since = sinceMs !== undefined && { modified_after: gmt(sinceMs - 1_000), dates_are_gmt: true }
  const query = { ...since, status, orderby: 'id', order: 'asc', per_page: PAGE_SIZE }
  return readList(http, url, { at: at ?? undefined, query })
}

function fieldsOf(item: Order) {
  const [status, payment] = STATUS.get(item.status) ?? ['open']
  const money = (amount: string | null | undefined) => (amount ? moneyText(amount, item.currency) : undefined)
  const number = filled(item.number) ?? item.id
  return {
    name: `#${number}`,
    number,
    status,
    sourceStatus: item.status,
    paymentStatus: refundOf(item) ?? payment ?? (item.date_paid_gmt ? 'paid' : undefined),
    fulfilmentStatus: item.status === 'completed' ? 'fulfilled' : undefined,
    orderedAt: item.date_created_gmt,
    closedAt: item.date_completed_gmt ?? undefined,
    customerId: item.customer_id ?? undefined,
    customerName: nameOf(item.billing),
    email: emailOf(item.billing?.email),
    phone: filled(item.billing?.phone),
    currency: item.currency,
    subtotal: money(sum(item.line_items.map(({ subtotal }) => subtotal))),
    discount: money(item.discount_total),
    shipping: money(item.shipping_total),
    tax: money(item.total_tax),
    total: moneyText(item.total, item.currency),
    amountRefunded: money(refundedOf(item)),
    lines: item.line_items.map((line) => ({
      id: line.id,
      productId: line.product_id ?? undefined,
      variantId: line.variation_id ?? undefined,
      sku: filled(line.sku),
      name: filled(line.name),
      quantity: line.quantity,
      unitPrice: money(line.price),
      tax: money(line.total_tax),
      total: money(line.total),
    })),
    billingAddress: addressOf(item.billing, 'billing'),
    shippingAddress: addressOf(item.shipping, 'delivery'),
    channel: filled(item.created_via),
    note: filled(item.customer_note),
  }
}

/** Refunds are below zero. https://woocommerce.github.io/woocommerce-rest-api-docs/#order-refunds-properties */
const refundedOf = ({ refunds }: Order): string | undefined =>
  sum((refunds ?? []).map(({ total }) => total))?.replace(/^-/, '')

function refundOf(item: Order): string | undefined {
  const refunded = refundedOf(item)
  if (refunded === undefined || refunded === '0') return undefined
  const left = sum([item.total, `-${refunded}`]) ?? '0'
  return left === '0' || left.startsWith('-') ? 'refunded' : 'partly-refunded'
}
