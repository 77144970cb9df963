/** Suite A, rule A8: odd items and odd bodies, over recorded pages and without a network. */
import type { Json } from '../../src/lib/canonical-json.js'
import { NodeError, type AnyStream } from '../../src/provider/index.js'
import { BrokenRule, must } from '../support/broken-rule.js'
import { hostileBodies, hostileItems, itemsPlace, withItems, type ItemsPlace } from '../support/hostile.js'
import { streamFixtures, type ProviderCase } from '../support/provider-case.js'
import { replayOf, requestKey } from '../support/provider-replay.js'
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
  const file = streamFile(one, stream)
  const odd = [
    ...hostileItems(first.item),
    ...streamFixtures(one, stream.name).hostile.map(({ item }) => item),
  ]
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
