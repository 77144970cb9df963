/**
 * A list that can be asked for what changed since a time: invoices, contacts, orders, rows of a table.
 *
 * A pass reads what changed since the mark, to the end; then the mark moves. It moves to the latest change that was
 * met, but never into the overlap before the pass began: what a service shows late (replicas, indexes, transactions
 * that were open, clocks that differ, times cut to seconds) is met by the next pass. So a fresh change may come
 * twice; once it is older than the overlap, it does not come again. Changes of the very time of the mark are told
 * apart by id: none of them is lost, and those that were met are left out.
 *
 * Pages go on in one of two ways, as `list` answers:
 * - `more: true`, for a list that is sorted by the time of the change, oldest first. The kit asks again from the last
 *   item on: `sinceMs` is its time, `afterId` its id. Ask for `(changed, id) > (sinceMs, afterId)` where the service
 *   can. Else ask for `changed >= sinceMs`, ignore `afterId`, and make pages larger than the number of items that
 *   can change in one tick of the service's clock: a page of nothing new stops the stream with PROVIDER_CHANGED.
 *   This is the better way: it is exact while items change during the pass, and resumes at any time.
 * - `next`, a token of the service. `sinceMs` stays the same through the pass, and the order does not matter. Tokens
 *   that are page numbers lose an item for each that leaves an earlier page: only for lists that do not move.
 *
 * Without a cursor, `sinceMs` is the backfill window of the connection, or undefined: ask for everything. Deletions
 * that the list tells go into `deletedIds` (with `deletes: 'feed'`); an item whose position cannot be read is handed
 * on and moves nothing.
 *
 *     export const invoices = defineStream({
 *       name: 'invoices', label: 'Invoices', schema: 'finance/invoice', item: invoice, deletes: 'none',
 *       ...changedSince({
 *         token: z.number(),
 *         position: (item) => { const read = invoice.safeParse(item).data; return read && { ms: Date.parse(read.updated), id: read.id } },
 *         async list(http, { sinceMs, afterId }) {
 *           const query = { updatedFrom: sinceMs && new Date(sinceMs).toISOString(), sort: 'updated', limit: 200 }
 *           const page = readAnswer(invoicesPage, await http.get(`${API}/invoices`, { query }))
 *           return { items: page.items, more: page.items.length === 200 }
 *         },
 *       }),
 *       map: ...
 *     })
 */
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import type { Json } from '../../lib/canonical-json.js'
import type { ProviderHttp } from '../http.js'
import type { SettingsShape } from '../settings.js'
import type { FetchContext, Page } from '../stream.js'
import { DEFAULT_OVERLAP_MS } from './newest-first.js'
import { laterMs, type Listed, type StreamPart } from './stream-part.js'

/** When an item changed, and its id. */
export interface Position {
  readonly ms: number
  readonly id: string
}

export interface ChangesPage<T extends Json> extends Listed<T> {
  /** Without `next`: the list goes on after the last item of this page. */
  readonly more?: boolean
}

export interface ChangedSince<T extends Json, S extends SettingsShape> {
  readonly settings?: S
  /** The form of a page token; `z.never()` for a list without. */
  readonly token: z.ZodType<T>
  list(
    http: ProviderHttp,
    place: {
      /** Inclusive; undefined: everything. */
      readonly sinceMs: number | undefined
      /** The last item read at `sinceMs` in this pass. */
      readonly afterId: string | undefined
      readonly token: T | undefined
    },
    context: FetchContext<S>,
  ): Promise<ChangesPage<T>>
  /** Undefined when it cannot be read. Pure. */
  position(item: unknown): Position | undefined
  /** How late the service may show a change, the difference of clocks and the ticks of its times included. Default: five minutes. */
  readonly overlapMs?: number
}

/** A time, and which items of that very time were met. */
interface Mark extends Record<string, Json> {
  readonly ms: number
  readonly ids: string[]
}

/**
 * `from`: where the list is asked from; `afterId`: the last item there; `high`: the latest change met in this pass;
 * `lateMs`: what changed from here on may yet be shown late; `token`: the page to go on with.
 */
export interface ChangedSinceCursor<T extends Json> extends Record<string, Json> {
  readonly from: Mark | null
  readonly afterId: string | null
  readonly high: Mark | null
  readonly lateMs: number | null
  readonly token: T | null
}

/** More items of one time are not told apart, but handed on again. */
const MOST_IDS = 1_000

const mark = z.object({ ms: z.number(), ids: z.array(z.string()).max(MOST_IDS) })

export function changedSince<T extends Json = never, S extends SettingsShape = SettingsShape>(
  feed: ChangedSince<T, S>,
): StreamPart<S, ChangedSinceCursor<T>> {
  return {
    ...(feed.settings && { settings: feed.settings }),
    cursor: z.object({
      from: mark.nullable(),
      afterId: z.string().nullable(),
      high: mark.nullable(),
      lateMs: z.number().nullable(),
      token: feed.token.nullable(),
    }),
    incremental: true,

    async fetchPage(http, cursor, context) {
      const at = cursor ?? { from: null, afterId: null, high: null, lateMs: null, token: null }
      const place = {
        sinceMs: laterMs(at.from?.ms, context.sinceMs),
        afterId: at.afterId ?? undefined,
        token: at.token ?? undefined,
      }
      const read = await feed.list(http, place, context)
      return pageAfter(at, read, { feed, settledMs: context.now - (feed.overlapMs ?? DEFAULT_OVERLAP_MS) })
    },
  }
}

interface Reading<T extends Json> {
  readonly feed: Pick<ChangedSince<T, never>, 'position'>
  /** What changed until here is shown by now. */
  readonly settledMs: number
}

function pageAfter<T extends Json>(
  at: ChangedSinceCursor<T>,
  { next, more, ...page }: ChangesPage<T>,
  { feed, settledMs }: Reading<T>,
): Page<ChangedSinceCursor<T>> {
  const positions = page.items.flatMap((item) => positionOf(feed, item) ?? [])
  const items = page.items.filter((item) => !isMet(at.from, positionOf(feed, item)))
  const high = positions.reduce(raised, at.high ?? told(at.from))
  // A pass by tokens has no order: what is shown late may belong to any page of it.
  const isLate = next !== undefined || (high !== null && high.ms > settledMs)
  const lateMs = at.lateMs ?? (isLate ? settledMs : null)
  if (next !== undefined) return { ...page, items, cursor: { ...at, high, lateMs, token: next }, more: true }
  const idle = { afterId: null, high: null, lateMs: null, token: null }
  if (more !== true) {
    const from = high === null ? at.from : markAfter(high, lateMs)
    return { ...page, items, cursor: { ...idle, from }, more: false }
  }
  const last = positions.at(-1)
  if (last === undefined || !isAfter(at, last))
    throw new NodeError('PROVIDER_CHANGED', {
      detail: 'a page after which the list cannot go on: not sorted, or too small for the items of one time',
    })
  const before = at.from?.ms === last.ms ? told(at.from) : null
  const from = positions.filter(({ ms }) => ms === last.ms).reduce(raised, before)
  return { ...page, items, cursor: { ...idle, from, afterId: last.id, high, lateMs }, more: true }
}

/** Whether a list that goes on after this item is further than it was. */
function isAfter({ from, afterId }: ChangedSinceCursor<Json>, last: Position): boolean {
  return from === null || last.ms > from.ms || (last.ms === from.ms && last.id !== afterId)
}

function positionOf<T extends Json>(feed: Reading<T>['feed'], item: unknown): Position | undefined {
  const position = feed.position(item)
  return position === undefined || Number.isNaN(position.ms) ? undefined : position
}

const isMet = (from: Mark | null, position: Position | undefined): boolean =>
  position !== undefined && position.ms === from?.ms && from.ids.includes(position.id)

/** A mark that tells the items of its time apart. */
const told = (mark: Mark | null): Mark | null => (mark === null || mark.ids.length === 0 ? null : mark)

function raised(high: Mark | null, { ms, id }: Position): Mark | null {
  if (high === null || ms > high.ms) return { ms, ids: [id] }
  // Without ids there were too many of that time.
  if (ms < high.ms || high.ids.length === 0 || high.ids.includes(id)) return high
  return { ms, ids: high.ids.length === MOST_IDS ? [] : [...high.ids, id] }
}

/** Where the next pass begins. */
function markAfter(high: Mark, lateMs: number | null): Mark {
  if (lateMs !== null && high.ms > lateMs) return { ms: lateMs, ids: [] }
  return high.ids.length > 0 ? high : { ms: high.ms + 1, ids: [] }
}
