/**
 * A service with a change feed: everything once, then by a token what changed since, with deletions.
 *
 * The first run reads everything (`full`) and ends with a token; later runs ask for the changes (`changes`) and end
 * with the next one. The token comes from the last page of either, or, where the service gives it apart, from
 * `start`: that is asked before the first page of a full reading, so that what changes while it goes on is told by
 * the first changes. What is met twice costs nothing.
 *
 * A token that is too old is CURSOR_EXPIRED: say so in the provider's `classify` where a status or code tells it (410
 * of Google Calendar), or by `expiredOn` where the same status means something else on other calls (404 of Gmail's
 * history). The node then reads everything anew, once in a run, and with `deletes: 'feed'` what that reading does not
 * meet was deleted meanwhile: nothing that happened while the token was dead is lost, deletions included.
 *
 * Facts that it stands on:
 * - A page token of `full` or `changes` may die too: the node then reads everything anew.
 * - The cursor holds the service's tokens of place. They must not be access tokens, nor links that hold one.
 * - A page names an id among its items or its `deletedIds`, not in both: of a log, give the last word of each id.
 * - Where `full` cannot read to the end in one go, the token of `start` must live until it does.
 *
 *     export const events = defineStream({
 *       name: 'events', label: 'Events', schema: 'social/event', item: event, deletes: 'feed',
 *       ...syncToken({
 *         token: z.string(),
 *         async full(http, { page }) {
 *           const read = readAnswer(eventsPage, await http.get(URL, { query: { pageToken: page } }))
 *           return { items: read.items, next: read.nextPageToken, token: read.nextSyncToken }
 *         },
 *         async changes(http, { token, page }) {
 *           const query = { syncToken: token, pageToken: page }
 *           const read = readAnswer(eventsPage, await http.get(URL, { query }))
 *           const { items, deletedIds } = parted(read.items)
 *           return { items, deletedIds, next: read.nextPageToken, token: read.nextSyncToken }
 *         },
 *       }),
 *       map: ...
 *     })
 */
import { z } from 'zod'
import { NodeError, type ErrorCode } from '../../errors.js'
import type { Json } from '../../lib/canonical-json.js'
import type { ProviderHttp } from '../http.js'
import type { SettingsShape } from '../settings.js'
import type { FetchContext, Page } from '../stream.js'
import type { Listed, StreamPart } from './stream-part.js'

/** One page of a reading; the last one (without `next`) has the token, unless `start` gave it. */
export interface TokenPage<T extends Json> extends Listed<T> {
  readonly token?: T | undefined
}

export interface SyncToken<T extends Json, S extends SettingsShape> {
  readonly settings?: S
  /** The form of both kinds of tokens. */
  readonly token: z.ZodType<T>
  /** Where the service gives the first token apart from the list. */
  start?(http: ProviderHttp, context: FetchContext<S>): Promise<T>
  /** One page of everything. */
  full(
    http: ProviderHttp,
    place: { readonly page: T | undefined },
    context: FetchContext<S>,
  ): Promise<TokenPage<T>>
  /** One page of what changed since `token`. */
  changes(
    http: ProviderHttp,
    place: { readonly token: T; readonly page: T | undefined },
    context: FetchContext<S>,
  ): Promise<TokenPage<T>>
  /** Codes that mean, on a call of `changes`, that the token is too old. */
  readonly expiredOn?: readonly ErrorCode[]
}

/** `full`: everything is being read. `token`: of the changes being read, or to come. `page`: to go on with. */
export interface SyncTokenCursor<T extends Json> extends Record<string, Json> {
  readonly full: boolean
  readonly token: T | null
  readonly page: T | null
}

export function syncToken<T extends Json, S extends SettingsShape>(
  feed: SyncToken<T, S>,
): StreamPart<S, SyncTokenCursor<T>> {
  return {
    ...(feed.settings && { settings: feed.settings }),
    cursor: z.object({
      full: z.boolean(),
      token: feed.token.nullable(),
      page: feed.token.nullable(),
    }),
    incremental: true,

    async fetchPage(http, cursor, context) {
      if (cursor === undefined) {
        const token = (await feed.start?.(http, context)) ?? null
        const read = await feed.full(http, { page: undefined }, context)
        return pageOf(read, { full: true, token })
      }
      const { full, token } = cursor
      const page = cursor.page ?? undefined
      if (full) return pageOf(await feed.full(http, { page }, context), { full, token })
      if (token === null) throw new NodeError('CURSOR_EXPIRED', { detail: 'a cursor without a token' })
      return pageOf(await changesOf(feed, http, { token, page }, context), { full, token })
    },
  }
}

async function changesOf<T extends Json, S extends SettingsShape>(
  feed: SyncToken<T, S>,
  http: ProviderHttp,
  place: { readonly token: T; readonly page: T | undefined },
  context: FetchContext<S>,
): Promise<TokenPage<T>> {
  try {
    return await feed.changes(http, place, context)
  } catch (error) {
    if (error instanceof NodeError && feed.expiredOn?.includes(error.code))
      throw new NodeError('CURSOR_EXPIRED', { detail: error.detail ?? error.code, cause: error })
    throw error
  }
}

function pageOf<T extends Json>(
  { next, token: answered, ...page }: TokenPage<T>,
  { full, token }: { readonly full: boolean; readonly token: T | null },
): Page<SyncTokenCursor<T>> {
  if (next !== undefined) return { ...page, cursor: { full, token, page: next }, more: true }
  // After a full reading the token from before it comes first: it tells also what changed meanwhile.
  const following = full ? (token ?? answered) : answered
  if (following === undefined || following === null)
    throw new NodeError('PROVIDER_CHANGED', { detail: 'the last page has no token for the changes' })
  return { ...page, cursor: { full: false, token: following, page: null }, more: false }
}
