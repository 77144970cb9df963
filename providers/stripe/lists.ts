/**
 * How all streams are read: the first run goes through the list, later ones through the events since, oldest first.
 * Lists cannot be asked for what changed; events can, for 30 days. https://docs.stripe.com/api/events/list
 */
import {
  NodeError,
  readAnswer,
  z,
  type FetchContext,
  type Page,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { event, gone, listPage } from './api.js'

export const API = 'https://api.stripe.com/v1'
/** The form of answers does not change under it. https://docs.stripe.com/api/versioning */
export const VERSION = '2025-09-30.clover'
export const HEADERS = { 'stripe-version': VERSION }
const LIST_SIZE = 100
/** Each event may cost a call for the object as it is now. */
const EVENTS_SIZE = 20

/** `after`: the last object of the list that was read; `anchor`: the last event; null before there was one. */
export const place = z.union([
  z.object({ after: z.string(), anchor: z.string().nullable() }),
  z.object({ anchor: z.string().nullable() }),
])
export type Place = z.output<typeof place>

export interface Objects {
  /** `invoices`: the list is at /v1/invoices. */
  readonly path: string
  /** `invoice`: its events are `invoice.*`, and of those the ones about an `invoice`. */
  readonly object: string
  /** Whether such objects can be deleted, and events tell of it. */
  readonly deletes: boolean
}

export async function readObjects(
  http: ProviderHttp,
  of: Objects,
  cursor: Place | undefined,
  { sinceMs }: Pick<FetchContext, 'sinceMs'>,
): Promise<Page<Place>> {
  if (cursor && !('after' in cursor) && cursor.anchor !== null) return changes(http, of, cursor.anchor)
  // What happens while the list is read is met again by the events after this one.
  const anchor = cursor && 'after' in cursor ? cursor.anchor : await newestEvent(http, of)
  const query = {
    limit: LIST_SIZE,
    starting_after: cursor && 'after' in cursor ? cursor.after : undefined,
    'created[gte]': sinceMs === undefined ? undefined : Math.floor(sinceMs / 1_000),
  }
  const answer = await http.get(`${API}/${of.path}`, { query, headers: HEADERS })
  const { data, has_more: more } = readAnswer(listPage, answer)
  const items = data.map(withoutLinks)
  return more ? { items, cursor: { after: lastId(data), anchor }, more } : { items, cursor: { anchor }, more }
}

async function newestEvent(http: ProviderHttp, { object }: Objects): Promise<string | null> {
  const query = { type: `${object}.*`, limit: 1 }
  const answer = await http.get(`${API}/events`, { query, headers: HEADERS })
  const [newest] = readAnswer(listPage, answer).data
  return event.safeParse(newest).data?.id ?? null
}

/** The events after the anchor: every object that they name once, as it is now. */
async function changes(http: ProviderHttp, of: Objects, anchor: string): Promise<Page<Place>> {
  const query = { type: `${of.object}.*`, limit: EVENTS_SIZE, ending_before: anchor }
  const answer = await http.get(`${API}/events`, { query, headers: HEADERS })
  const { data, has_more: more } = readAnswer(listPage, answer)
  const read = data.flatMap((row) => event.safeParse(row).data ?? [])
  const about = read.filter(({ data }) => data.object.object === of.object)
  const deletedIds = new Set(
    about.flatMap(({ type, data }) => (type === `${of.object}.deleted` ? (data.object.id ?? []) : [])),
  )
  const items: unknown[] = []
  for (const id of new Set(about.flatMap(({ data }) => data.object.id ?? []))) {
    if (deletedIds.has(id)) continue
    const { json } = await http.get(`${API}/${of.path}/${encodeURIComponent(id)}`, { headers: HEADERS })
    if (gone.safeParse(json).success) deletedIds.add(id)
    else items.push(withoutLinks(json))
  }
  // The newest event comes first in a page, also when pages go towards the newer ones.
  const next = { anchor: read[0]?.id ?? anchor }
  return { items, ...(of.deletes && { deletedIds: [...deletedIds] }), cursor: next, more }
}

function lastId(rows: readonly unknown[]): string {
  const last = z.object({ id: z.string().min(1) }).safeParse(rows.at(-1))
  if (last.success) return last.data.id
  throw new NodeError('PROVIDER_CHANGED', { detail: 'a list that goes on after an object without an id' })
}

const LINKS: ReadonlySet<string> = new Set(['receipt_url', 'hosted_invoice_url', 'invoice_pdf'])

/** Without the links that let in whoever has them, and that are made anew for each answer. */
function withoutLinks(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row
  return Object.fromEntries(Object.entries(row).filter(([name]) => !LINKS.has(name)))
}
