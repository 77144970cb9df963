/** What all calls to the REST API share: its address and version, its lists, and what of an answer changes by itself. */
import {
  NodeError,
  readAnswer,
  z,
  type HttpAnswer,
  type HttpQuery,
  type JsonObject,
  type ProviderHttp,
} from '../../src/provider/index.js'

export const API = 'https://api.github.com'

/** The most that a list gives at once. https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export const MOST = 100

/**
 * The version is named in every call. Its successor of 10 March 2026 changes answers; this one lives until March 2028 at
 * least. https://docs.github.com/rest/about-the-rest-api/api-versions
 */
export const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }

/** The parameters that say where a list goes on: of the links only these are read, and only these are kept. */
const PLACES = ['page', 'after'] as const
export const place = z.partialRecord(z.enum(PLACES), z.string())
export type Place = z.output<typeof place>

/** The place that a cursor of a live read names. @throws NodeError REQUEST_INVALID */
export function placeOf(cursor: unknown): Place | null {
  if (cursor === undefined) return null
  const read = place.safeParse(cursor)
  if (read.success) return read.data
  throw new NodeError('REQUEST_INVALID', { detail: 'not a cursor of this list' })
}

const rows = z.array(z.unknown())

export interface Listed {
  readonly items: readonly unknown[]
  /** Where the list goes on; null at its end. */
  readonly next: Place | null
}

export interface Asked {
  readonly query?: HttpQuery
  readonly from?: Place | null
  readonly accept?: string
}

/** A list: a plain array, with the next page in the Link header. */
export async function readList(http: ProviderHttp, path: string, asked: Asked): Promise<Listed> {
  const answer = await getList(http, path, asked)
  return { items: readAnswer(rows, answer), next: nextPlace(answer) }
}

export function getList(
  http: ProviderHttp,
  path: string,
  { query, from, accept }: Asked,
): Promise<HttpAnswer> {
  return http.get(`${API}${path}`, {
    query: { per_page: MOST, ...query, ...from },
    headers: { ...HEADERS, ...(accept !== undefined && { accept }) },
  })
}

const NEXT = /<([^>]*)>\s*;[^,]*\brel="?next\b/

/** The link itself is not followed. @throws NodeError PROVIDER_CHANGED: it leads to another host, or to no place */
export function nextPlace({ headers }: HttpAnswer): Place | null {
  const link = NEXT.exec(headers['link'] ?? '')?.[1]
  if (link === undefined) return null
  const url = URL.canParse(link) ? new URL(link) : undefined
  const found = PLACES.flatMap((name) => {
    const value = url?.origin === API ? url.searchParams.get(name) : null
    return value === null ? [] : [[name, value] as const]
  })
  if (found.length > 0) return Object.fromEntries(found)
  throw new NodeError('PROVIDER_CHANGED', { detail: 'a link to the next page without a place at this host' })
}

/** Change by themselves: a record that holds them would be written again in each run. */
const UNSTEADY: ReadonlySet<string> = new Set([
  'forks',
  'forks_count',
  'network_count',
  'open_issues',
  'open_issues_count',
  'pushed_at',
  'reactions',
  'size',
  'stargazers_count',
  'subscribers_count',
  'watchers',
  'watchers_count',
])

/** The item without what changes by itself, at any depth; `more` are further members to leave out. */
export function steady(item: object, more: readonly string[] = []): JsonObject {
  return JSON.parse(
    JSON.stringify(item, (name, value: unknown) =>
      UNSTEADY.has(name) || more.includes(name) ? undefined : value,
    ),
  ) as JsonObject
}
