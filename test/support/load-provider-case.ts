/** Reads the folder of a provider for suite A: module, documents and fixtures, with their placeholders filled. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Provider } from '../../src/provider/index.js'
import { browseExpected, type BrowseFixtures } from './browse-fixtures.js'
import type { Exchange, ProviderCase, StreamFixtures } from './provider-case.js'
import { fillPlaceholders } from './provider-settings.js'
import { startSocketService } from './socket-service.js'
import { webhookFixtures } from './webhook-fixtures.js'

const exchange = z.strictObject({
  request: z.string().regex(/^(GET|POST|PATCH|DELETE) https?:\/\/\S+$/),
  sent: z.record(z.string(), z.json()).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.json().default(null),
  text: z.string().optional(),
})
const exchanges = z.union([exchange.transform((one) => [one]), z.array(exchange)])
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
const fieldTexts = z.record(z.string(), z.string())

/** Files beside the streams that hold no calls. */
const FAILURES = 'failures.json'
const FIELDS = 'fields.json'
const WEBHOOKS = 'webhooks.json'

/** Reads one fixture; undefined where the file is missing. */
type Read = (file: string) => Promise<unknown>

/** Reads a folder under `providers/`, and starts its `fixtures/service.ts`: `stopService` ends it. @throws when a file is missing, is not JSON or has another form */
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
  const path = `providers/${name}`
  const text = async (file: string) =>
    existsSync(join(folder, file)) ? readFile(join(folder, file), 'utf8') : ''
  const texts = parsed(fieldTexts, JSON.parse((await text(join('fixtures', FIELDS))) || '{}'), FIELDS)
  const read: Read = async (file) => {
    const filled = fillPlaceholders(await text(join('fixtures', file)), { provider, fieldTexts: texts })
    if (filled === '') return undefined
    try {
      return JSON.parse(filled) as unknown
    } catch (cause) {
      throw new Error(`${path}/fixtures/${file} is not JSON`, { cause })
    }
  }
  const modules = await filesIn(folder, '.ts')
  const index = await text('index.ts')
  const webhooks = await read(WEBHOOKS)
  const service = await startSocketService(folder)
  return {
    name,
    path,
    provider,
    example: name.startsWith('_'),
    listed: listed.includes(provider),
    readme: await text('README.md'),
    icon: await text(provider.icon),
    indexLines: index.trimEnd().split('\n').length,
    calls: await loadCalls(join(folder, 'fixtures'), read),
    fieldTexts: texts,
    failures: parsed(failures, (await read(FAILURES)) ?? [], FAILURES),
    ...(existsSync(join(folder, 'fixtures', 'browse')) && { browse: await loadBrowse(folder, read) }),
    ...(webhooks !== undefined && { webhooks: parsed(webhookFixtures, webhooks, WEBHOOKS) }),
    ...(service && { socketPort: service.port, stopService: () => service.close() }),
    sources: Object.fromEntries(
      await Promise.all(modules.map(async (file) => [file, await text(file)] as const)),
    ),
    streams: Object.fromEntries(
      await Promise.all(
        provider.streams.map(
          async (stream) => [stream.name, await loadStream(folder, stream.name, read)] as const,
        ),
      ),
    ),
  }
}

async function loadCalls(folder: string, read: Read): Promise<ProviderCase['calls']> {
  const files = (await filesIn(folder, '.json')).filter(
    (file) => ![FAILURES, FIELDS, WEBHOOKS].includes(file),
  )
  const calls = files.map(
    async (file) => [file.replace(/\.json$/, ''), await readExchanges(read, file)] as const,
  )
  return Object.fromEntries(await Promise.all(calls))
}

async function loadBrowse(folder: string, read: Read): Promise<BrowseFixtures> {
  const files = await filesIn(join(folder, 'fixtures', 'browse'), '.json')
  const calls = files
    .filter((file) => file !== 'expected.json')
    .map((file) => readExchanges(read, join('browse', file)))
  const expected = await read(join('browse', 'expected.json'))
  return {
    calls: (await Promise.all(calls)).flat(),
    expected: expected === undefined ? undefined : parsed(browseExpected, expected, 'browse/expected.json'),
  }
}

async function loadStream(folder: string, stream: string, read: Read): Promise<StreamFixtures> {
  const files = await filesIn(join(folder, 'fixtures', stream), '.json')
  const calls = async (prefix: string) => {
    const named = files
      .filter((file) => file.startsWith(prefix))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    return (await Promise.all(named.map((file) => readExchanges(read, join(stream, file))))).flat()
  }
  return {
    pages: await calls('page-'),
    later: await calls('later-'),
    content: await calls('content'),
    expected: (await read(join(stream, 'expected.json'))) as StreamFixtures['expected'],
    hostile: hostile.parse((await read(join(stream, 'hostile.json'))) ?? []),
  }
}

async function readExchanges(read: Read, file: string): Promise<readonly Exchange[]> {
  return parsed(exchanges, await read(file), file)
}

function parsed<T>(form: z.ZodType<T>, value: unknown, file: string): T {
  const read = form.safeParse(value)
  if (read.success) return read.data
  throw new Error(`fixtures/${file} has another form: ${z.prettifyError(read.error)}`)
}

async function filesIn(folder: string, ending: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return []
  return (await readdir(folder)).filter((file) => file.endsWith(ending)).sort()
}
