/**
 * Reads WooCommerce's lists page by page. https://woocommerce.github.io/woocommerce-rest-api-docs/#pagination
 * Pages are numbered, so an item that leaves the list moves those after it one place forward: when the total has
 * fallen since the page before, reading goes back by as many places.
 */
import {
  readAnswer,
  z,
  type FieldValues,
  type HttpQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { changed, list } from './api.js'

/** The most that a page may hold. https://developer.wordpress.org/rest-api/using-the-rest-api/pagination/ */
export const PAGE_SIZE = 100

/** A page of a list, and how many items the list had at the page before. */
export const place = z.object({ page: z.int().min(1), total: z.int().min(0) })
export type Place = z.output<typeof place>

export interface Listed {
  readonly items: readonly unknown[]
  /** Missing at the end. */
  readonly next?: Place
}

/** The whole origin of the shop, as it was entered. */
export const originOf = ({ texts }: Pick<FieldValues, 'texts'>): string => texts['url'] ?? ''

export async function readList(
  http: ProviderHttp,
  url: string,
  {
    at,
    query,
  }: { readonly at: Place | undefined; readonly query: HttpQuery & { readonly per_page: number } },
): Promise<Listed> {
  const page = at?.page ?? 1
  const answer = await http.get(url, { query: { ...query, page } })
  const items = readAnswer(list, answer).map(withoutKeys)
  const total = numberOf(answer.headers['x-wp-total'])
  const pages = numberOf(answer.headers['x-wp-totalpages'])
  const isLast = pages === undefined ? items.length < query.per_page : page >= pages
  const left = at === undefined || total === undefined ? 0 : at.total - total
  if (left > 0 && page > 1) {
    const back = Math.max(1, page - Math.ceil(left / query.per_page))
    return { items, next: { page: back, total: total ?? 0 } }
  }
  return isLast ? { items } : { items, next: { page: page + 1, total: total ?? 0 } }
}

const numberOf = (header: string | undefined): number | undefined =>
  /^\d{1,12}$/.test(header ?? '') ? Number(header) : undefined

/** The key of an order and the addresses with it let in whoever has them; WordPress keeps what begins with `_` from people. */
const KEYS: ReadonlySet<string> = new Set(['order_key', 'payment_url', 'cart_hash', '_links'])

function withoutKeys(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
  const members = Object.entries(item).filter(([name]) => !KEYS.has(name))
  return Object.fromEntries(
    members.map(([name, value]) => [name, name === 'meta_data' ? shown(value) : value]),
  )
}

const hidden = z.object({ key: z.string().startsWith('_') })
const shown = (meta: unknown): unknown =>
  Array.isArray(meta) ? meta.filter((one) => !hidden.safeParse(one).success) : meta

/** Of the time that the API takes: GMT without a zone, to the second. `modified_after` leaves out its own second. */
export const gmt = (ms: number): string => new Date(ms).toISOString().slice(0, 19)

/** When an order or a product changed, for the cursor. */
export function positionOf(item: unknown) {
  const read = changed.safeParse(item).data
  return read && { ms: Date.parse(read.date_modified_gmt), id: read.id }
}
