/** Live reads over the parts of an account, one after the other where nothing says which: calendars, then drives. */
import {
  NodeError,
  z,
  type Browse,
  type BrowsedItem,
  type BrowsePage,
  type CommentQuery,
  type Comment,
  type Container,
  type ContainerQuery,
  type ItemQuery,
  type Json,
  type ProviderHttp,
} from '../../src/provider/index.js'
import type { settings } from './settings.js'

type BrowseQuery = Pick<ContainerQuery, 'limit' | 'cursor'>

export interface BrowsePart {
  readonly containerKinds: readonly string[]
  readonly itemKind: string
  /** Whether a container of this id would be one of this part: ids of calendars are addresses, those of Drive never. */
  readonly owns: (containerId: string) => boolean
  readonly takesKind: (kind: string) => boolean
  readonly containers: (http: ProviderHttp, query: ContainerQuery) => Promise<BrowsePage<Container>>
  readonly items: (http: ProviderHttp, query: ItemQuery) => Promise<BrowsePage<BrowsedItem>>
  readonly comments?: (http: ProviderHttp, query: CommentQuery) => Promise<BrowsePage<Comment>>
}

export function browseOf(...parts: readonly [BrowsePart, ...BrowsePart[]]): Browse<typeof settings> {
  const commented = parts.find((part) => part.comments !== undefined)
  return {
    containerKinds: parts.flatMap((part) => part.containerKinds),
    itemKinds: parts.map((part) => part.itemKind),
    filters: ['container', 'kind', 'search', 'time'],
    containers: (http, query) => {
      const { parentId } = query
      const chosen = parentId === undefined ? parts : parts.filter((part) => part.owns(parentId))
      return inTurn(chosen, query, (part, asked) => part.containers(http, asked))
    },
    items: (http, query) => {
      const { containerId, kind } = query
      const chosen = parts
        .filter((part) => containerId === undefined || part.owns(containerId))
        .filter((part) => kind === undefined || part.takesKind(kind))
      return inTurn(chosen, query, (part, asked) => part.items(http, asked))
    },
    ...(commented?.comments && { comments: commented.comments }),
  }
}

const place = z.object({ part: z.number().int().nonnegative(), at: z.json() })

/** One page of one part; behind its last one comes the first of the next. */
async function inTurn<Q extends BrowseQuery, T>(
  parts: readonly BrowsePart[],
  query: Q,
  read: (part: BrowsePart, query: Q) => Promise<BrowsePage<T>>,
): Promise<BrowsePage<T>> {
  const { part: index, at } = cursorOf(place, query) ?? { part: 0, at: null }
  const part = parts[index]
  if (part === undefined) return { data: [] }
  const { data, cursor } = await read(part, withCursor(query, at))
  if (cursor !== undefined) return { data, cursor: { part: index, at: cursor } }
  return index + 1 < parts.length ? { data, cursor: { part: index + 1, at: null } } : { data }
}

/** The query as the part takes it: `null` begins. */
function withCursor<Q extends BrowseQuery>(query: Q, at: Json): Q {
  const asked = { ...query, cursor: at }
  if (at === null) delete (asked as { cursor?: Json }).cursor
  return asked
}

/** The cursor of a query in its own form. @throws NodeError REQUEST_INVALID: it is not one of ours */
export function cursorOf<T>(form: z.ZodType<T>, { cursor }: { readonly cursor?: Json }): T | undefined {
  if (cursor === undefined) return undefined
  const read = form.safeParse(cursor)
  if (read.success) return read.data
  throw new NodeError('REQUEST_INVALID', {
    fields: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  })
}

/** A page with its cursor, where there is one. */
export function browsePage<T>(data: readonly T[], cursor: Json | undefined): BrowsePage<T> {
  return cursor === undefined ? { data } : { data, cursor }
}
