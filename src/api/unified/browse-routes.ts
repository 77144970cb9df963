/** Live reads in one shape over every provider that can be browsed: containers, items, comments. Nothing is stored. */
import type { Request, Router } from 'express'
import { z } from 'zod'
import type { Browsed, BrowseRequest } from '../../connectors/index.js'
import type { Json } from '../../lib/canonical-json.js'
import { sendEnvelope } from '../http/envelope.js'
import { pageLimit } from '../http/page-cursor.js'
import { optionalText } from '../http/read-input.js'
import { callerOf, connectionOf, entryOf, invalid, queriedConnection, type UnifiedDeps } from './deps.js'
import { BROWSED_MEMBERS } from './browse-shapes.js'

type What = BrowseRequest['what']
type Query = Request['query']

const MAX_LIMIT = 100
const MAX_ID = 1_000
const cursorForm = z.json()

export function addBrowseRoutes(router: Router, deps: UnifiedDeps): void {
  for (const what of ['containers', 'items', 'comments'] as const)
    router.get(`${deps.apiPrefix}/connectors/:id/${what}`, async (req, res) => {
      const caller = await callerOf(deps, req, 'records:read')
      const entry = entryOf(deps, req)
      const { query } = req
      const { id } = await connectionOf(deps, caller, entry, queriedConnection(query))
      const limit = pageLimit(query, 50, MAX_LIMIT)
      const wishes = readWishes(what, query)
      const shown = readSelection(what, query)
      // Good for this tenant's connection and this very question alone.
      const list = ['browse', what, caller.tenant, id, JSON.stringify(wishes.query)]
      const cursor = deps.cursors.read(list, query, cursorForm) as Json | undefined
      const request = withPage(wishes, { limit, ...(cursor !== undefined && { cursor }) })
      const page = await deps.connectors.browse(caller, id, request)
      const nextCursor = page.cursor === undefined ? null : deps.cursors.write(list, page.cursor)
      sendEnvelope(
        res,
        page.data.map((one) => select(one, shown)),
        { page: { nextCursor, limit } },
      )
    })
}

/** A question without its page. */
type Wishes = {
  readonly [W in What]: {
    readonly what: W
    readonly query: Omit<Extract<BrowseRequest, { what: W }>['query'], 'limit' | 'cursor'>
  }
}[What]

const withPage = (wishes: Wishes, page: { readonly limit: number; readonly cursor?: Json }): BrowseRequest =>
  ({ ...wishes, query: { ...wishes.query, ...page } }) as BrowseRequest

function readWishes(what: What, query: Query): Wishes {
  const text = (name: string, max = MAX_ID): object => {
    const value = optionalText(query, name, max)
    return value === undefined ? {} : { [name]: value }
  }
  if (what === 'containers') return { what, query: { ...text('parentId') } }
  if (what === 'comments') {
    const itemId = optionalText(query, 'itemId', MAX_ID)
    if (itemId === undefined) throw invalid('itemId', 'is needed')
    return { what, query: { itemId, ...text('containerId') } }
  }
  const times = { ...time(query, 'since'), ...time(query, 'until') }
  if (
    times.since !== undefined &&
    times.until !== undefined &&
    Date.parse(times.since) >= Date.parse(times.until)
  )
    throw invalid('until', 'must be after since')
  return { what, query: { ...text('containerId'), ...text('kind', 40), ...text('search', 500), ...times } }
}

/** RFC 3339, handed on in UTC. */
function time<N extends 'since' | 'until'>(query: Query, name: N): { readonly [K in N]?: string } {
  const value = optionalText(query, name, 40)
  if (value === undefined) return {}
  if (!z.iso.datetime({ offset: true }).safeParse(value).success)
    throw invalid(name, 'must be a time such as 2026-01-31T09:30:00Z')
  return { [name]: new Date(value).toISOString() } as { readonly [K in N]?: string }
}

/** `?fields=` and `?raw=`: which members are shown; the id always is. */
function readSelection(what: What, query: Query): readonly string[] {
  const raw = optionalText(query, 'raw', 5)
  if (raw !== undefined && raw !== 'true' && raw !== 'false') throw invalid('raw', 'must be true or false')
  const members = BROWSED_MEMBERS[what]
  const named = optionalText(query, 'fields', 1_000)
    ?.split(',')
    .map((name) => name.trim())
  if (named?.some((name) => !members.includes(name)) === true)
    throw invalid('fields', `must be some of ${members.join(', ')}, separated by commas`)
  return ['id', ...(named ?? members), ...(raw === 'true' ? ['raw'] : [])]
}

/** A member that the service does not tell is `null`. */
function select(one: Browsed, shown: readonly string[]): object {
  const members: Readonly<Record<string, unknown>> = { ...one }
  return Object.fromEntries(shown.map((name) => [name, members[name] ?? null]))
}
