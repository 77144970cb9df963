/**
 * A feed that lists the newest first and cannot be asked for what changed: posts, likes, plays, followed repositories.
 *
 * A run reads from the top down to the floor: the newest item that the last finished run met. The cursor keeps the
 * range that is still to be filled: the newest item met at its top, the floor it goes down to, and the page to go on
 * with. A run that is interrupted leaves it so, and the next one goes on with that page; what came to the top in
 * between lies above the range and is read by the run after it, whose floor is the top of this range. Nothing falls
 * between two ranges.
 *
 * Facts that it stands on:
 * - `timeMs` is the time by which the feed is ordered. An item that shows up later under a time that is long past is
 *   only met within `overlapMs` below the floor. Items of one time are all met: reading stops at a page whose last
 *   item is strictly older. (Its last one: a pinned old item at the top ends nothing.)
 * - Page tokens may be the service's own, or made of the last item (`maxId`, `before`). Where both work, the item is
 *   better: it stays good for long, and a page number skips an item for each that is deleted above it.
 * - Edits of old items are not met, unless the feed is ordered by the time of the edit or `overlapMs` reaches them.
 * - Deletions are not told: `deletes: 'none'`.
 *
 * The first run goes down to the backfill window of the connection, or to the end. Items dated ahead of our clock do
 * not raise the floor above it. An item whose time cannot be read moves nothing and is handed on like the others.
 *
 *     export const likes = defineStream({
 *       name: 'likes', label: 'Likes', schema: 'favourite', item: like, deletes: 'none',
 *       ...newestFirst({
 *         token: z.string(),
 *         timeMs: (item) => Date.parse(like.safeParse(item).data?.created_at ?? ''),
 *         async list(http, { token, floorMs }) {
 *           const query = { before: token, limit: 100 }
 *           const page = readAnswer(likesPage, await http.get(`${API}/likes`, { query }))
 *           return { items: page.data, next: page.next ?? undefined }
 *         },
 *       }),
 *       map: ...
 *     })
 */
import { z } from 'zod'
import type { Json } from '../../lib/canonical-json.js'
import type { ProviderHttp } from '../http.js'
import type { SettingsShape } from '../settings.js'
import type { FetchContext } from '../stream.js'
import { laterMs, type Listed, type StreamPart } from './stream-part.js'

export interface NewestFirst<T extends Json, S extends SettingsShape> {
  readonly settings?: S
  /** The form of a page token. */
  readonly token: z.ZodType<T>
  /** One page. `floorMs`: older items need not be asked for, where the service can be told so. */
  list(
    http: ProviderHttp,
    place: { readonly token: T | undefined; readonly floorMs: number | undefined },
    context: FetchContext<S>,
  ): Promise<Listed<T>>
  /** The time by which the feed is ordered, of a raw item; NaN when it cannot be read. Pure. */
  timeMs(item: unknown): number
  /** So much below the floor is read again in each run. Default: five minutes. */
  readonly overlapMs?: number
}

/** `floorMs`: down to where; `newestMs`: the top of the range being filled; `token`: the page to go on with. */
export interface NewestFirstCursor<T extends Json> extends Record<string, Json> {
  readonly floorMs: number | null
  readonly newestMs: number | null
  readonly token: T | null
}

export const DEFAULT_OVERLAP_MS = 300_000

export function newestFirst<T extends Json, S extends SettingsShape>(
  feed: NewestFirst<T, S>,
): StreamPart<S, NewestFirstCursor<T>> {
  const overlapMs = feed.overlapMs ?? DEFAULT_OVERLAP_MS
  return {
    ...(feed.settings && { settings: feed.settings }),
    cursor: z.object({
      floorMs: z.number().nullable(),
      newestMs: z.number().nullable(),
      token: feed.token.nullable(),
    }),
    incremental: true,

    async fetchPage(http, cursor, context) {
      const range = cursor ?? { floorMs: null, newestMs: null, token: null }
      const { sinceMs, now } = context
      const floorMs = laterMs(range.floorMs === null ? null : range.floorMs - overlapMs, sinceMs)
      const { next, ...page } = await feed.list(http, { token: range.token ?? undefined, floorMs }, context)
      const times = page.items.map((item) => feed.timeMs(item)).filter((time) => !Number.isNaN(time))
      const last = times.at(-1)
      // Only the first page tells the top: later ones may hold what was pushed down since.
      const newestMs = range.newestMs ?? (last === undefined ? null : Math.min(Math.max(...times), now))
      const items = page.items.filter((item) => !(feed.timeMs(item) < (sinceMs ?? -Infinity)))
      const isFilled = last !== undefined && floorMs !== undefined && last < floorMs
      return next === undefined || isFilled
        ? {
            ...page,
            items,
            cursor: { floorMs: newestMs ?? range.floorMs, newestMs: null, token: null },
            more: false,
          }
        : { ...page, items, cursor: { floorMs: range.floorMs, newestMs, token: next }, more: true }
    },
  }
}
