/** Calls of the Data Management API: hubs, projects, folders and what is in them. https://aps.autodesk.com/en/docs/data/v2/reference/http/hubs-GET/ */
import {
  NodeError,
  readAnswer,
  type CallContext,
  type HttpQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { hub, list, one, project } from './api.js'
import type { settings } from './settings.js'

export const API = 'https://developer.api.autodesk.com'
/** The most of a page. */
export const PAGE_SIZE = 200

type Context = Pick<CallContext<typeof settings>, 'fields'>
export interface Listed {
  readonly items: readonly unknown[]
  readonly included: readonly unknown[]
  readonly isLast: boolean
}

const part = encodeURIComponent

async function getList(http: ProviderHttp, path: string, query: HttpQuery = {}): Promise<Listed> {
  const { data, included, links } = readAnswer(list, await http.get(`${API}${path}`, { query }))
  return { items: data, included: included ?? [], isLast: !links?.next }
}

export const hubs = (http: ProviderHttp): Promise<Listed> => getList(http, '/project/v1/hubs')

export async function hubById(http: ProviderHttp, hubId: string) {
  const answer = await http.get(`${API}/project/v1/hubs/${part(hubId)}`)
  return readAnswer(one.extend({ data: hub }), answer).data
}

/** The hub that was entered, else the first of those that are seen. */
export async function hubOf(http: ProviderHttp, { fields }: Context) {
  const wanted = fields.texts['hubId']
  if (wanted !== undefined) return hubById(http, wanted)
  const { items } = await hubs(http)
  const found = items.flatMap((item) => hub.safeParse(item).data ?? [])
  const [first] = found.sort((a, b) => (a.id < b.id ? -1 : 1))
  if (first !== undefined) return first
  throw new NodeError('SCOPE_MISSING', {
    detail: 'no hub is seen: the application may not be added to the account',
  })
}

export const projects = (http: ProviderHttp, hubId: string, page: HttpQuery): Promise<Listed> =>
  getList(http, `/project/v1/hubs/${part(hubId)}/projects`, page)

export const pageOf = (number: number, limit = PAGE_SIZE): HttpQuery => ({
  'page[number]': number,
  'page[limit]': limit,
})

/** The project that was entered, else all of the hub. */
export async function projectsOf(http: ProviderHttp, hubId: string, { fields }: Context) {
  const wanted = fields.texts['projectId']
  if (wanted !== undefined) {
    const answer = await http.get(`${API}/project/v1/hubs/${part(hubId)}/projects/${part(wanted)}`)
    return [readAnswer(one.extend({ data: project }), answer).data]
  }
  const found = []
  for (let number = 0; ; number++) {
    const { items, isLast } = await projects(http, hubId, pageOf(number))
    found.push(...items.flatMap((item) => project.safeParse(item).data ?? []))
    if (isLast) return found
  }
}

export const topFolders = (http: ProviderHttp, hubId: string, projectId: string): Promise<Listed> =>
  getList(http, `/project/v1/hubs/${part(hubId)}/projects/${part(projectId)}/topFolders`)

export const contents = (
  http: ProviderHttp,
  { projectId, folderId }: { readonly projectId: string; readonly folderId: string },
  query: HttpQuery,
): Promise<Listed> =>
  getList(http, `/data/v1/projects/${part(projectId)}/folders/${part(folderId)}/contents`, query)
