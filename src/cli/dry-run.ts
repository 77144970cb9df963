/** `connector-node provider dry-run ID`: what a live account comes to, record by record, with what the schema refuses. It writes nothing. */
import { secretsOf } from '../credentials/live-secrets.js'
import { NodeError, toNodeError } from '../errors.js'
import type { Json } from '../lib/canonical-json.js'
import type { Account, AnyStream, Page } from '../provider/index.js'
import { mapPage } from '../sync/map-page.js'
import { streamSchema } from '../sync/stream-schema.js'
import { validatePage } from '../sync/validate-page.js'
import { openLive, type LiveAccount } from './live-provider.js'

export interface DryRunOptions {
  readonly stream?: string | undefined
  /** Pages of each stream, of its first container. */
  readonly pages: number
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly print?: (line: string) => void
}

/** @returns the exit code: 1 when a stream failed or a record was refused. @throws NodeError REQUEST_INVALID; as `openLive` */
export async function dryRun(id: string, options: DryRunOptions): Promise<number> {
  const { stream: only, pages, environment, print = console.log } = options
  const live = await openLive(id, environment)
  try {
    const streams = streamsOf(live, only)
    const account = await live.provider.account(live.http, live.context)
    print(`account: ${JSON.stringify(account)}`)
    let isWhole = streams.length > 0
    for (const stream of streams)
      isWhole = (await readStream(live, { stream, account, pages, print })) && isWhole
    return isWhole ? 0 : 1
  } finally {
    await live.close()
  }
}

/** @throws NodeError REQUEST_INVALID: there is none of that name */
function streamsOf({ provider }: LiveAccount, only: string | undefined): readonly AnyStream[] {
  const streams = provider.streams.filter(({ name }) => only === undefined || name === only)
  if (only === undefined || streams.length > 0) return streams
  const message = `is one of ${provider.streams.map(({ name }) => name).join(', ')}`
  throw new NodeError('REQUEST_INVALID', { fields: [{ path: '--stream', message }] })
}

interface StreamReading {
  readonly stream: AnyStream
  readonly account: Account
  readonly pages: number
  readonly print: (line: string) => void
}

async function readStream(live: LiveAccount, reading: StreamReading): Promise<boolean> {
  const { stream, account, print } = reading
  const schema = streamSchema(live.provider, stream)
  const job = { ...live, account, liveTokens: () => secretsOf(live.tokens) }
  let [mapped, refused] = [0, 0]
  try {
    const [partition] = await containersOf(live, reading)
    if (partition === undefined) return (print(`${stream.name}: no containers`), true)
    for await (const page of livePages(live, reading, { partition })) {
      const read = mapPage(job, { stream, schema, wish: {} }, page.items)
      const { valid, rejected } = validatePage(schema, read)
      for (const { record } of valid) print(`${stream.name}: ${JSON.stringify(record)}`)
      for (const { reason, sourceId = '?' } of rejected)
        print(`${stream.name}: REFUSED ${sourceId}: ${reason}`)
      for (const [why, count] of Object.entries(read.skipped))
        print(`${stream.name}: skipped ${count}: ${why}`)
      mapped += valid.length
      refused += rejected.length
    }
  } catch (error) {
    const { code, detail = '' } = toNodeError(error)
    print(`${stream.name}: FAILED ${code} ${detail}`)
    return false
  }
  print(`${stream.name}: ${mapped} records, ${refused} refused`)
  return refused === 0
}

/** The containers of a stream; the unnamed one where it has none. */
export async function containersOf(
  { http, context }: LiveAccount,
  { stream, account }: Pick<StreamReading, 'stream' | 'account'>,
): Promise<readonly string[]> {
  return stream.partitions ? stream.partitions(http, { ...context, account }) : ['']
}

/** The first pages of a container, from its beginning or from where a run ended. */
export async function* livePages(
  { http, context }: LiveAccount,
  { stream, account, pages }: Omit<StreamReading, 'print'>,
  { partition, from }: { readonly partition: string; readonly from?: Json | undefined },
): AsyncGenerator<Page<Json>> {
  let cursor = from
  for (let page = 0; page < pages; page += 1) {
    const read = await stream.fetchPage(http, cursor, { ...context, account, partition })
    yield read
    cursor = read.cursor
    if (!read.more) return
  }
}
