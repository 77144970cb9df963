/** Live reads: repositories as projects, their issues and pull requests as items, with comments. */
import {
  readAnswer,
  type Browse,
  type BrowsedItem,
  type BrowsePage,
  type ItemQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { comment, found, issue, project } from './api.js'
import { getList, nextPlace, placeOf, readList, type Listed } from './github.js'
import { issuePath, repositoryPath } from './names.js'
import type { settings } from './settings.js'

export const browse: Browse<typeof settings> = {
  containerKinds: ['project'],
  itemKinds: ['issue'],
  filters: ['container', 'search', 'time'],

  async containers(http, { cursor, limit, parentId }) {
    if (parentId !== undefined) return { data: [] }
    const query = { sort: 'full_name', per_page: limit }
    const page = await readList(http, '/user/repos', { query, from: placeOf(cursor) })
    return onward(page, page.items.flatMap(projectOf))
  },

  async items(http, query) {
    const page = await readItems(http, query)
    return onward(page, page.items.flatMap(itemOf))
  },

  async comments(http, { itemId, cursor, limit }) {
    const query = { per_page: limit }
    const page = await readList(http, `${issuePath(itemId)}/comments`, { query, from: placeOf(cursor) })
    return onward(
      page,
      page.items.flatMap((raw) => {
        const read = comment.safeParse(raw).data
        if (read === undefined) return []
        const { id, body, user, created_at: createdAt, updated_at: updatedAt } = read
        const author = user?.login
        return [
          {
            id,
            itemId,
            text: body ?? '',
            ...(author && { author }),
            createdAt,
            ...(updatedAt && { updatedAt }),
            raw,
          },
        ]
      }),
    )
  },
}

function onward<T>({ next }: Listed, data: readonly T[]): BrowsePage<T> {
  return next === null ? { data } : { data, cursor: next }
}

/** Words and an end of time can only be searched for, which 30 calls a minute may do. */
async function readItems(http: ProviderHttp, asked: ItemQuery): Promise<Listed> {
  const { containerId, limit, search, since, until, cursor } = asked
  const sorted = { sort: 'updated', per_page: limit }
  if (search === undefined && until === undefined) {
    const path = containerId === undefined ? '/issues' : `${repositoryPath(containerId)}/issues`
    const query = {
      ...sorted,
      direction: 'desc',
      state: 'all',
      since,
      ...(containerId === undefined && { filter: 'all' }),
    }
    return readList(http, path, { query, from: placeOf(cursor) })
  }
  const answer = await getList(http, '/search/issues', {
    query: { ...sorted, order: 'desc', q: wordsOf(asked) },
    from: placeOf(cursor),
  })
  return { items: readAnswer(found, answer).items, next: nextPlace(answer) }
}

/** Quoted, what was typed is text and no qualifier. https://docs.github.com/search-github/searching-on-github/searching-issues-and-pull-requests */
function wordsOf({ containerId, search, since, until }: ItemQuery): string {
  const where =
    containerId === undefined ? 'involves:@me' : `repo:${repositoryPath(containerId).slice('/repos/'.length)}`
  const when = since === undefined && until === undefined ? [] : [`updated:${since ?? '*'}..${until ?? '*'}`]
  const what = search === undefined ? [] : [`"${search.replace(/["\\]/g, ' ')}"`]
  return [where, ...when, ...what].join(' ')
}

function projectOf(raw: unknown) {
  const read = project.safeParse(raw).data
  if (read === undefined) return []
  const { full_name: name, html_url: url, created_at: createdAt, updated_at: updatedAt } = read
  const times = { ...(createdAt && { createdAt }), ...(updatedAt && { updatedAt }) }
  return [{ id: name, kind: 'project', name, url, ...times, raw }]
}

function itemOf(raw: unknown): readonly BrowsedItem[] {
  const read = issue.safeParse(raw).data
  const repository = /\/repos\/([^/]+\/[^/]+)$/.exec(read?.repository_url ?? '')?.[1]
  if (read === undefined || repository === undefined) return []
  return [
    {
      id: `${repository}#${read.number}`,
      kind: 'issue',
      name: read.title,
      containerId: repository,
      url: read.html_url,
      createdAt: read.created_at,
      updatedAt: read.updated_at,
      raw,
    },
  ]
}
