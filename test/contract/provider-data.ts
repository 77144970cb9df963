/** Suite A, rules A5 to A7: paging and mapping, over recorded pages and without a network. */
import { isDeepStrictEqual } from 'node:util'
import { canonicalJson, type Json } from '../../src/lib/canonical-json.js'
import type { AnyStream, Draft, Page } from '../../src/provider/index.js'
import { BrokenRule, must } from '../support/broken-rule.js'
import { deepFreeze, poisoned } from '../support/poison.js'
import { streamFixtures, type Outcome, type ProviderCase } from '../support/provider-case.js'
import { exchangeKey, replayOf } from '../support/provider-replay.js'
import { ACCOUNT, outcomeOf, readPages, readRuns, streamFile } from '../support/provider-run.js'
import { testSettings } from '../support/provider-settings.js'

/** A5: paging ends, no cursor comes twice, each cursor resumes exactly after its page, every recorded page is used. */
export async function a5Paging(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    const http = replayOf(one)
    const first = await readRuns(one, stream, http)
    for (const { partition, pages } of first) await checkCursors(one, stream, partition, pages)
    await readRuns(one, stream, http, first)
    const used = new Set(http.calls.flatMap(({ exchange }) => (exchange ? [exchangeKey(exchange)] : [])))
    const { pages, later } = streamFixtures(one, stream.name)
    const unused = [...pages, ...later].filter((exchange) => !used.has(exchangeKey(exchange)))
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
    const { expected } = streamFixtures(one, stream.name)
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
