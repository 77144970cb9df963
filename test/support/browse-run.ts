/** Live reads of a provider as the node makes them: page by page, each cursor through its JSON. */
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../src/lib/canonical-json.js'
import type {
  BrowsePage,
  BrowsedItem,
  Comment,
  CommentQuery,
  Container,
  ProviderHttp,
} from '../../src/provider/index.js'
import type { BrowseCase } from './browse-fixtures.js'
import { BrokenRule } from './broken-rule.js'
import type { ProviderCase } from './provider-case.js'
import { fetchContext } from './provider-run.js'

export type BrowseMethod = 'containers' | 'items' | 'comments'
export type BrowseEntry = Container | BrowsedItem | Comment

export interface BrowseRead {
  readonly method: BrowseMethod
  readonly case: BrowseCase
}

const MAX_PAGES = 50

/** Every case of `browse/expected.json`. */
export function browseReads({ provider, browse }: ProviderCase): readonly BrowseRead[] {
  const expected = browse?.expected
  if (provider.browse === undefined || expected === undefined) return []
  const { comments = [] } = expected
  return [
    ...expected.containers.map((one) => ({ method: 'containers' as const, case: one })),
    ...expected.items.map((one) => ({ method: 'items' as const, case: one })),
    ...comments.map((one) => ({ method: 'comments' as const, case: one })),
  ]
}

/** Reads to the end. A cursor that comes again ends it too: rule A13 alone judges paging. */
export async function readBrowse(
  one: ProviderCase,
  read: BrowseRead,
  http: ProviderHttp,
): Promise<readonly BrowsePage<BrowseEntry>[]> {
  const pages: BrowsePage<BrowseEntry>[] = []
  let cursor: Json | undefined
  do {
    const page = await readBrowsePage(one, read, http, cursor)
    const again = page.cursor !== undefined && pages.some((old) => isDeepStrictEqual(old.cursor, page.cursor))
    pages.push(page)
    if (again) return pages
    cursor = page.cursor === undefined ? undefined : (JSON.parse(JSON.stringify(page.cursor)) as Json)
  } while (cursor !== undefined && pages.length < MAX_PAGES)
  return pages
}

/** @throws BrokenRule when the provider has nothing of the kind */
export async function readBrowsePage(
  one: ProviderCase,
  { method, case: { query, why } }: BrowseRead,
  http: ProviderHttp,
  cursor?: Json,
): Promise<BrowsePage<BrowseEntry>> {
  const { browse } = one.provider
  const { settings, fields, account, now, signal } = fetchContext(one)
  const context = { settings, fields, account, now, signal }
  const asked = { ...query, ...(cursor !== undefined && { cursor }) } as CommentQuery
  const fault = (what: string) =>
    new BrokenRule(`'${why}': ${what}`, `${one.path}/fixtures/browse/expected.json`)
  if (browse === undefined) throw fault('there is no browse')
  if (method === 'containers') return browse.containers(http, asked, context)
  if (method === 'items') return browse.items(http, asked, context)
  if (browse.comments === undefined) throw fault('there are no comments')
  return browse.comments(http, asked, context)
}

/** The file in which live reads are written, or the one where they are declared. */
export function browseFile({ sources, path }: ProviderCase): string {
  return `${path}/${'browse.ts' in sources ? 'browse.ts' : 'index.ts'}`
}

/** An entry as `expected.json` has it. */
export function withoutRaw(entry: BrowseEntry): Json {
  return JSON.parse(JSON.stringify({ ...entry, raw: undefined })) as Json
}
