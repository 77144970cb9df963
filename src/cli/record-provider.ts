/** `connector-node provider record ID`: one live reading as scrubbed fixtures. Nothing is saved while anything still looks like a secret or a person. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { secretsOf } from '../credentials/live-secrets.js'
import { NodeError } from '../errors.js'
import type { Json, JsonObject } from '../lib/canonical-json.js'
import { Redacted, reveal } from '../lib/redacted.js'
import type { Account, HttpAnswer, HttpBody, HttpOptions, Page, ProviderHttp } from '../provider/index.js'
import { containersOf, livePages } from './dry-run.js'
import { findLeaks } from './leak-check.js'
import { openLive, type LiveAccount } from './live-provider.js'
import { createScrubber, type Scrubber } from './scrubber.js'

export interface RecordOptions {
  /** The most pages of a container: a reading that does not end makes no fixtures. */
  readonly pages: number
  /** The folder of all providers. Default: this repository's. */
  readonly root?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly print?: (line: string) => void
}

interface Call {
  readonly method: string
  readonly url: string
  readonly sent?: Json
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Json
}

/** @returns the exit code. @throws NodeError REQUEST_INVALID: what may not be saved, by file and place; and as `openLive` */
export async function recordProvider(id: string, options: RecordOptions): Promise<number> {
  const {
    print = console.log,
    environment,
    root = fileURLToPath(new URL('../../providers', import.meta.url)),
  } = options
  const live = await openLive(id, environment)
  try {
    const { account, files } = await readLive(live, options.pages)
    const saved = scrubbed(live, account, files)
    const fixtures = join(root, id, 'fixtures')
    for (const { name } of live.provider.streams) await removeOld(join(fixtures, name))
    for (const [file, value] of saved) {
      await mkdir(dirname(join(fixtures, file)), { recursive: true })
      await writeFile(join(fixtures, file), `${JSON.stringify(sorted(value), null, 2)}\n`)
      print(`providers/${id}/fixtures/${file}`)
    }
    print('Read them through. Then: npx tsx test/support/print-expected.ts ' + id)
    return 0
  } finally {
    await live.close()
  }
}

async function readLive(live: LiveAccount, pages: number) {
  const files = new Map<string, readonly Call[]>()
  const calls: Call[] = []
  const recorded = { ...live, http: recording(live.http, calls) }
  const keep = (file: string): void => {
    if (calls.length > 0) files.set(file, calls.splice(0))
  }
  const account = await live.provider.account(recorded.http, live.context)
  keep('account.json')
  for (const stream of live.provider.streams) {
    const counts = { page: 0, later: 0 }
    const read = async (run: 'page' | 'later', partition: string, from?: Json): Promise<Json> => {
      let last: Page<Json> | undefined
      for await (last of livePages(recorded, { stream, account, pages }, { partition, from }))
        keep(`${stream.name}/${run}-${(counts[run] += 1)}.json`)
      if (last !== undefined && !last.more) return last.cursor
      throw new NodeError('REQUEST_INVALID', {
        detail: `${stream.name} does not end in ${pages} pages: take a smaller account, or give --pages`,
      })
    }
    const ends = new Map<string, Json>()
    for (const partition of await containersOf(recorded, { stream, account }))
      ends.set(partition, await read('page', partition))
    if (stream.incremental) for (const [partition, end] of ends) await read('later', partition, end)
    calls.length = 0
  }
  return { account, files }
}

/** The client, with its calls noted: without what it adds itself, and only with the headers that are read. */
function recording(http: ProviderHttp, calls: Call[]): ProviderHttp {
  const note = (method: string, address: string | URL, options: HttpOptions = {}, body?: HttpBody) => {
    const url = new URL(address)
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const sent = body?.json ?? body?.form
    return (answer: HttpAnswer): HttpAnswer => {
      const read: Record<string, string> = {}
      calls.push({
        method,
        url: url.href,
        ...(sent !== undefined && { sent }),
        headers: read,
        body: answer.json as Json,
      })
      const headers = new Proxy(answer.headers, {
        get: (all, name) => {
          const value = typeof name === 'string' ? all[name] : undefined
          if (typeof name === 'string' && value !== undefined && name !== 'content-type') read[name] = value
          return value
        },
      })
      return { ...answer, headers }
    }
  }
  return {
    ...http,
    get: async (url, options) => note('GET', url, options)(await http.get(url, options)),
    post: async (url, body, options) => note('POST', url, options, body)(await http.post(url, body, options)),
  }
}

function scrubbed(live: LiveAccount, account: Account, files: ReadonlyMap<string, readonly Call[]>) {
  const own = [account.id, account.name, account.username ?? '', ...account.name.split(/\s+/)]
  const secrets = [
    ...secretsOf(live.tokens),
    ...Object.values(live.settings).flatMap((value) => (value instanceof Redacted ? [reveal(value)] : [])),
  ]
  const scrubber = createScrubber({ origins: originsOf(live), own })
  const saved = [...files].map(([file, calls]): readonly [string, Json] => {
    const exchanges = calls.map((call) => exchangeOf(scrubber, call))
    return [file, exchanges.length === 1 ? (exchanges[0] ?? null) : exchanges]
  })
  const found = saved.flatMap(([file, value]) => findLeaks(file, value, [...secrets, ...own]))
  if (found.length > 0)
    throw new NodeError('REQUEST_INVALID', {
      detail: `nothing is saved: ${found.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
      fields: found,
    })
  return saved
}

/** Bodies first: what they name is known when it comes again in an address. */
function exchangeOf(scrubber: Scrubber, { method, url, sent, headers = {}, body }: Call): JsonObject {
  const answer = scrubber.body(body)
  const told = Object.entries(headers).map(
    ([name, value]) =>
      [name, value.replace(/<([^>]+)>/g, (_, link: string) => `<${scrubber.address(link)}>`)] as const,
  )
  return {
    request: `${method} ${scrubber.address(url)}`,
    ...(sent !== undefined && { sent: scrubber.body(sent) }),
    ...(told.length > 0 && { headers: Object.fromEntries(told) }),
    body: answer,
  }
}

/** Where calls may go, and what stands for it in fixtures. */
function originsOf({ provider, settings, context }: LiveAccount): ReadonlyMap<string, string> {
  const entries = provider.hosts.map((host): readonly [string, string] => {
    const [, from, name = ''] = /^(setting|field):(.+)$/.exec(host) ?? []
    if (from === undefined) return [`https://${host}`, `https://${host}`]
    const value = from === 'setting' ? settings[name] : context.fields.texts[name]
    const text = typeof value === 'string' ? value : ''
    const placeholder = from === 'setting' ? `{${name}}` : `{field:${name}}`
    return text.includes('://')
      ? [new URL(text).origin, placeholder]
      : [`https://${text}`, `https://${placeholder}`]
  })
  return new Map(entries)
}

async function removeOld(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => [])
  for (const file of files) if (/^(page|later)-\d+\.json$/.test(file)) await rm(join(folder, file))
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner ?? null)]))
}
