/** What all calls to the Graph API share: its version, its lists, and where a list goes on. */
import { NodeError, readAnswer, z, type ProviderHttp } from '../../src/provider/index.js'

/**
 * Named in every address: a call without a version takes the oldest one that the application may use.
 * https://developers.facebook.com/docs/graph-api/changelog
 */
export const VERSION = 'v26.0'
export const GRAPH = `https://graph.facebook.com/${VERSION}`

/** The parameters that say where a list goes on: of the pages' links only these are read, and only these are kept. */
const PLACES = ['after', 'until', '__paging_token'] as const

/** The place after a page, as the parameters of the next call. */
export const place = z.partialRecord(z.enum(PLACES), z.string())
export type Place = z.output<typeof place>

/** An edge: `{data, paging}`. Rows are checked one by one, by the stream. */
export const edge = z.object({
  data: z.array(z.unknown()),
  paging: z.looseObject({ next: z.string().nullish() }).nullish(),
})
export type Edge = z.output<typeof edge>

/**
 * Where the list goes on; null at its end. A short or empty page is no end, only a missing link is.
 * The link itself holds the access token, so it is neither followed nor kept nor quoted.
 * https://developers.facebook.com/docs/graph-api/results
 */
export function nextPlace({ paging }: Edge): Place | null {
  const link = paging?.next ?? null
  if (link === null) return null
  const given = URL.canParse(link) ? new URL(link).searchParams : new URLSearchParams()
  const found = PLACES.flatMap((name) => {
    const value = given.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  if (found.length === 0)
    throw new NodeError('PROVIDER_CHANGED', { detail: 'a link to the next page without a place' })
  return Object.fromEntries(found)
}

const permissions = z.object({ data: z.array(z.object({ permission: z.string(), status: z.string() })) })

/**
 * Asked at the beginning of each run: without its permission an edge answers with an empty list and no error, which
 * would look as if all had been deleted. https://developers.facebook.com/docs/graph-api/reference/user/permissions
 */
export async function requirePermission(http: ProviderHttp, name: string): Promise<void> {
  const { data } = readAnswer(permissions, await http.get(`${GRAPH}/me/permissions`))
  if (data.some(({ permission, status }) => permission === name && status === 'granted')) return
  throw new NodeError('SCOPE_MISSING', { detail: `${name} is not granted` })
}
