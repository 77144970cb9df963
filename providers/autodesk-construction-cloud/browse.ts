/** Live reads: hubs, projects and folders, the files in folders, and the issues of projects with their comments. */
import {
  readAnswer,
  z,
  type Browse,
  type BrowsePage,
  type ItemQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { comment, entry, file, folder, hub, issue, project, results, version } from './api.js'
import { API, contents, hubs, pageOf, projects, topFolders } from './data-management.js'
import { fileName } from './file-fields.js'
import type { settings } from './settings.js'

/** A hub, a project in it, or a folder of the project: `b.hub`, `b.hub/b.project`, `b.hub/b.project/urn:...`. */
const pathOf = (id: string | undefined): readonly string[] => (id === undefined ? [] : id.split('/'))
const pageAt = z.int().min(0).catch(0)

export const browse: Browse<typeof settings> = {
  containerKinds: ['hub', 'project', 'folder'],
  itemKinds: ['file', 'issue'],
  filters: ['container', 'kind', 'search', 'time'],

  async containers(http, { parentId, cursor, limit }) {
    const [hubId, projectId, folderId] = pathOf(parentId)
    const page = pageAt.parse(cursor)
    const parent = parentId === undefined ? {} : { parentId }
    if (hubId === undefined) {
      const { items } = await hubs(http)
      return slice(items, page, limit, (raw) =>
        container(hub.safeParse(raw).data, { kind: 'hub', raw, ...parent }),
      )
    }
    if (projectId === undefined) {
      const { items, isLast } = await projects(http, hubId, pageOf(page, limit))
      const data = items.flatMap((raw) =>
        container(project.safeParse(raw).data, { kind: 'project', raw, ...parent }),
      )
      return isLast ? { data } : { data, cursor: page + 1 }
    }
    const asFolder = (raw: unknown) => {
      const read = folder.safeParse(raw).data
      const name = read?.attributes.name ?? read?.attributes.displayName
      if (read === undefined || name === null || name === undefined) return []
      const { createTime: createdAt, lastModifiedTime: updatedAt } = read.attributes
      const path = { parentId: `${hubId}/${projectId}`, ...parent }
      const id = `${hubId}/${projectId}/${read.id}`
      return [{ id, kind: 'folder', name, ...path, createdAt, updatedAt, raw }]
    }
    if (folderId === undefined) {
      const { items } = await topFolders(http, hubId, projectId)
      return slice(items, page, limit, asFolder)
    }
    const query = { ...pageOf(page, limit), 'filter[type]': 'folders' }
    const { items, isLast } = await contents(http, { projectId, folderId }, query)
    const data = items.flatMap(asFolder)
    return isLast ? { data } : { data, cursor: page + 1 }
  },

  async items(http, query) {
    const [, projectId, folderId] = pathOf(query.containerId)
    if (projectId === undefined) return { data: [] }
    if (folderId === undefined) return query.kind === 'file' ? { data: [] } : issues(http, projectId, query)
    return query.kind === 'issue' ? { data: [] } : files(http, { projectId, folderId }, query)
  },

  async comments(http, { itemId, cursor, limit }) {
    const [projectId = '', issueId] = pathOf(itemId)
    if (issueId === undefined || issueId.startsWith('urn:')) return { data: [] }
    const offset = pageAt.parse(cursor)
    const path = `${issuesOf(projectId)}/${encodeURIComponent(issueId)}/comments`
    const answer = await http.get(path, { query: { limit, offset, sortBy: 'createdAt' } })
    const read = readAnswer(results, answer)
    const data = read.results.flatMap((raw) => {
      const one = comment.safeParse(raw).data
      if (one === undefined) return []
      const { id, body: text, createdBy: author, createdAt } = one
      return [{ id, itemId, text, ...(author && { author }), createdAt, raw }]
    })
    return onward(data, offset + limit, read.pagination.totalResults)
  },
}

/** Project ids of these APIs have no `b.` before them. */
const issuesOf = (projectId: string): string =>
  `${API}/construction/issues/v1/projects/${encodeURIComponent(projectId.replace(/^b\./, ''))}/issues`

async function issues(http: ProviderHttp, projectId: string, asked: ItemQuery) {
  const { containerId = '', search, since, until, cursor, limit } = asked
  const offset = pageAt.parse(cursor)
  const query = {
    limit,
    offset,
    sortBy: '-updatedAt',
    'filter[search]': search,
    'filter[updatedAt]':
      since === undefined && until === undefined ? undefined : `${since ?? ''}..${until ?? ''}`,
  }
  const read = readAnswer(results, await http.get(issuesOf(projectId), { query }))
  const data = read.results.flatMap((raw) => {
    const one = issue.safeParse(raw).data
    if (one === undefined) return []
    const { createdAt, updatedAt } = one
    const times = { ...(createdAt && { createdAt }), ...(updatedAt && { updatedAt }) }
    return [{ id: `${projectId}/${one.id}`, kind: 'issue', name: one.title, containerId, ...times, raw }]
  })
  return onward(data, offset + limit, read.pagination.totalResults)
}

async function files(
  http: ProviderHttp,
  at: { readonly projectId: string; readonly folderId: string },
  { containerId = '', search, since, until, cursor, limit }: ItemQuery,
) {
  const page = pageAt.parse(cursor)
  const { items, included, isLast } = await contents(http, at, {
    ...pageOf(page, limit),
    'filter[type]': 'items',
    'filter[displayName]-contains': search,
    'filter[lastModifiedTimeRollup]-ge': since,
    'filter[lastModifiedTimeRollup]-lt': until,
  })
  const tips = new Map(included.map((raw) => [version.safeParse(raw).data?.id, raw]))
  const data = items.flatMap((raw) => {
    const tip = tips.get(entry.safeParse(raw).data?.relationships?.tip?.data?.id)
    const read = file.safeParse({ ...(raw as object), ...(tip !== undefined && { tip }) }).data
    if (read === undefined) return []
    const { mimeType, storageSize } = read.tip?.attributes ?? {}
    const url = read.tip?.links?.webView?.href
    return [
      {
        id: `${at.projectId}/${read.id}`,
        kind: 'file',
        name: fileName(read),
        containerId,
        ...(url !== undefined && { url }),
        ...(mimeType && { mimeType }),
        ...(typeof storageSize === 'number' && { sizeBytes: storageSize }),
        createdAt: read.attributes.createTime,
        updatedAt: read.attributes.lastModifiedTime,
        raw,
      },
    ]
  })
  return isLast ? { data } : { data, cursor: page + 1 }
}

interface Named {
  readonly id: string
  readonly attributes: { readonly name: string }
}

function container(
  read: Named | undefined,
  rest: { readonly kind: string; readonly raw: unknown; readonly parentId?: string },
) {
  if (read === undefined) return []
  const id = rest.parentId === undefined ? read.id : `${rest.parentId}/${read.id}`
  return [{ id, name: read.attributes.name, ...rest }]
}

/** Lists that answer everything at once. */
function slice<T>(
  items: readonly unknown[],
  page: number,
  limit: number,
  entryOf: (raw: unknown) => readonly T[],
): BrowsePage<T> {
  const from = page * limit
  const data = items.slice(from, from + limit).flatMap(entryOf)
  return from + limit < items.length ? { data, cursor: page + 1 } : { data }
}

const onward = <T>(data: readonly T[], next: number, total: number): BrowsePage<T> =>
  next < total ? { data, cursor: next } : { data }
