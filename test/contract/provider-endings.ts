/** Suite A, rules A19 to A21: paging that a service spoils, deletions, and the end of a grant; over real HTTP. */
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../../src/lib/canonical-json.js'
import { Redacted, type AnyStream } from '../../src/provider/index.js'
import { BrokenRule, must } from '../support/broken-rule.js'
import { isPartOf, itemsPlace, withItems, type ItemsPlace } from '../support/hostile.js'
import { errorOf, withBench } from '../support/provider-bench.js'
import type { Exchange, ProviderCase } from '../support/provider-case.js'
import { exchangeKey, replayOf, type Replay } from '../support/provider-replay.js'
import { partitionsOf, readPage, readRuns, streamFile } from '../support/provider-run.js'
import {
  CANARIES,
  declaredHosts,
  heldToken,
  REFRESH_TOKEN,
  testFields,
  testSettings,
} from '../support/provider-settings.js'
import { withSyncs } from '../support/provider-sync.js'
import type { Fault } from '../support/stand-in.js'

const MANY_CALLS = 200
/** A host that no service has. */
export const FOREIGN_HOST = 'elsewhere.foreign.example'

const answered = ({ headers, text }: Exchange, body: Json): Fault => ({
  kind: 'answer',
  status: 200,
  headers,
  text: text ?? JSON.stringify(body),
})

/** The first two pages of a stream's first partition, and where the items of the first are. */
interface TwoPages {
  readonly first: ItemsPlace
  readonly second: Exchange
}

/** A19: a service that repeats itself ends the run, a page without items does not, and links to other hosts are not followed. */
export async function a19Endings(one: ProviderCase): Promise<void> {
  if (one.socketPort !== undefined) return
  for (const stream of one.provider.streams) {
    const pages = await twoPages(one, stream)
    if (pages === undefined) continue
    await checkRepetition(one, stream, pages)
    await checkEmptyPage(one, stream, pages)
    await checkForeignLinks(one, stream, pages)
  }
}

async function twoPages(one: ProviderCase, stream: AnyStream): Promise<TwoPages | undefined> {
  const [partition = ''] = await partitionsOf(one, stream, replayOf(one))
  const first = replayOf(one)
  const page = await readPage(one, stream, first, { partition })
  const [item] = page.items
  if (item === undefined) return undefined
  const place = itemsPlace(first.calls, item as Json, `${one.path}/fixtures/${stream.name}`)
  const rest: Replay = page.more ? replayOf(one) : first
  if (page.more) await readPage(one, stream, rest, { partition, from: page.cursor })
  const second = rest.calls.find(({ exchange }) => exchange !== undefined && exchange !== place.exchange)
  return second?.exchange && { first: place, second: second.exchange }
}

async function checkRepetition(one: ProviderCase, stream: AnyStream, { first }: TwoPages): Promise<void> {
  const path = new URL(first.exchange.request.split(' ')[1] ?? '').pathname
  await withSyncs(one, async ({ service, sync, advance, abort }) => {
    service.setFault(({ url }) => {
      // Services whose pages are counted repeat nothing: the time of a sync ends them.
      advance(1_000)
      if (service.seen.length > MANY_CALLS) abort.abort(new Error('too many calls'))
      return url.pathname === path ? answered(first.exchange, first.exchange.body) : undefined
    })
    await errorOf(sync([stream]))
    must(
      service.seen.length <= MANY_CALLS,
      'a service that answers the same page again and again is asked without end',
      streamFile(one, stream),
    )
  })
}

async function checkEmptyPage(
  one: ProviderCase,
  stream: AnyStream,
  { first, second }: TwoPages,
): Promise<void> {
  // Items that are whole answers come of a list of their ids, which holds none of them.
  if (first.path === undefined) return
  const empty = withItems(first.exchange.body, first.path, [])
  // Where the place of the next page follows from items or their number, no items mean the end.
  if (!tellsPlace(first.exchange, empty, second)) return
  await withSyncs(one, async ({ service, sync }) => {
    let asked = false
    service.setFault((_seen, recorded) => {
      asked ||= recorded !== undefined && exchangeKey(recorded) === exchangeKey(second)
      return recorded === undefined || exchangeKey(recorded) !== exchangeKey(first.exchange)
        ? undefined
        : answered(first.exchange, empty)
    })
    await errorOf(sync([stream]))
    must(
      asked,
      'a page without items is taken for the last, though it names the next',
      streamFile(one, stream),
    )
  })
}

/** Whether the call of the next page holds something that the service said outside of its items. */
function tellsPlace(first: Exchange, empty: Json, second: Exchange): boolean {
  const said = JSON.stringify([empty, first.headers ?? {}])
  const before = valuesOf(first)
  return valuesOf(second).some((value) => value.length > 2 && !before.includes(value) && said.includes(value))
}

function valuesOf({ request, sent }: Exchange): readonly string[] {
  const params = [...new URL(request.split(' ')[1] ?? '').searchParams.values()]
  return [...params, ...Object.values(sent ?? {}).map((value) => (typeof value === 'string' ? value : ''))]
}

async function checkForeignLinks(one: ProviderCase, stream: AnyStream, { first }: TwoPages): Promise<void> {
  const elsewhere = (text: string) =>
    declaredHosts(one).reduce(
      (moved, host) => moved.replaceAll(`https://${host}`, `https://${FOREIGN_HOST}`),
      text,
    )
  const { body, headers = {} } = first.exchange
  const { path } = first
  const bent = JSON.parse(elsewhere(JSON.stringify(body))) as Json
  // Links of items are data.
  const moved = path === undefined ? bent : withItems(bent, path, at(body, path) as readonly Json[])
  const movedHeaders = JSON.parse(elsewhere(JSON.stringify(headers))) as Readonly<Record<string, string>>
  if (isDeepStrictEqual([moved, movedHeaders], [body, headers])) return
  await withSyncs(one, async ({ service, sync }) => {
    service.setFault((_seen, recorded) =>
      recorded !== undefined && exchangeKey(recorded) === exchangeKey(first.exchange)
        ? answered({ ...first.exchange, headers: movedHeaders }, moved)
        : undefined,
    )
    await errorOf(sync([stream]))
    const away = service.seen.some(({ url }) => url.host === FOREIGN_HOST)
    must(
      !away,
      'a link to the next page is followed to a host that is not the service’s',
      streamFile(one, stream),
    )
  })
}

function at(body: Json, path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, name) => (inner as JsonObject | undefined)?.[name], body)
}

/** A20: what the service says is deleted, or no longer shows, leaves the destination. */
export async function a20Deletes(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    if (stream.deletes === 'feed') await checkFeed(one, stream)
    else if (stream.deletes === 'scan' && one.socketPort === undefined) await checkScan(one, stream)
  }
}

async function checkFeed(one: ProviderCase, stream: AnyStream): Promise<void> {
  const runs = await readRuns(one, stream, replayOf(one))
  const later = await readRuns(one, stream, replayOf(one), runs)
  const ids = later.flatMap((run) => run.pages.flatMap((page) => page.deletedIds ?? []))
  await withSyncs(one, async ({ sync, bench }) => {
    const held = () =>
      [...bench.destination.remote.values()].flatMap((records) =>
        [...records.values()].map((record) => record['sourceId'] as string),
      )
    await sync([stream])
    const before = held().filter((id) => ids.includes(id))
    must(
      ids.length === 0 || before.length > 0,
      'no id that is reported as deleted is one of a record',
      `${one.path}/fixtures/${stream.name}`,
    )
    await sync([stream])
    const left = held().filter((id) => before.includes(id))
    must(
      left.length === 0,
      `${left.length} records that were deleted are still there`,
      streamFile(one, stream),
    )
  })
}

async function checkScan(one: ProviderCase, stream: AnyStream): Promise<void> {
  const [partition = ''] = await partitionsOf(one, stream, replayOf(one))
  const http = replayOf(one)
  const page = await readPage(one, stream, http, { partition })
  const [item] = page.items
  if (item === undefined) return
  const { exchange, path } = itemsPlace(http.calls, item as Json, `${one.path}/fixtures/${stream.name}`)
  if (path === undefined) throw new BrokenRule('a scan reads whole lists', streamFile(one, stream))
  const rest = (at(exchange.body, path) as unknown as readonly Json[]).filter(
    (other) => !isPartOf(other, item as Json),
  )
  await withSyncs(one, async ({ service, sync, bench }) => {
    const count = () => [...bench.destination.remote.values()].reduce((sum, records) => sum + records.size, 0)
    await sync([stream])
    const before = count()
    service.setFault((_seen, recorded) =>
      recorded !== undefined && exchangeKey(recorded) === exchangeKey(exchange)
        ? answered(exchange, withItems(exchange.body, path, rest))
        : undefined,
    )
    await sync([stream], { confirmDeletes: true })
    must(count() === before - 1, 'an item that is no longer shown stays', streamFile(one, stream))
  })
}

/** A21: the grant is ended at the service, and a service that is down is no proof that it is. */
export async function a21Revoke(one: ProviderCase): Promise<void> {
  const { provider, path } = one
  const { revoke } = provider
  if (typeof revoke !== 'function') return
  const fields = testFields(one)
  const tokens = { accessToken: heldToken(one), refreshToken: new Redacted(REFRESH_TOKEN), fields }
  const context = { settings: testSettings(provider).settings, fields, tokens }
  await withBench(one, async ({ service, client }) => {
    const error = await errorOf(revoke(client(), context))
    must(error === undefined, `revoke fails over HTTP: ${String(error)}`, `${path}/index.ts`)
    must(service.seen.length > 0, 'revoke calls nothing', `${path}/index.ts`)
    const shown = service.seen.some(({ url }) =>
      CANARIES.some((canary) => decodeURIComponent(url.href).includes(canary)),
    )
    must(!shown, 'revoke puts a token into an address', `${path}/index.ts`)
    service.setFault({ kind: 'answer', status: 500, text: '{}' })
    const down = await errorOf(revoke(client(), context))
    must(down !== undefined, 'revoke says that it is done while the service is down', `${path}/index.ts`)
  })
}
