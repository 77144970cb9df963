/** The routes for looking around: containers, what is in them by search and time, and comments. Knows no sockets. */
import type { Collection } from '../collection.js'
import { calendarIds } from '../content/calendars.js'
import { commentsOn } from '../content/comments.js'
import type { Item } from '../content/item.js'
import { personById, type Person } from '../content/people.js'
import { errorAnswer, jsonAnswer, type Answer } from '../answer.js'
import type { World } from '../world.js'
import type { DataCall } from './data-api.js'
import { readToken, writeToken } from './page-token.js'

export interface LookApiOptions {
  readonly world: World
  readonly seed: string
  readonly pageSize: number
}

/** The one folder: all files are in it. */
const FOLDER = { id: 'files', type: 'folder', name: 'All files', createdAt: '2016-01-04T00:00:00.000Z' }
const MOST = 100

interface Source {
  readonly container: string
  readonly type: 'file' | 'event'
  readonly list: Collection
}

export class LookApi {
  constructor(private readonly options: LookApiOptions) {}

  /** `{containers, nextPage}`: the folder and the calendars. */
  containers(call: DataCall): Answer {
    const rows = this.options.world.list(call.personId, 'calendars')?.live(0, Infinity).rows ?? []
    const all = [
      FOLDER,
      ...rows.map(({ id, name, createdAt }) => ({ id, type: 'calendar', name, createdAt })),
    ]
    return this.part(call, 'containers', all)
  }

  /** `{items, nextPage}` of files and events, by `container`, `type`, `q`, `from` and `to` (RFC 3339, half open). */
  items(call: DataCall): Answer {
    const { query } = call
    const asked = {
      q: text(query['q']).toLowerCase(),
      from: timeMs(query['from'], -Infinity),
      to: timeMs(query['to'], Infinity),
    }
    if (Number.isNaN(asked.from) || Number.isNaN(asked.to))
      return errorAnswer(400, 'invalid_time', 'That is not a time')
    const container = text(query['container'])
    const type = text(query['type'])
    const sources = this.sources(call.personId).filter(
      (one) => (container === '' || one.container === container) && (type === '' || one.type === type),
    )
    if (sources.length === 0 && container !== '')
      return errorAnswer(404, 'not_found', 'There is no such container')
    return this.page(call, 'items', (position, limit) => {
      const [first = 0, begin = 0] = position.map(Number)
      const rows: object[] = []
      let [at, place] = [first, begin]
      for (; at < sources.length; [at, place] = [at + 1, 0]) {
        const source = sources[at] as Source
        for (;;) {
          if (rows.length === limit) return { rows, position: [at, place] }
          const {
            rows: [item],
            position: next,
          } = source.list.live(place, 1)
          if (item === undefined) break
          place = next
          if (isAsked(item, asked)) rows.push({ ...item, type: source.type, container: source.container })
        }
      }
      return { rows }
    })
  }

  /** `{comments, nextPage}` of a file or an event. */
  comments(call: DataCall, item: string): Answer {
    const isThere = this.sources(call.personId).some(({ list }) => list.get(item) !== undefined)
    if (!isThere) return errorAnswer(404, 'not_found', 'There is no such item')
    const person = personById(call.personId) as Person
    return this.part(call, 'comments', commentsOn(this.options.seed, person, item))
  }

  private sources(personId: string): readonly Source[] {
    const { world } = this.options
    const files = world.list(personId, 'files')
    return [
      ...(files ? [{ container: FOLDER.id, type: 'file' as const, list: files }] : []),
      ...calendarIds.flatMap((container): readonly Source[] => {
        const list = world.list(personId, 'events', container)
        return list ? [{ container, type: 'event', list }] : []
      }),
    ]
  }

  private part(call: DataCall, name: string, all: readonly object[]): Answer {
    return this.page(call, name, ([begin = 0], limit) => {
      const end = Number(begin) + limit
      return { rows: all.slice(Number(begin), end), ...(end < all.length && { position: [end] }) }
    })
  }

  /** `position` missing: there is no more. */
  private page(
    { query, personId }: DataCall,
    name: string,
    read: (
      position: readonly (number | string)[],
      limit: number,
    ) => { readonly rows: readonly object[]; readonly position?: readonly number[] },
  ): Answer {
    const { world, pageSize } = this.options
    const { page, limit: wished, ...asked } = query
    const limit = wished === undefined ? pageSize : Number(wished)
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
      return errorAnswer(400, 'invalid_limit', `A limit is 1 to ${MOST}`)
    const place = `${personId}/${name}/${JSON.stringify(asked)}`
    const position = page === undefined ? [] : readToken(text(page), place, world.epoch)
    if (position === 'expired') return errorAnswer(410, 'cursor_expired', 'The page is too old')
    if (position === 'invalid') return errorAnswer(400, 'invalid_cursor', 'The page was not made for this')
    const { rows, position: next } = read(position, limit)
    const nextPage = next === undefined ? null : writeToken({ epoch: world.epoch, place, position: next })
    return jsonAnswer({ [name]: rows, nextPage })
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const timeMs = (value: unknown, fallback: number): number =>
  value === undefined ? fallback : typeof value === 'string' ? Date.parse(value) : NaN

interface Asked {
  readonly q: string
  readonly from: number
  readonly to: number
}

function isAsked(item: Item, { q, from, to }: Asked): boolean {
  const words = [item['name'], item['title'], item['description']].map(text).join(' ').toLowerCase()
  if (!words.includes(q)) return false
  if (from === -Infinity && to === Infinity) return true
  const at = Date.parse(startOf(item))
  return at >= from && at < to
}

/** When an event begins, when a file was changed; nothing for a broken one, which no time finds. */
function startOf(item: Item): string {
  const start = item['start'] as { readonly dateTime?: string; readonly date?: string } | null | undefined
  return text(item['modifiedAt']) || (start?.dateTime ?? start?.date ?? '')
}
