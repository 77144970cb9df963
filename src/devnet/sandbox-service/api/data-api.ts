/** The data routes as pure questions and answers: who asks, with which query, and what comes back. Knows no sockets. */
import type { Collection } from '../collection.js'
import { fileBytes } from '../content/files.js'
import { personById, type Person } from '../content/people.js'
import { errorAnswer, jsonAnswer, type Answer } from '../answer.js'
import type { Fault } from '../faults.js'
import type { StreamName, World } from '../world.js'
import { changesPage, eventsPage, FileOrder, livePage, type ListPage, type Position } from './pages.js'
import { readToken, writeToken } from './page-token.js'

/** A checked call: whose data, with which query. */
export interface DataCall {
  readonly personId: string
  readonly query: Readonly<Record<string, unknown>>
  readonly fault: Fault | undefined
}

export interface DataApiOptions {
  readonly world: World
  readonly pageSize: number
  /** This service's own origin. */
  readonly origin: () => string
}

export class DataApi {
  private readonly orders = new Map<string, FileOrder>()

  constructor(private readonly options: DataApiOptions) {}

  me({ personId }: DataCall): Answer {
    const person = personById(personId) as Person
    return jsonAnswer({
      id: person.id,
      name: person.name,
      handle: person.handle,
      about: person.about,
      avatarUrl: `${this.options.origin()}/avatars/${person.id}.svg`,
    })
  }

  /** `{changes, cursor, more}`: a change feed. Deleted posts come as `{id, deleted: true}`. */
  posts(call: DataCall): Answer {
    return this.paged(
      call,
      'posts',
      'cursor',
      (list, position) => changesPage(list, position, this.options.pageSize),
      (rows, page) => `{"changes":[${rows}],"cursor":${page.token},"more":${String(page.more)}}`,
    )
  }

  /** `{data, next}`: what is there now; who is gone is simply no longer met. */
  followings(call: DataCall): Answer {
    return this.paged(
      call,
      'followings',
      'page',
      (list, position) => livePage(list, position, this.options.pageSize),
      (rows, page) => `{"data":[${rows}],"next":${page.more ? page.token : 'null'}}`,
    )
  }

  /** `{files, nextPage}`, by time of change, from `since` on (RFC 3339, inclusive). */
  files(call: DataCall): Answer {
    const asked = call.query['since']
    const sinceMs = asked === undefined ? 0 : typeof asked === 'string' ? Date.parse(asked) : NaN
    if (Number.isNaN(sinceMs)) return errorAnswer(400, 'invalid_since', 'since is not a time')
    const since = new Date(sinceMs).toISOString()
    return this.paged(
      call,
      'files',
      'page',
      (list, position) => this.order(call.personId, list).page(since, position, this.options.pageSize),
      (rows, page) => `{"files":[${rows}],"nextPage":${page.more ? page.token : 'null'}}`,
    )
  }

  /** The bytes of a file. */
  content({ personId }: DataCall, id: string): Answer {
    const item = this.options.world.list(personId, 'files')?.get(id)
    if (item === undefined || item['kind'] !== 'file')
      return errorAnswer(404, 'not_found', 'There is no such file')
    const headers = { 'content-length': String(Number(item['bytes'])) }
    return { status: 200, type: item['mimeType'] as string, headers, body: '', bytes: fileBytes(item) }
  }

  /** `{calendars}`: all of them at once. */
  calendars({ personId, fault }: DataCall): Answer {
    const list = this.options.world.list(personId, 'calendars')
    const rows = fault?.kind === 'emptyPage' || !list ? [] : livePage(list, [0], Infinity).rows
    return { status: 200, body: `{"calendars":[${rows.join(',')}]}` }
  }

  /** `{items, nextPage}` while there is more, then `{items, syncToken}`, which asks for changes the next time. */
  events(call: DataCall, calendarId: string): Answer {
    const parameter = call.query['page'] === undefined ? 'syncToken' : 'page'
    return this.paged(
      call,
      'events',
      parameter,
      (list, position) => eventsPage(list, position, this.options.pageSize),
      (rows, page) => `{"items":[${rows}],${page.more ? '"nextPage"' : '"syncToken"'}:${page.token}}`,
      calendarId,
    )
  }

  private paged(
    call: DataCall,
    stream: StreamName,
    parameter: string,
    read: (list: Collection, position: Position) => ListPage,
    body: (rows: string, page: { readonly token: string; readonly more: boolean }) => string,
    calendarId?: string,
  ): Answer {
    const { world } = this.options
    const list = world.list(call.personId, stream, calendarId)
    if (!list) return errorAnswer(404, 'not_found', 'There is no such calendar')
    const place = `${call.personId}/${stream}/${calendarId ?? ''}`
    const given = call.query[parameter]
    if (given !== undefined && typeof given !== 'string')
      return errorAnswer(400, 'invalid_cursor', 'The cursor is given more than once')
    const position = given === undefined ? [] : readToken(given, place, world.epoch)
    if (position === 'expired' || (given !== undefined && call.fault?.kind === 'expiredCursor')) {
      return errorAnswer(410, 'cursor_expired', 'The cursor is too old: read everything again')
    }
    if (position === 'invalid') return errorAnswer(400, 'invalid_cursor', 'The cursor was not made for this')
    const turned = turnPage(call.fault, { position, given, place, epoch: world.epoch }, read(list, position))
    return {
      status: 200,
      body: body(turned.rows.join(','), { token: JSON.stringify(turned.token), more: turned.more }),
    }
  }

  private order(personId: string, list: Collection): FileOrder {
    const known = this.orders.get(personId) ?? new FileOrder(list)
    this.orders.set(personId, known)
    return known
  }
}

interface Asked {
  readonly position: Position
  readonly given: string | undefined
  readonly place: string
  readonly epoch: number
}

/** The page with its token, spoiled as a fault of paging says. */
function turnPage(
  fault: Fault | undefined,
  asked: Asked,
  page: ListPage,
): { rows: readonly string[]; token: string; more: boolean } {
  const token = (position: Position, again?: string) =>
    writeToken({ epoch: asked.epoch, place: asked.place, position, ...(again !== undefined && { again }) })
  const same = asked.given ?? token(asked.position)
  switch (fault?.kind) {
    case 'emptyPage':
      return { rows: [], token: token(asked.position, `${same.length}`), more: true }
    case 'duplicatePage':
      return { rows: page.rows, token: token(asked.position, `${same.length}`), more: true }
    case 'loopingCursor':
      return { rows: page.rows, token: same, more: true }
    default:
      return { rows: page.rows, token: token(page.position), more: page.more }
  }
}
