/** Suite A, rule A22: contents of files, over real HTTP: what is offered is to be had, bounded, and stored to the last byte. */
import { schemaUri } from '../../schemas/index.js'
import { canonicalJson, type Json } from '../../src/lib/canonical-json.js'
import { sha256 } from '../../src/lib/keyed-hash.js'
import {
  NodeError,
  type AnyStream,
  type ContentOffer,
  type FileContent,
  type ProviderHttp,
  type SettingsShape,
} from '../../src/provider/index.js'
import { BrokenRule, must } from '../support/broken-rule.js'
import { deepFreeze, poisoned } from '../support/poison.js'
import { describe, errorOf, withBench } from '../support/provider-bench.js'
import { streamFixtures, type Exchange, type ProviderCase } from '../support/provider-case.js'
import { replayOf } from '../support/provider-replay.js'
import { ACCOUNT, readRuns, streamFile } from '../support/provider-run.js'
import { CANARIES, testSettings } from '../support/provider-settings.js'
import { withSyncs } from '../support/provider-sync.js'

const MAX_BYTES = 100_000_000

type Offering = AnyStream & { readonly content: FileContent<SettingsShape, unknown> }

/** A22: contents are offered purely, fetched within their cap, stored whole, and their failures are told. */
export async function a22Contents(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    const file = `${one.path}/fixtures/${stream.name}/content.json`
    const { content } = streamFixtures(one, stream.name)
    must(
      content.length > 0 === (stream.content !== undefined),
      stream.content === undefined ? 'it is there, and the stream has no contents' : 'it is missing',
      file,
    )
    if (stream.content === undefined) continue
    must(stream.schema === 'file', 'contents go with the schema file only', streamFile(one, stream))
    await checkOffering(one, { ...stream, content: stream.content }, content)
  }
}

async function checkOffering(
  one: ProviderCase,
  stream: Offering,
  recorded: readonly Exchange[],
): Promise<void> {
  const offers = await offersOf(one, stream)
  const file = streamFile(one, stream)
  for (const { url, version } of offers) {
    must(version !== '', 'an offer has no version', file)
    must(!isTelling(url), 'an offer holds a token', file)
  }
  await checkBytes(one, stream, { offers, recorded })
  await checkSync(one, stream, recorded)
}

async function offersOf(one: ProviderCase, stream: Offering): Promise<readonly ContentOffer[]> {
  const http = replayOf(one)
  const first = await readRuns(one, stream, http)
  const runs = [...first, ...(await readRuns(one, stream, http, first))]
  const raw = runs.flatMap((run) => run.pages.flatMap((page) => page.items))
  const hostile = streamFixtures(one, stream.name).hostile.map(({ item }) => item)
  const offers = raw.map((item) => offerOf(one, stream, item))
  for (const item of hostile) offerOf(one, stream, item)
  return offers.flatMap((offer) => (offer === undefined || 'skip' in offer ? [] : [offer]))
}

function offerOf(one: ProviderCase, stream: Offering, raw: unknown) {
  const file = streamFile(one, stream)
  const read = stream.item.safeParse(structuredClone(raw))
  if (!read.success) return undefined
  const item = deepFreeze(read.data)
  const context = { account: deepFreeze({ ...ACCOUNT }), settings: testSettings(one.provider).settings }
  try {
    const [once, twice] = poisoned(() => [stream.content.of(item, context), stream.content.of(item, context)])
    const text = (offer: typeof once): string => canonicalJson((offer ?? null) as unknown as Json)
    must(text(once) === text(twice), 'content.of gives another offer the second time', file)
    return once
  } catch (error) {
    if (error instanceof BrokenRule) throw error
    throw new BrokenRule(`content.of is not pure: ${String(error)}`, file)
  }
}

interface Offered {
  readonly offers: readonly ContentOffer[]
  readonly recorded: readonly Exchange[]
}

async function checkBytes(one: ProviderCase, stream: Offering, { offers, recorded }: Offered): Promise<void> {
  const file = streamFile(one, stream)
  const texts = recorded.map(bytesOf)
  let [opened, longest] = [0, 0]
  for (const offer of offers)
    await withBench(one, async ({ service, client }) => {
      const whole = await errorOf(readAll(one, stream, { http: client(), offer, maxBytes: MAX_BYTES }))
      // Only some are recorded.
      if (whole !== undefined) return
      opened += 1
      must(!service.seen.some(({ url }) => isTelling(url.href)), 'a token travels in an address', file)
      const bytes = await readAll(one, stream, { http: client(), offer, maxBytes: MAX_BYTES })
      must(
        texts.some((text) => text.equals(bytes)),
        'other bytes come than are recorded',
        file,
      )
      longest = Math.max(longest, bytes.length)
      const cut = await errorOf(
        readAll(one, stream, { http: client(), offer, maxBytes: Math.max(0, bytes.length - 1) }),
      )
      must(codeOf(cut) === 'FILE_TOO_LARGE', `a file above the cap gives ${codeOf(cut)}`, file)
      for (const [status, code] of [
        [401, 'TOKEN_REVOKED'],
        [500, 'PROVIDER_DOWN'],
      ] as const) {
        service.setFault({ kind: 'answer', status, text: '{}' })
        const failed = await errorOf(readAll(one, stream, { http: client(), offer, maxBytes: MAX_BYTES }))
        must(codeOf(failed) === code, `status ${status} of a content gives ${codeOf(failed)}`, file)
      }
    })
  must(opened > 0 && longest > 0, 'no recorded content is that of a recorded file', `${one.path}/fixtures`)
}

interface Reading {
  readonly http: ProviderHttp
  readonly offer: ContentOffer
  readonly maxBytes: number
}

async function readAll(
  one: ProviderCase,
  { content }: Offering,
  { http, offer, maxBytes }: Reading,
): Promise<Buffer> {
  const { settings } = testSettings(one.provider)
  const { body } = await (content.open?.(http, offer, { maxBytes, settings }) ??
    http.download(offer.url, { maxBytes }))
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts)
}

/** By the node's own pipeline: what is stored is what is recorded, and every recorded call is made. */
async function checkSync(one: ProviderCase, stream: Offering, recorded: readonly Exchange[]): Promise<void> {
  await withSyncs(one, async ({ bench, sync, service }) => {
    await sync([stream], {}, { maxBytes: MAX_BYTES, revision: 1, schema: schemaUri('file/chunk') })
    const expected = new Set(recorded.map((exchange) => sha256(bytesOf(exchange)).toString('hex')))
    const contents = [...bench.destination.records(schemaUri('file')).values()].map(
      (record) => record['content'] as { readonly state?: string; readonly sha256?: string } | undefined,
    )
    const stored = contents.filter((content) => content?.state === 'stored')
    const isWhole = stored.length > 0 && stored.every((content) => expected.has(content?.sha256 ?? ''))
    must(isWhole, 'what a sync stores is not what is recorded', streamFile(one, stream))
    const seen = new Set(service.seen.map(({ method, url }) => `${method} ${url.href}`))
    const unused = recorded.find(({ request }) => !seen.has(request))
    must(
      unused === undefined,
      `no sync asks for ${unused?.request}`,
      `${one.path}/fixtures/${stream.name}/content.json`,
    )
  })
}

const bytesOf = ({ text, body }: Exchange): Buffer => Buffer.from(text ?? JSON.stringify(body), 'utf8')
const codeOf = (error: unknown): string =>
  error instanceof NodeError ? error.code : error === undefined ? 'nothing' : describe(error)
const isTelling = (url: string): boolean =>
  CANARIES.some((canary) => decodeURIComponent(url).includes(canary))
