/** Live reads: one page of the service's own lists for each question. Whatever is not declared in `filters` is never asked. */
import {
  readAnswer,
  type Browse,
  type BrowsedItem,
  type BrowsePage,
  type Comment,
  type Container,
} from '../../src/provider/index.js'
import { commentsPage, containersPage, foundItem, itemsPage, listedComment, listedContainer } from './api.js'
import type { settings } from './settings.js'

export const browse: Browse<typeof settings> = {
  containerKinds: ['folder', 'calendar'],
  itemKinds: ['file', 'event'],
  filters: ['container', 'kind', 'search', 'time'],

  async containers(http, { parentId, cursor, limit }, { settings }) {
    // Nothing is inside of anything here.
    if (parentId !== undefined) return { data: [] }
    const answer = await http.get(`${settings.origin}/api/containers`, {
      query: { limit, page: pageIn(cursor) },
    })
    const page = readAnswer(containersPage, answer)
    return onward(page.nextPage, page.containers.flatMap(containerOf))
  },

  async items(http, { containerId, kind, search, since, until, cursor, limit }, { settings }) {
    const query = { container: containerId, type: kind, q: search, from: since, to: until }
    const answer = await http.get(`${settings.origin}/api/items`, {
      query: { ...query, limit, page: pageIn(cursor) },
    })
    const page = readAnswer(itemsPage, answer)
    return onward(page.nextPage, page.items.flatMap(itemOf))
  },

  async comments(http, { itemId, cursor, limit }, { settings }) {
    const url = `${settings.origin}/api/items/${encodeURIComponent(itemId)}/comments`
    const page = readAnswer(commentsPage, await http.get(url, { query: { limit, page: pageIn(cursor) } }))
    return onward(page.nextPage, page.comments.flatMap(commentOf))
  },
}

/** The cursor is the service's own; the node seals it before anybody sees it. */
const pageIn = (cursor: unknown): string | undefined => (typeof cursor === 'string' ? cursor : undefined)

const onward = <T>(cursor: string | null, data: readonly T[]): BrowsePage<T> =>
  cursor === null ? { data } : { data, cursor }

/** A row of another form is left out: people look around, and one odd row must not hide the others. */
function containerOf(raw: unknown): readonly Container[] {
  const read = listedContainer.safeParse(raw).data
  if (read === undefined) return []
  const { id, type: kind, name, createdAt } = read
  return [{ id, kind, name, createdAt, raw }]
}

function itemOf(raw: unknown): readonly BrowsedItem[] {
  const read = foundItem.safeParse(raw).data
  if (read === undefined) return []
  const {
    id,
    type: kind,
    container,
    name,
    title,
    url,
    mimeType,
    bytes,
    createdAt,
    modifiedAt,
    updatedAt,
  } = read
  const changed = modifiedAt ?? updatedAt ?? undefined
  return [
    {
      id,
      kind,
      name: name ?? title ?? 'Untitled',
      containerId: container,
      url,
      ...(mimeType && { mimeType }),
      ...(typeof bytes === 'number' && { sizeBytes: Math.round(bytes) }),
      createdAt,
      ...(changed !== undefined && { updatedAt: changed }),
      raw,
    },
  ]
}

function commentOf(raw: unknown): readonly Comment[] {
  const read = listedComment.safeParse(raw).data
  if (read === undefined) return []
  const { id, item: itemId, text, author, createdAt, editedAt } = read
  return [{ id, itemId, text, author: author.name, createdAt, ...(editedAt && { updatedAt: editedAt }), raw }]
}
