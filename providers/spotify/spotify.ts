/** What all calls to the Web API share: its address, its lists, and what of an answer changes by itself. */
import {
  readAnswer,
  z,
  type HttpQuery,
  type JsonObject,
  type ProviderHttp,
} from '../../src/provider/index.js'

export const API = 'https://api.spotify.com/v1'

/** The most that a list gives at once. https://developer.spotify.com/documentation/web-api/concepts/api-calls */
export const MOST = 50

const list = z.object({ items: z.array(z.unknown()), next: z.string().nullish() })

export interface Listed {
  readonly items: readonly unknown[]
  /** Where the list goes on; null at its end. */
  readonly next: number | null
}

/** A list by offset. Its own link to the next page is only looked at, never followed. */
export async function readList(
  http: ProviderHttp,
  path: string,
  { offset, limit, ...query }: HttpQuery & { readonly offset: number; readonly limit: number },
): Promise<Listed> {
  const answer = await http.get(`${API}${path}`, { query: { ...query, limit, offset } })
  const { items, next } = readAnswer(list, answer)
  return { items, next: (next ?? null) === null ? null : offset + limit }
}

/** Change by themselves, or end after some hours: a record that holds them would be written again in each run. */
const UNSTEADY: ReadonlySet<string> = new Set([
  'available_markets',
  'followers',
  'is_playable',
  'popularity',
  'preview_url',
])

/** The item without what changes by itself, at any depth; `more` are further members to leave out. */
export function steady(item: object, more: readonly string[] = []): JsonObject {
  return JSON.parse(
    JSON.stringify(item, (name, value: unknown) =>
      UNSTEADY.has(name) || more.includes(name) ? undefined : value,
    ),
  ) as JsonObject
}
