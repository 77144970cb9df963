/** Suite A, rule A8: odd items and odd bodies, over recorded pages and without a network. */
import type { Json } from '../../src/lib/canonical-json.js'
import { NodeError, type AnyStream } from '../../src/provider/index.js'
import { BrokenRule, must } from '../support/broken-rule.js'
import { hostileBodies, hostileItems, itemsPlace, withItems, type ItemsPlace } from '../support/hostile.js'
import { fixturesOf, streamFixtures, type ProviderCase } from '../support/provider-case.js'
import { replayOf } from '../support/provider-replay.js'
import { ACCOUNT, partitionsOf, passItems, readPage, streamFile } from '../support/provider-run.js'
import { testSettings } from '../support/provider-settings.js'

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
    if (one.socketPort !== undefined) {
      await checkDeclaredOutcomes(one, stream)
      checkTaken(one, stream, hostileItems(item))
      continue
    }
    const first = { partition, item, ...itemsPlace(recording.calls, item, `${one.path}/fixtures`) }
    await checkDeclaredOutcomes(one, stream)
    await checkOddItems(one, stream, first)
    // Where an item is a whole answer, an odd one is an odd item: the page's own answer is the one that came first.
    const list = first.path === undefined ? recording.calls[0]?.exchange : first.exchange
    await checkOddBodies(one, stream, { partition, exchange: list ?? first.exchange })
  }
}

interface FirstPage extends ItemsPlace {
  readonly partition: string
  /** One that becomes a record. */
  readonly item: Json
}

async function checkDeclaredOutcomes(one: ProviderCase, stream: AnyStream): Promise<void> {
  const file = `${one.path}/fixtures/${stream.name}/hostile.json`
  const { hostile } = streamFixtures(one, stream.name)
  must(hostile.length >= 3, 'it is missing or has fewer than three odd items', file)
  for (const { why, item, outcome } of hostile) {
    const { records, skipped, refused } = passItems(one, stream, [item])
    const reason = Object.keys(skipped)[0]
    const actual = records.length === 1 ? 'record' : refused === 1 ? 'refused' : `skipped: ${reason}`
    must(actual === outcome, `'${why}' becomes '${actual}'`, file)
  }
}

async function checkOddItems(one: ProviderCase, stream: AnyStream, first: FirstPage): Promise<void> {
  const odd = [
    ...hostileItems(first.item),
    ...streamFixtures(one, stream.name).hostile.map(({ item }) => item),
  ]
  // A list takes all odd items at once; where an item is a whole answer, each is an answer.
  const { path, exchange } = first
  const bodies = path === undefined ? odd : [withItems(exchange.body, path, odd)]
  for (const body of bodies) await checkOddAnswer(one, stream, first, body)
}

async function checkOddAnswer(
  one: ProviderCase,
  stream: AnyStream,
  first: FirstPage,
  body: Json,
): Promise<void> {
  const file = streamFile(one, stream)
  const http = replayOf(one, (exchange) => (exchange === first.exchange ? body : undefined))
  const page = await readPage(one, stream, http, { partition: first.partition }).catch((error: unknown) => {
    throw new BrokenRule(`a page with odd items is thrown away: ${String(error)}`, file)
  })
  checkTaken(one, stream, page.items)
}

/** What `item` lets through, map and the schema take or refuse by name. */
function checkTaken(one: ProviderCase, stream: AnyStream, items: readonly unknown[]): void {
  const file = streamFile(one, stream)
  const { settings } = testSettings(one.provider)
  for (const raw of items) {
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

async function checkOddBodies(
  one: ProviderCase,
  stream: AnyStream,
  first: Pick<FirstPage, 'partition' | 'exchange'>,
): Promise<void> {
  for (const odd of hostileBodies(first.exchange, fixturesOf(one))) {
    const http = replayOf(one, (exchange) => (exchange === first.exchange ? odd : undefined))
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
