/** Suite A, rule A13: live reads over recorded calls. */
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../src/lib/canonical-json.js'
import { NodeError, type Browse, type BrowsePage, type ItemFilter } from '../../src/provider/index.js'
import type { BrowseCase } from '../support/browse-fixtures.js'
import {
  browseFile,
  browseReads,
  readBrowse,
  readBrowsePage,
  withoutRaw,
  type BrowseEntry,
  type BrowseRead,
} from '../support/browse-run.js'
import { must } from '../support/broken-rule.js'
import { hostileBodies } from '../support/hostile.js'
import { fixturesOf, type ProviderCase } from '../support/provider-case.js'
import { exchangeKey, replayOf, type Replay } from '../support/provider-replay.js'
import { CANARIES, declaredHosts } from '../support/provider-settings.js'

type Pages = readonly BrowsePage<BrowseEntry>[]

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** A13: paging ends and resumes, what the service sent is kept, filters do what they say and no more. */
export async function a13Browse(one: ProviderCase): Promise<void> {
  const { browse } = one.provider
  if (browse === undefined) return
  const reads = browseReads(one)
  checkCases(one, browse, reads)
  const used = new Set<string>()
  for (const read of reads) {
    const http = replayOf(one)
    const pages = await readBrowse(one, read, http)
    for (const { exchange } of http.calls) if (exchange !== undefined) used.add(exchangeKey(exchange))
    checkPages(one, read, pages)
    checkEntries(one, { browse, read, pages, http })
    checkHosts(one, http)
    await checkFilters(one, { read, pages, http })
    await checkOddBodies(one, read, http)
  }
  const unused = one.browse?.calls.find((exchange) => !used.has(exchangeKey(exchange)))
  must(unused === undefined, `no case asks for ${unused?.request}`, `${one.path}/fixtures/browse`)
}

/** The cases between them use everything that is declared, and nothing else. */
function checkCases(one: ProviderCase, browse: Browse, reads: readonly BrowseRead[]): void {
  const file = `${one.path}/fixtures/browse/expected.json`
  const has = (method: string) => reads.some((read) => read.method === method)
  must(has('containers') && has('items'), 'it has no case of containers, or none of items', file)
  must(
    has('comments') === (browse.comments !== undefined),
    'cases of comments and comments go together',
    file,
  )
  const items = reads.filter(({ method }) => method === 'items').map((read) => read.case)
  must(
    items.some(({ pages }) => pages.length > 1),
    'no case of items has a second page',
    file,
  )
  for (const filter of browse.filters)
    must(items.some(usesFilter(filter)), `no case uses the declared filter '${filter}'`, file)
  for (const filter of ALL_FILTERS.filter((other) => !browse.filters.includes(other)))
    must(!items.some(usesFilter(filter)), `a case uses the filter '${filter}', which is not declared`, file)
}

const ALL_FILTERS: readonly ItemFilter[] = ['container', 'kind', 'search', 'time']

const usesFilter =
  (filter: ItemFilter) =>
  ({ query }: BrowseCase): boolean => {
    if (filter === 'container') return query.containerId !== undefined
    if (filter === 'time') return query.since !== undefined || query.until !== undefined
    return query[filter] !== undefined
  }

function checkPages(one: ProviderCase, { case: { why, query } }: BrowseRead, pages: Pages): void {
  const file = browseFile(one)
  const named = (what: string) => `'${why}': ${what}`
  must(pages.at(-1)?.cursor === undefined, named('a cursor comes twice, or paging does not end'), file)
  for (const { cursor, data } of pages) {
    must(
      data.length <= query.limit,
      named(`a page of ${data.length}, and ${query.limit} were asked for`),
      file,
    )
    if (cursor === undefined) continue
    const text = JSON.stringify(cursor)
    must(isDeepStrictEqual(JSON.parse(text), cursor), named('a cursor is not plain JSON'), file)
    const leaks = /access_token|secret/i.test(text) || CANARIES.some((canary) => text.includes(canary))
    must(!leaks, named('a cursor holds a token'), file)
  }
}

interface ReadPages {
  readonly read: BrowseRead
  readonly pages: Pages
  readonly http: Replay
}

function checkEntries(
  one: ProviderCase,
  { browse, read, pages, http }: ReadPages & { readonly browse: Browse },
): void {
  const file = `${one.path}/fixtures/browse/expected.json`
  const named = (what: string) => `${read.method} '${read.case.why}': ${what}`
  const actual = pages.map(({ data }) => data.map(withoutRaw))
  must(isDeepStrictEqual(actual, read.case.pages), named(`gives ${JSON.stringify(actual)}`), file)
  const entries = pages.flatMap(({ data }) => data)
  const ids = entries.map(({ id }) => id)
  must(!ids.includes('') && new Set(ids).size === ids.length, named('an id is empty or comes twice'), file)
  const kinds = read.method === 'containers' ? browse.containerKinds : browse.itemKinds
  const code = browseFile(one)
  const answered = http.calls.map(({ exchange }) => exchange?.body ?? null)
  for (const entry of entries) {
    must(
      !('kind' in entry) || kinds.includes(entry.kind),
      named(`the kind of ${entry.id} is undeclared`),
      code,
    )
    const times = [entry.createdAt, entry.updatedAt].filter((time) => time !== undefined)
    must(
      times.every((time) => TIME.test(time)),
      named(`a time of ${entry.id} is not RFC 3339`),
      code,
    )
    const isSent = one.socketPort !== undefined || answered.some((body) => holds(body, entry.raw as Json))
    const isKept = typeof entry.raw === 'object' && isSent
    must(isKept, named(`raw of ${entry.id} is not what the service sent`), code)
  }
}

function holds(body: Json, part: Json): boolean {
  if (isDeepStrictEqual(body, part)) return true
  return (
    typeof body === 'object' &&
    body !== null &&
    Object.values(body).some((inner) => holds(inner as Json, part))
  )
}

function checkHosts(one: ProviderCase, { calls }: Replay): void {
  const hosts = declaredHosts(one)
  const foreign = calls.find(({ url }) => !hosts.includes(url.host))
  must(foreign === undefined, `it calls ${foreign?.url.host}, which is not among hosts`, browseFile(one))
}

/** Another value of a filter asks for something else, or finds something else. */
async function checkFilters(one: ProviderCase, { read, pages, http }: ReadPages): Promise<void> {
  const { query } = read.case
  const others = {
    ...(query.containerId !== undefined && { containerId: 'another-container' }),
    ...(query.search !== undefined && { search: 'another word' }),
    ...(query.since !== undefined && { since: '2019-05-06T07:08:09Z' }),
    ...(query.until !== undefined && { until: '2029-10-11T12:13:14Z' }),
    ...(read.method === 'containers' && query.parentId !== undefined && { parentId: 'another-container' }),
  }
  for (const [name, value] of Object.entries(others)) {
    const again = replayOf(one)
    const other = { ...read, case: { ...read.case, query: { ...query, [name]: value } } }
    // A call that is not recorded is another call: exactly what is looked for.
    const found = await readBrowse(one, other, again).catch(() => undefined)
    const keys = (replay: Replay) => replay.calls.map(({ key }) => key)
    const same =
      found !== undefined &&
      isDeepStrictEqual(keys(again), keys(http)) &&
      isDeepStrictEqual(found, pages) &&
      pages.some(({ data }) => data.length > 0)
    must(!same, `'${read.case.why}': ${name} changes nothing`, browseFile(one))
  }
}

async function checkOddBodies(one: ProviderCase, read: BrowseRead, { calls }: Replay): Promise<void> {
  const last = calls.findLast(({ exchange }) => exchange !== undefined)?.exchange
  if (last === undefined) return
  for (const odd of hostileBodies(last, fixturesOf(one))) {
    const http = replayOf(one, (exchange) => (exchange === last ? odd : undefined))
    const outcome = await readWhole(one, read, http)
    must(
      outcome === 'PROVIDER_CHANGED',
      `'${read.case.why}': the body ${JSON.stringify(odd)} gives ${outcome} where PROVIDER_CHANGED is due`,
      browseFile(one),
    )
  }
}

async function readWhole(one: ProviderCase, read: BrowseRead, http: Replay): Promise<string> {
  try {
    let cursor: Json | undefined
    do cursor = (await readBrowsePage(one, read, http, cursor)).cursor
    while (cursor !== undefined)
    return 'a page'
  } catch (error) {
    return error instanceof NodeError ? error.code : String(error)
  }
}
