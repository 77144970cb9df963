/** Reads a provider's streams as the node does: each cursor through its JSON and the stream's own check, each item through map and schema. */
import { isDeepStrictEqual } from 'node:util'
import { schemaUri } from '../../schemas/index.js'
import type { Json, JsonObject } from '../../src/lib/canonical-json.js'
import {
  type Account,
  type AnyStream,
  type Draft,
  type FetchContext,
  type Page,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { mapPage } from '../../src/sync/map-page.js'
import { validatePage } from '../../src/sync/validate-page.js'
import { BrokenRule } from './broken-rule.js'
import type { Outcome, ProviderCase } from './provider-case.js'
import { NOW, testFields, testSettings, TOKEN } from './provider-settings.js'
import { testJob } from './sync-job.js'

/** Pages of one partition, in order. */
export interface Run {
  readonly partition: string
  readonly pages: readonly Page<Json>[]
}

export const ACCOUNT: Account = { id: 'account-1', name: 'Test account' }
const MAX_PAGES = 200

export function fetchContext(
  one: ProviderCase,
  partition = '',
  signal: AbortSignal = new AbortController().signal,
): FetchContext {
  const { settings } = testSettings(one.provider)
  return { settings, fields: testFields(one), account: ACCOUNT, now: NOW, signal, partition }
}

/** The partitions of a stream; the unnamed one where it has none. */
export async function partitionsOf(
  one: ProviderCase,
  stream: AnyStream,
  http: ProviderHttp,
): Promise<readonly string[]> {
  return stream.partitions ? stream.partitions(http, fetchContext(one)) : ['']
}

/**
 * Reads to the end. A cursor that comes again ends it too, without a word: rule A5 alone judges paging.
 * @throws what the stream throws
 */
export async function readPages(
  one: ProviderCase,
  stream: AnyStream,
  http: ProviderHttp,
  start: { readonly partition: string; readonly from?: Json | undefined },
): Promise<readonly Page<Json>[]> {
  const pages: Page<Json>[] = []
  let cursor = start.from
  for (;;) {
    const page = await readPage(one, stream, http, { ...start, from: cursor })
    const again = pages.some((earlier) => isDeepStrictEqual(earlier.cursor, page.cursor))
    pages.push(page)
    if (!page.more || again || pages.length === MAX_PAGES) return pages
    cursor = page.cursor
  }
}

/** One page from a cursor that was stored and read back. */
export async function readPage(
  one: ProviderCase,
  stream: AnyStream,
  http: ProviderHttp,
  start: { readonly partition: string; readonly from?: Json | undefined },
): Promise<Page<Json>> {
  const { from } = start
  const stored = from === undefined ? undefined : stream.cursor.safeParse(JSON.parse(JSON.stringify(from)))
  if (stored?.success === false) {
    throw new BrokenRule(
      `${stream.name}: its own cursor does not pass its cursor check`,
      streamFile(one, stream),
    )
  }
  return stream.fetchPage(http, stored?.data, fetchContext(one, start.partition))
}

/** A run over every partition; `starts` are the ends of the run before. */
export async function readRuns(
  one: ProviderCase,
  stream: AnyStream,
  http: ProviderHttp,
  starts: readonly Run[] = [],
): Promise<readonly Run[]> {
  const runs: Run[] = []
  for (const partition of await partitionsOf(one, stream, http)) {
    const from = starts.find((run) => run.partition === partition)?.pages.at(-1)?.cursor
    runs.push({ partition, pages: await readPages(one, stream, http, { partition, from }) })
  }
  return runs
}

/** What the pages come to. */
export function outcomeOf(one: ProviderCase, stream: AnyStream, runs: readonly Run[]): Outcome {
  const items = runs.flatMap((run) => run.pages.flatMap((page) => page.items))
  const { records, refused, skipped } = passItems(one, stream, items)
  const deletedIds = runs.flatMap((run) => run.pages.flatMap((page) => page.deletedIds ?? []))
  return { records, skipped, refused, deletedIds }
}

/** Items through the node's own stages: scrubbed, checked, mapped, checked against the schema. */
export function passItems(
  one: ProviderCase,
  stream: AnyStream,
  items: readonly unknown[],
): Omit<Outcome, 'deletedIds'> {
  const job = testJob([], {
    provider: one.provider,
    settings: testSettings(one.provider).settings,
    account: ACCOUNT,
    liveTokens: () => [TOKEN],
  })
  const schema = pinnedUri(stream)
  const mapped = mapPage(job, { stream, schema: schema ?? stream.schema, wish: {} }, items)
  // Rule A3 alone judges a schema that is not there.
  const { valid, rejected } =
    schema === undefined ? { valid: mapped.records, rejected: mapped.rejected } : validatePage(schema, mapped)
  const records = valid.map(({ record, sourceId }) => draftOf(record, sourceId))
  return { records, skipped: mapped.skipped, refused: rejected.length }
}

/** The URI of a stream's schema; undefined when this node has none. */
export function pinnedUri(stream: AnyStream): string | undefined {
  try {
    return schemaUri(stream.schema)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Members that the node adds to every record. */
const ADDED: readonly string[] = ['schema', 'sourceApplication', 'sourceAccountId', 'sourceId', 'sourceData']

function draftOf(record: JsonObject, sourceId: string): Draft {
  const { insertedAt, modifiedAt, ...rest } = record
  const own = Object.entries(rest).filter(([name, value]) => value !== undefined && !ADDED.includes(name))
  return {
    sourceId,
    ...(insertedAt !== undefined && { insertedAt: insertedAt as string }),
    ...(modifiedAt !== undefined && { modifiedAt: modifiedAt as string }),
    // Through JSON: members without a value are no members.
    fields: JSON.parse(JSON.stringify(Object.fromEntries(own))) as JsonObject,
  }
}

/** The file of a stream, by the convention of one stream per file. */
export function streamFile(one: ProviderCase, stream: AnyStream): string {
  return `${one.path}/${stream.name}.ts`
}
