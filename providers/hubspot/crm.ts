/**
 * How all objects are read: by searches for what changed since a time; later runs first by the list of what was archived.
 * https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm
 */
import {
  changedSince,
  readAnswer,
  z,
  type ChangedSinceCursor,
  type Json,
  type ProviderHttp,
  type SettingsShape,
  type StreamPart,
} from '../../src/provider/index.js'
import { identified, page } from './api.js'

export const API = 'https://api.hubapi.com'
/** Dated versions take the place of v3, which ends in September 2027. */
export const VERSION = '2026-03'
/** The most of a page of a search, and of a list. */
const SEARCH_SIZE = 200
const LIST_SIZE = 100

export interface CrmObject {
  /** `contacts` */
  readonly path: string
  /** Names the time of the last change. */
  readonly changed: 'lastmodifieddate' | 'hs_lastmodifieddate'
  readonly properties: readonly string[]
}

export interface Found {
  readonly items: readonly unknown[]
  readonly next: string | undefined
}

/** A search is a POST that only reads. */
export async function search(http: ProviderHttp, path: string, json: Json): Promise<Found> {
  const url = `${API}/crm/objects/${VERSION}/${path}/search`
  const { results, paging } = readAnswer(page, await http.post(url, { json }, { idempotent: true }))
  return { items: results, next: paging?.next?.after }
}

const token = z.union([
  // The search begins, or goes on because more changed in one millisecond than a page holds.
  z.object({ after: z.string() }),
  z.object({ archivedAfter: z.string() }),
])

type Token = z.output<typeof token>

/** Of the archived ones only ids are taken; they stay in the list for 90 days. */
async function archived(http: ProviderHttp, { path }: CrmObject, after: string) {
  const query = { archived: true, limit: LIST_SIZE, after: after === '' ? undefined : after }
  const { results, paging } = readAnswer(
    page,
    await http.get(`${API}/crm/objects/${VERSION}/${path}`, { query }),
  )
  const deletedIds = results.flatMap((row) => identified.safeParse(row).data?.id ?? [])
  const next = paging?.next?.after
  return { items: [], deletedIds, next: next === undefined ? { after: '' } : { archivedAfter: next } }
}

/** Each search begins at the last change that was met, for no search goes beyond its first 10,000 results. */
export function changesOf(of: CrmObject): StreamPart<SettingsShape, ChangedSinceCursor<Token>> {
  const form = z.object({ id: z.string(), properties: z.object({ [of.changed]: z.string() }) })
  const position = (item: unknown) => {
    const read = form.safeParse(item).data
    return read && { ms: Date.parse(read.properties[of.changed] ?? ''), id: read.id }
  }
  return changedSince({
    token,
    position,
    async list(http, { sinceMs, afterId, token }) {
      if (token && 'archivedAfter' in token) return archived(http, of, token.archivedAfter)
      // A later pass begins: what was archived meanwhile is in no search.
      if (!token && afterId === undefined && sinceMs !== undefined) return archived(http, of, '')
      const { items, next } = await search(http, of.path, {
        ...(sinceMs !== undefined && {
          filterGroups: [
            { filters: [{ propertyName: of.changed, operator: 'GTE', value: String(sinceMs) }] },
          ],
        }),
        sorts: [{ propertyName: of.changed, direction: 'ASCENDING' }],
        properties: of.properties as string[],
        limit: SEARCH_SIZE,
        ...(token && token.after !== '' && { after: token.after }),
      })
      if (next === undefined) return { items }
      const lastMs = position(items.at(-1))?.ms ?? Number.NaN
      return lastMs > (sinceMs ?? 0) ? { items, more: true } : { items, next: { after: next } }
    },
  })
}

/** The page of a record for people. https://knowledge.hubspot.com/records/understand-record-ids */
export const recordPage = (portalId: string, type: string, id: string): string =>
  `https://app.hubspot.com/contacts/${encodeURIComponent(portalId)}/record/${type}/${encodeURIComponent(id)}`
