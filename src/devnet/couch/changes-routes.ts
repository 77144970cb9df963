/** `_changes`: answers at once, or waits for a write (longpoll) with a heartbeat. https://docs.couchdb.org/en/stable/api/database/changes.html */
import type { Request, Response, Router } from 'express'
import { changesPage, type ChangesPage, type ChangesQuery } from './changes.js'
import { isSet, query, visit, wholeNumber, type CouchServer } from './context.js'
import type { OpenDatabase } from './databases.js'
import { badRequest, noDatabase, notFound } from './errors.js'

const DEFAULT_TIMEOUT_MS = 60_000

export function addChangesRoutes(router: Router, server: CouchServer): void {
  const answer = async (request: Request, response: Response): Promise<void> => {
    await visit(server, request, async ({ database }) => {
      const asked = await queryOf(request, database)
      const page = await changesPage(database.pouch, asked)
      const waits = query(request, 'feed') === 'longpoll' && page.results.length === 0
      if (waits) await answerLater(database, asked, request, response)
      else response.json(page)
    })
  }
  router.get('/:db/_changes', answer)
  router.post('/:db/_changes', answer)
}

/** Sends blank lines while it waits, so that neither side takes the other for dead; JSON ignores them. */
async function answerLater(
  database: OpenDatabase,
  asked: ChangesQuery,
  request: Request,
  response: Response,
): Promise<void> {
  const ends = new AbortController()
  const end = (): void => ends.abort()
  // With a heartbeat CouchDB waits for ever.
  const heartbeatMs = heartbeatOf(request)
  const deadline =
    heartbeatMs === undefined
      ? setTimeout(end, wholeNumber(request, 'timeout') ?? DEFAULT_TIMEOUT_MS)
      : undefined
  const heartbeat =
    heartbeatMs === undefined ? undefined : setInterval(() => response.write('\n'), heartbeatMs)
  response.on('close', end)
  // The connection may have ended while the database was looked at: its event does not come again.
  if (response.closed) end()
  response.set('content-type', 'application/json')
  response.flushHeaders()
  try {
    response.end(JSON.stringify(await nextPage(database, asked, ends.signal)))
  } finally {
    clearTimeout(deadline)
    clearInterval(heartbeat)
    response.off('close', end)
  }
}

async function nextPage(
  database: OpenDatabase,
  asked: ChangesQuery,
  signal: AbortSignal,
): Promise<ChangesPage> {
  for (;;) {
    const woken = database.changed(signal)
    // Looked at again after the ear is open: a write between the first look and now would be missed.
    const page = await changesPage(database.pouch, asked)
    if (page.results.length > 0 || signal.aborted) return page
    await woken
    if (database.gone) throw noDatabase()
    if (database.closing) return page
  }
}

function heartbeatOf(request: Request): number | undefined {
  const text = query(request, 'heartbeat')
  if (text === undefined || text === 'false') return undefined
  return text === 'true'
    ? DEFAULT_TIMEOUT_MS
    : Math.max(100, wholeNumber(request, 'heartbeat') ?? DEFAULT_TIMEOUT_MS)
}

async function queryOf(request: Request, database: OpenDatabase): Promise<ChangesQuery> {
  const feed = query(request, 'feed') ?? 'normal'
  if (feed !== 'normal' && feed !== 'longpoll') throw badRequest('Supported `feed` types: normal, longpoll')
  return {
    since: await sinceOf(request, database),
    limit: limitOf(request),
    allLeaves: query(request, 'style') === 'all_docs',
    docIds: docIdsOf(request),
    descending: isSet(request, 'descending'),
    includeDocs: isSet(request, 'include_docs'),
    conflicts: isSet(request, 'conflicts'),
    attachments: isSet(request, 'attachments'),
  }
}

/** CouchDB takes a limit of 0 for 1. */
function limitOf(request: Request): number | undefined {
  const limit = wholeNumber(request, 'limit')
  return limit === undefined ? undefined : Math.max(1, limit)
}

/** A number, also with more behind a dash as CouchDB writes it; `now` is the end. */
async function sinceOf(request: Request, database: OpenDatabase): Promise<number> {
  const text = query(request, 'since') ?? '0'
  if (text === 'now') return (await database.pouch.info()).update_seq
  const digits = /^"?(\d{1,15})(-.*)?"?$/.exec(text)?.[1]
  if (digits === undefined) throw badRequest('Malformed sequence supplied in `since` parameter.')
  return Number(digits)
}

function docIdsOf(request: Request): readonly string[] | undefined {
  const filter = query(request, 'filter')
  if (filter === undefined) return undefined
  if (filter !== '_doc_ids') throw notFound('missing json key: filters')
  const ids: unknown =
    ((request.body ?? {}) as { doc_ids?: unknown }).doc_ids ?? parsedIds(query(request, 'doc_ids'))
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string'))
    throw badRequest('`doc_ids` filter parameter is not a list.')
  return ids
}

function parsedIds(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('`doc_ids` filter parameter is not a list.')
  }
}
