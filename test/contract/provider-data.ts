/** Suite A, rules A5 to A8: paging, mapping and odd items, over recorded pages and without a network. */
import { isDeepStrictEqual } from 'node:util'
import { canonicalJson, type Json } from '../../src/lib/canonical-json.js'
import { NodeError, type AnyStream, type Draft, type Page } from '../../src/provider/index.js'
import { BrokenRule, must } from '../support/broken-rule.js'
import { hostileBodies, hostileItems, itemsPlace, withItems, type ItemsPlace } from '../support/hostile.js'
import { poisoned } from '../support/poison.js'
import type { Outcome, ProviderCase, StreamFixtures } from '../support/provider-case.js'
import { replayOf, requestKey } from '../support/provider-replay.js'
import {
  ACCOUNT,
  outcomeOf,
  partitionsOf,
  passItems,
  readPage,
  readPages,
  readRuns,
  streamFile,
} from '../support/provider-run.js'
import { testSettings } from '../support/provider-settings.js'

/** A5: paging ends, no cursor comes twice, each cursor resumes exactly after its page, every recorded page is used. */
export async function a5Paging(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    const http = replayOf(one)
    const first = await readRuns(one, stream, http)
    for (const { partition, pages } of first) await checkCursors(one, stream, partition, pages)
    await readRuns(one, stream, http, first)
    const used = new Set(http.calls.map((call) => requestKey(call.request)))
    const { pages, later } = fixtures(one, stream)
    const unused = [...pages, ...later].filter(({ request }) => !used.has(requestKey(request)))
    must(unused.length === 0, `no run asks for ${unused[0]?.request}`, `${one.path}/fixtures/${stream.name}`)
  }
}

async function checkCursors(
  one: ProviderCase,
  stream: AnyStream,
  partition: string,
  pages: readonly Page<Json>[],
): Promise<void> {
  const file = streamFile(one, stream)
  must(pages.at(-1)?.more === false, 'a cursor comes twice, or paging does not end', file)
  for (const [at, page] of pages.entries()) {
    must(
      isDeepStrictEqual(JSON.parse(JSON.stringify(page.cursor)), page.cursor),
      'a cursor is not plain JSON',
      file,
    )
    if (!page.more) continue
    const rest = await readPages(one, stream, replayOf(one), { partition, from: page.cursor })
    must(
      isDeepStrictEqual(rest, pages.slice(at + 1)),
      `resuming from the cursor of page ${at + 1} does not give the rest`,
      file,
    )
  }
}

/** A6: map is pure. */
export async function a6Pure(one: ProviderCase): Promise<void> {
  const { settings } = testSettings(one.provider)
  for (const stream of one.provider.streams) {
    const file = streamFile(one, stream)
    const runs = await readRuns(one, stream, replayOf(one))
    const items = runs.flatMap((run) => run.pages.flatMap((page) => page.items))
    for (const item of items.flatMap((raw) => parsed(stream, raw))) {
      const account = deepFreeze({ ...ACCOUNT })
      const map = () => canonicalJson(stream.map(item, { account, settings }) as unknown as Json)
      try {
        const [once, twice] = poisoned(() => [map(), map()])
        must(once === twice, 'map gives another record the second time', file)
      } catch (error) {
        if (error instanceof BrokenRule) throw error
        throw new BrokenRule(`map is not pure: ${String(error)}`, file)
      }
    }
  }
}

function parsed(stream: AnyStream, raw: unknown): unknown[] {
  const read = stream.item.safeParse(structuredClone(raw))
  return read.success ? [deepFreeze(read.data)] : []
}

/** A7: fixtures come to what `expected.json` says, under ids that are unique, and pass their schema. */
export async function a7Expected(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    const file = `${one.path}/fixtures/${stream.name}/expected.json`
    const { expected } = fixtures(one, stream)
    must(expected !== undefined, 'it is missing', file)
    const http = replayOf(one)
    const first = await readRuns(one, stream, http)
    const outcome = outcomeOf(one, stream, first)
    must(outcome.records.length > 0, `no recorded item becomes a ${stream.schema}`, file)
    checkIds(stream, outcome.records, streamFile(one, stream))
    compare(outcome, expected.first, { run: 'the first run', file })
    must('later' in expected === stream.incremental, 'later is there, or missing, against incremental', file)
    if (expected.later === undefined) continue
    const later = outcomeOf(one, stream, await readRuns(one, stream, http, first))
    compare(later, expected.later, { run: 'a later run', file })
  }
}

function checkIds(stream: AnyStream, records: readonly Draft[], file: string): void {
  const ids = records.map((record) => record.sourceId)
  must(!ids.includes(''), 'a record has an empty sourceId', file)
  must(new Set(ids).size === ids.length, `${stream.name}: two records have one sourceId`, file)
}

function compare(
  actual: Outcome,
  expected: Outcome,
  at: { readonly run: string; readonly file: string },
): void {
  for (const member of ['skipped', 'refused', 'deletedIds'] as const) {
    const text = JSON.stringify(actual[member])
    must(isDeepStrictEqual(actual[member], expected[member]), `${at.run} gives ${member} ${text}`, at.file)
  }
  const count = Math.max(actual.records.length, expected.records.length)
  for (let index = 0; index < count; index++) {
    const text = JSON.stringify(actual.records[index])
    const same = isDeepStrictEqual(actual.records[index], expected.records[index])
    must(same, `record ${index} of ${at.run} is ${text}`, at.file)
  }
}

/** A8: odd items and odd pages are set aside or refused by name; they never break a page or map. */
export async function a8Hostile(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    const [partition = ''] = await partitionsOf(one, stream, replayOf(one))
    const recording = replayOf(one)
    const page = await readPage(one, stream, recording, { partition })
    const usable = page.items.find((item) => passItems(one, stream, [item]).records.length === 1)
    must(
      usable !== undefined,
      'the first recorded page holds no item that becomes a record',
      streamFile(one, stream),
    )
    const item = usable as Json
    const requests = recording.calls.map((call) => call.request)
    const first = { partition, item, ...itemsPlace(one, requests, item) }
    await checkDeclaredOutcomes(one, stream)
    await checkOddItems(one, stream, first)
    await checkOddBodies(one, stream, first)
  }
}

interface FirstPage extends ItemsPlace {
  readonly partition: string
  /** One that becomes a record. */
  readonly item: Json
}

async function checkDeclaredOutcomes(one: ProviderCase, stream: AnyStream): Promise<void> {
  const file = `${one.path}/fixtures/${stream.name}/hostile.json`
  const { hostile } = fixtures(one, stream)
  must(hostile.length >= 3, 'it is missing or has fewer than three odd items', file)
  for (const { why, item, outcome } of hostile) {
    const { records, skipped, refused } = passItems(one, stream, [item])
    const reason = Object.keys(skipped)[0]
    const actual = records.length === 1 ? 'record' : refused === 1 ? 'refused' : `skipped: ${reason}`
    must(actual === outcome, `'${why}' becomes '${actual}'`, file)
  }
}

async function checkOddItems(one: ProviderCase, stream: AnyStream, first: FirstPage): Promise<void> {
  const file = streamFile(one, stream)
  const odd = [...hostileItems(first.item), ...fixtures(one, stream).hostile.map(({ item }) => item)]
  const http = replayOf(one, (request, body) =>
    requestKey(request) === requestKey(first.request) ? withItems(body, first.path, odd) : undefined,
  )
  const page = await readPage(one, stream, http, { partition: first.partition }).catch((error: unknown) => {
    throw new BrokenRule(`a page with odd items is thrown away: ${String(error)}`, file)
  })
  const { settings } = testSettings(one.provider)
  for (const raw of page.items) {
    const item = stream.item.safeParse(raw)
    if (!item.success) continue
    try {
      stream.map(item.data, { account: ACCOUNT, settings })
    } catch (error) {
      throw new BrokenRule(`item lets through what map cannot take: ${String(error)}`, file)
    }
    passItems(one, stream, [raw])
  }
}

async function checkOddBodies(one: ProviderCase, stream: AnyStream, first: FirstPage): Promise<void> {
  for (const odd of hostileBodies) {
    const http = replayOf(one, (request) =>
      requestKey(request) === requestKey(first.request) ? odd : undefined,
    )
    const outcome = await readPage(one, stream, http, { partition: first.partition }).then(
      () => 'a page',
      (error: unknown) => (error instanceof NodeError ? error.code : String(error)),
    )
    must(
      outcome === 'PROVIDER_CHANGED',
      `the body ${JSON.stringify(odd)} gives ${outcome} where PROVIDER_CHANGED is due`,
      streamFile(one, stream),
    )
  }
}

function fixtures(one: ProviderCase, stream: AnyStream): StreamFixtures {
  return one.streams[stream.name] ?? { pages: [], later: [], expected: undefined, hostile: [] }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}
