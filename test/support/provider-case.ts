/** One provider as suite A sees it: its declaration, its documents and its fixtures. Loads folders; knows no rule. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Json, JsonObject } from '../../src/lib/canonical-json.js'
import type { Draft, Provider } from '../../src/provider/index.js'
import { TOKEN, testSettings } from './provider-settings.js'

/** One recorded call: `request` is the method and the whole address, without what the node adds. */
export interface Exchange {
  readonly request: string
  readonly body: Json
}

/** What a run over fixtures must come to. */
export interface Outcome {
  readonly records: readonly Draft[]
  readonly skipped: Readonly<Record<string, number>>
  /** Items that the stream's `item` or the schema refuses. */
  readonly refused: number
  readonly deletedIds: readonly string[]
}

/** An odd item and what must become of it: `record`, `refused`, or `skipped: <reason>`. */
export interface HostileItem {
  readonly why: string
  readonly item: Json
  readonly outcome: string
}

/** A failed answer of the service and what it means: `failures.json`, for providers with a `classify`. */
export interface FailureFixture {
  readonly why: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: Json
  readonly code: string
  readonly retryAfterMs?: number | undefined
}

export interface StreamFixtures {
  /** `page-N.json`: the calls of a first run. */
  readonly pages: readonly Exchange[]
  /** `later-N.json`: the calls of the run after it, where they differ. */
  readonly later: readonly Exchange[]
  /** `expected.json`; `later` is missing where a later run reads everything again. */
  readonly expected: { readonly first: Outcome; readonly later?: Outcome } | undefined
  readonly hostile: readonly HostileItem[]
}

export interface ProviderCase {
  /** The folder's name. */
  readonly name: string
  /** Shown in failures: `providers/sandbox`. */
  readonly path: string
  readonly provider: Provider
  /** An example is run by the suite and stays out of the list of providers. */
  readonly example: boolean
  readonly listed: boolean
  readonly readme: string
  readonly icon: string
  /** Lines of `index.ts`. */
  readonly indexLines: number
  /** Fixtures beside those of streams, by name: account, token, exchange, revoke. */
  readonly calls: Readonly<Record<string, Exchange>>
  readonly failures: readonly FailureFixture[]
  readonly streams: Readonly<Record<string, StreamFixtures>>
  /** The folder's modules, by file name. */
  readonly sources: Readonly<Record<string, string>>
}

const exchange = z.object({ request: z.string(), body: z.json().optional() })
const failures = z.array(
  z.object({
    why: z.string(),
    status: z.number().int(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.json(),
    code: z.string(),
    retryAfterMs: z.number().optional(),
  }),
)
const hostile = z.array(z.object({ why: z.string(), item: z.json(), outcome: z.string() }))

const FAILURES = 'failures.json'

/** Reads a folder under `providers/`. @throws when a file is missing or is not JSON */
export async function loadProviderCase(
  root: string,
  name: string,
  listed: readonly Provider[],
): Promise<ProviderCase> {
  const folder = join(root, name)
  const module = (await import(pathToFileURL(join(folder, 'index.ts')).href)) as {
    readonly provider: Provider
  }
  const { provider } = module
  const text = (file: string) => readFile(join(folder, file), 'utf8')
  const read = async (file: string) => fill(await text(join('fixtures', file)), provider)
  const files = await filesIn(join(folder, 'fixtures'), '.json')
  const calls = await Promise.all(
    files
      .filter((file) => file !== FAILURES)
      .map(async (file) => [file.replace('.json', ''), readExchange(await read(file))] as const),
  )
  const streams = await Promise.all(
    provider.streams.map(
      async (stream) => [stream.name, await loadStream(folder, stream.name, read)] as const,
    ),
  )
  const modules = await filesIn(folder, '.ts')
  const sources = await Promise.all(modules.map(async (file) => [file, await text(file)] as const))
  return {
    name,
    path: `providers/${name}`,
    provider,
    example: name.startsWith('_'),
    listed: listed.includes(provider),
    readme: existsSync(join(folder, 'README.md')) ? await text('README.md') : '',
    icon: existsSync(join(folder, provider.icon)) ? await text(provider.icon) : '',
    indexLines: (await text('index.ts')).trimEnd().split('\n').length,
    calls: Object.fromEntries(calls),
    failures: failures.parse(files.includes(FAILURES) ? await read(FAILURES) : []),
    sources: Object.fromEntries(sources),
    streams: Object.fromEntries(streams),
  }
}

/** The fixtures of a stream; none where its folder is missing. */
export function streamFixtures(one: ProviderCase, stream: string): StreamFixtures {
  return one.streams[stream] ?? { pages: [], later: [], expected: undefined, hostile: [] }
}

async function loadStream(
  folder: string,
  stream: string,
  read: (file: string) => Promise<unknown>,
): Promise<StreamFixtures> {
  const files = await filesIn(join(folder, 'fixtures', stream), '.json')
  const exchanges = (prefix: string) =>
    Promise.all(
      files
        .filter((file) => file.startsWith(prefix))
        .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
        .map(async (file) => readExchange(await read(join(stream, file)))),
    )
  const optional = async (file: string) => (files.includes(file) ? read(join(stream, file)) : undefined)
  return {
    pages: await exchanges('page-'),
    later: await exchanges('later-'),
    expected: (await optional('expected.json')) as StreamFixtures['expected'],
    hostile: hostile.parse((await optional('hostile.json')) ?? []),
  }
}

async function filesIn(folder: string, ending: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return []
  return (await readdir(folder)).filter((file) => file.endsWith(ending)).sort()
}

function readExchange(value: unknown): Exchange {
  const { request, body } = exchange.parse(value)
  return { request, body: body ?? null }
}

/** `{token}` and `{<setting>}` in fixtures stand for the values of this test run. */
function fill(text: string, provider: Provider): unknown {
  const settings: JsonObject = testSettings(provider).texts
  const filled = text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (name === 'token') return TOKEN
    const value = settings[name]
    return typeof value === 'string' ? value : whole
  })
  return JSON.parse(filled) as unknown
}
