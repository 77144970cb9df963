/** Live reads: the business of a connection, and its contacts, invoices and payments, one list after the other. */
import { filled, readAnswer, z, type Browse, type BrowsedItem } from '../../src/provider/index.js'
import { businesses, listPage, stamped } from './api.js'
import { API } from './business.js'
import type { settings } from './settings.js'

/** A list may be asked for what changed since a time, and not for an end: that is kept to here. */
const LISTS = [
  { kind: 'contact', path: 'contacts' },
  { kind: 'invoice', path: 'sales_invoices' },
  { kind: 'invoice', path: 'purchase_invoices' },
  { kind: 'payment', path: 'contact_payments' },
] as const

const place = z.object({ path: z.enum(LISTS.map(({ path }) => path)), page: z.int().min(1) })

export const browse: Browse<typeof settings> = {
  containerKinds: ['organisation'],
  itemKinds: ['contact', 'invoice', 'payment'],
  filters: ['container', 'kind', 'time'],

  async containers(http, { parentId }, { account }) {
    if (parentId !== undefined) return { data: [] }
    const { $items: all } = readAnswer(
      z.object({ $items: z.array(z.unknown()) }),
      await http.get(`${API}/businesses`),
    )
    const data = all.flatMap((raw) => {
      const [one] = businesses.safeParse({ $items: [raw] }).data?.$items ?? []
      // The person may see others too: this connection was not made for them.
      return one?.id === account.id ? [{ id: one.id, kind: 'organisation', name: one.displayed_as, raw }] : []
    })
    return { data }
  },

  async items(http, { cursor, limit, containerId, kind, since, until }, { account }) {
    const asked = LISTS.filter((one) => kind === undefined || one.kind === kind)
    const [first] = asked
    if (first === undefined || (containerId !== undefined && containerId !== account.id)) return { data: [] }
    const at = place.safeParse(cursor).data ?? { path: first.path, page: 1 }
    const index = asked.findIndex(({ path }) => path === at.path)
    const query = {
      attributes: 'all',
      items_per_page: limit,
      page: at.page,
      updated_or_created_since: since === undefined ? undefined : new Date(since).toISOString(),
    }
    const answer = await http.get(`${API}/${at.path}`, { query, headers: { 'x-business': account.id } })
    const { $items: rows, $next: next } = readAnswer(listPage, answer)
    const untilMs = until === undefined ? Infinity : Date.parse(until)
    const data = rows.flatMap((raw) => browsed(raw, asked[index] ?? first, account.id))
    const wanted = data.filter(({ updatedAt }) => Date.parse(updatedAt) < untilMs)
    if (next !== null) return { data: wanted, cursor: { ...at, page: at.page + 1 } }
    const after = asked[index + 1]
    return after === undefined ? { data: wanted } : { data: wanted, cursor: { path: after.path, page: 1 } }
  },
}

function browsed(
  raw: unknown,
  { kind }: (typeof LISTS)[number],
  containerId: string,
): readonly (BrowsedItem & { readonly updatedAt: string })[] {
  const one = stamped.safeParse(raw).data
  if (one === undefined) return []
  const { id, created_at: createdAt, updated_at: updatedAt } = one
  return [{ id, kind, name: filled(one.displayed_as) ?? id, containerId, createdAt, updatedAt, raw }]
}
