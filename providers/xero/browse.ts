/** Live reads: the organisation, what changed in it last, and the history and notes of each document. */
import {
  filled,
  NodeError,
  readAnswer,
  z,
  type Browse,
  type BrowseContext,
  type BrowsedItem,
  type BrowsePage,
  type Comment,
  type CommentQuery,
  type ItemQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { connections, contact, history, historyRecord, invoice, pagination, payment } from './api.js'
import { dateTime, get } from './organisation.js'
import type { settings } from './settings.js'

type Context = BrowseContext<typeof settings>

interface Kind {
  /** Its path, and the member of the answer that lists them. */
  readonly path: string
  /** Whether `searchTerm` finds them. */
  readonly isFound: boolean
  /** Undefined for what cannot be read, and for what was deleted. */
  readonly read: (raw: unknown) => Read | undefined
}
interface Read {
  readonly id: string
  readonly name: string
  readonly updatedAt: string
}

const KINDS = {
  invoice: { path: 'Invoices', isFound: true, read: readInvoice },
  contact: { path: 'Contacts', isFound: true, read: readContact },
  payment: { path: 'Payments', isFound: false, read: readPayment },
} as const satisfies Readonly<Record<string, Kind>>
type KindName = keyof typeof KINDS
const NAMES = Object.keys(KINDS) as readonly KindName[]

/** Kinds are read one after the other. */
const place = z.object({ kind: z.enum(['invoice', 'contact', 'payment']), page: z.int().min(1) })

export const browse: Browse<typeof settings> = {
  containerKinds: ['organisation'],
  itemKinds: NAMES,
  filters: ['container', 'kind', 'search', 'time'],
  scopes: ['accounting.contacts.read', 'accounting.invoices.read', 'accounting.payments.read'],

  async containers(http, { parentId }, { account }) {
    if (parentId !== undefined) return { data: [] }
    const all = readAnswer(z.array(z.unknown()), await http.get('https://api.xero.com/connections'))
    const data = all.flatMap((raw) => {
      const [read] = connections.safeParse([raw]).data ?? []
      // The sign-in may reach others too: this connection was not made for them.
      if (read?.tenantId !== account.id) return []
      const { tenantId: id, tenantName: name, createdDateUtc, updatedDateUtc } = read
      return [
        {
          id,
          kind: 'organisation',
          name,
          createdAt: utc(createdDateUtc),
          updatedAt: utc(updatedDateUtc),
          raw,
        },
      ]
    })
    return { data }
  },

  async items(http, query, context) {
    const kinds = kindsOf(query, context)
    const first = kinds[0]
    if (first === undefined) return { data: [] }
    const at = place.safeParse(query.cursor).data ?? { kind: first, page: 1 }
    const { data, more } = await readKind(http, query, at, context)
    if (more) return { data, cursor: { ...at, page: at.page + 1 } }
    const following = kinds[kinds.indexOf(at.kind) + 1]
    return following === undefined ? { data } : { data, cursor: { kind: following, page: 1 } }
  },

  comments: readHistory,
}

/** Their times come without a zone. */
const utc = (time: string): string => `${time.replace(/Z$/, '')}Z`

/** @throws NodeError CAPABILITY_MISSING: payments are not found by words */
function kindsOf({ containerId, kind, search }: ItemQuery, { account }: Context): readonly KindName[] {
  if (containerId !== undefined && containerId !== account.id) return []
  const asked = NAMES.filter((name) => kind === undefined || name === kind)
  const kinds = search === undefined ? asked : asked.filter((name) => KINDS[name].isFound)
  if (asked.length > 0 && kinds.length === 0)
    throw new NodeError('CAPABILITY_MISSING', { detail: 'xero: payments cannot be searched' })
  return kinds
}

async function readKind(
  http: ProviderHttp,
  { limit, search, since, until }: ItemQuery,
  at: z.output<typeof place>,
  context: Context,
): Promise<{ readonly data: readonly BrowsedItem[]; readonly more: boolean }> {
  const { path, read } = KINDS[at.kind]
  const [sinceMs, untilMs] = [since, until].map((time) => (time === undefined ? undefined : Date.parse(time)))
  const where = [
    ...(sinceMs === undefined ? [] : [`UpdatedDateUTC>=${dateTime(sinceMs)}`]),
    // The second in which it ends is asked for as a whole.
    ...(untilMs === undefined ? [] : [`UpdatedDateUTC<${dateTime(untilMs + 999)}`]),
  ]
  const query = {
    where: where.length === 0 ? undefined : where.join(' AND '),
    searchTerm: search,
    order: 'UpdatedDateUTC DESC',
    page: at.page,
    pageSize: limit,
  }
  const form = z.object({ [path]: z.array(z.unknown()), pagination: pagination.nullish() })
  const answer = readAnswer(form, await get(http, path, query, context))
  const rows = answer[path] as readonly unknown[]
  const { pageCount } = (answer['pagination'] ?? { pageCount: Infinity }) as { readonly pageCount: number }
  const data = rows.flatMap((raw) => {
    const one = read(raw)
    if (one === undefined) return []
    const ms = Date.parse(one.updatedAt)
    if (ms < (sinceMs ?? -Infinity) || ms >= (untilMs ?? Infinity)) return []
    const { id, name, updatedAt } = one
    return [{ id: `${at.kind}:${id}`, kind: at.kind, name, containerId: context.account.id, updatedAt, raw }]
  })
  return { data, more: rows.length > 0 && at.page < pageCount }
}

function readInvoice(raw: unknown): Read | undefined {
  const one = invoice.safeParse(raw).data
  if (one === undefined) return undefined
  const what = one.Type === 'ACCREC' ? 'Invoice' : 'Bill'
  const name = filled(one.InvoiceNumber) ?? `${what} of ${one.Contact.Name ?? one.Date.slice(0, 10)}`
  return { id: one.InvoiceID, name, updatedAt: one.UpdatedDateUTC }
}

function readContact(raw: unknown): Read | undefined {
  const one = contact.safeParse(raw).data
  return one && { id: one.ContactID, name: one.Name, updatedAt: one.UpdatedDateUTC }
}

function readPayment(raw: unknown): Read | undefined {
  const one = payment.safeParse(raw).data
  if (one === undefined) return undefined
  const name = `Payment of ${one.contact?.Name ?? one.Date.slice(0, 10)}`
  return { id: one.PaymentID, name, updatedAt: one.UpdatedDateUTC }
}

/** All of them come at once, and without ids. */
async function readHistory(
  http: ProviderHttp,
  { itemId, containerId, cursor, limit }: CommentQuery,
  context: Context,
): Promise<BrowsePage<Comment>> {
  const [, kind, id] = /^(invoice|contact|payment):([0-9a-f-]{36})$/i.exec(itemId) ?? []
  if (kind === undefined || (containerId !== undefined && containerId !== context.account.id))
    return { data: [] }
  const { path } = KINDS[kind as KindName]
  const { HistoryRecords: all } = readAnswer(history, await get(http, `${path}/${id}/History`, {}, context))
  const from = z.int().min(0).catch(0).parse(cursor)
  const data = all.slice(from, from + limit).flatMap((raw, at) => {
    const one = historyRecord.safeParse(raw).data
    if (one === undefined) return []
    const { Changes: change, Details: details, User: author, DateUTC: createdAt } = one
    const told = filled(details)
    const text = change === 'Note' ? (told ?? '') : told === undefined ? change : `${change}: ${told}`
    return [
      {
        // New ones come before the others: counted from the oldest, each keeps its number.
        id: `${itemId}:${all.length - from - at}`,
        itemId,
        text,
        ...(author && { author }),
        createdAt,
        raw,
      },
    ]
  })
  return from + limit < all.length ? { data, cursor: from + limit } : { data }
}
