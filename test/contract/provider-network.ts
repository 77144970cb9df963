/** Suite A, rules A9 to A12: failures, hosts, abort and leaks, with the node's own HTTP client against a stand-in for the service. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Json } from '../../src/lib/canonical-json.js'
import { createLog } from '../../src/lib/log.js'
import { createBudgets, createProviderHttp } from '../../src/outbound/index.js'
import { NodeError, Redacted, type AnyStream, type ProviderHttp } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import { whilePrinting } from '../support/printed.js'
import type { ProviderCase } from '../support/provider-case.js'
import { replayOf } from '../support/provider-replay.js'
import {
  fetchContext,
  partitionsOf,
  passItems,
  readRuns,
  streamFile,
  type Run,
} from '../support/provider-run.js'
import { CANARIES, declaredHosts, NOW, testSettings, TOKEN } from '../support/provider-settings.js'
import { startStandIn, type Fault, type StandIn } from '../support/stand-in.js'

const CANARY_TEXT = 'canary text 5b0e of a person'
const ABORT_MS = 2_000

interface Bench {
  readonly service: StandIn
  /** A client of its own, since one that was told to wait keeps to it. */
  readonly client: () => ProviderHttp
  readonly abort: AbortController
  readonly log: readonly string[]
}

/** A provider with the real client, whose calls end up at the stand-in. Nothing is waited for or tried twice. */
async function withBench<T>(one: ProviderCase, work: (bench: Bench) => Promise<T>): Promise<T> {
  const service = await startStandIn(one)
  const abort = new AbortController()
  const log: string[] = []
  const clock = { now: () => NOW }
  const client = () =>
    createProviderHttp({
      provider: { ...one.provider, limits: [] },
      settings: testSettings(one.provider).settings,
      tokenSource: {
        current: async () => new Redacted(TOKEN),
        refresh: async () => {
          throw new NodeError('TOKEN_REVOKED', { detail: 'no other token' })
        },
      },
      clock,
      log: createLog({ level: 'debug', json: true, write: (line) => log.push(line) }),
      budgets: createBudgets(clock),
      signal: abort.signal,
      deadlineAtMs: NOW,
      network: service.network,
      caps: { headersMs: 5_000, bodyMs: 5_000 },
    })
  try {
    return await work({ service, client, abort, log })
  } finally {
    await service.close()
  }
}

interface Failing {
  readonly name: string
  readonly fault: Fault
  readonly code: string
  readonly retryAfterMs?: number | undefined
}

const answer = (status: number, text = '{}', headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'answer',
  status,
  text,
  headers,
})
const FAILINGS: readonly Failing[] = [
  { name: '401', fault: answer(401), code: 'TOKEN_REVOKED' },
  { name: '403', fault: answer(403), code: 'SCOPE_MISSING' },
  {
    name: '429 with Retry-After',
    fault: answer(429, '{}', { 'retry-after': '7' }),
    code: 'RATE_LIMITED',
    retryAfterMs: 7_000,
  },
  { name: '500', fault: answer(500), code: 'PROVIDER_DOWN' },
  { name: 'a connection that is cut', fault: { kind: 'reset' }, code: 'PROVIDER_DOWN' },
  {
    name: 'HTML where JSON is due',
    fault: answer(200, '<!doctype html><p>Please sign in', { 'content-type': 'text/html' }),
    code: 'PROVIDER_CHANGED',
  },
]

/** A9: failures come out under the right code, from the account call and from every stream. */
export async function a9Failures(one: ProviderCase): Promise<void> {
  const { provider, path, failures } = one
  const file = `${path}/fixtures/failures.json`
  must(
    (provider.classify !== undefined) === failures.length > 0,
    'a provider with classify records the failures that it tells apart, and one without has none',
    file,
  )
  const own = failures.map(({ why, status, headers, body, code, retryAfterMs }): Failing => ({
    name: why,
    fault: { kind: 'answer', status, headers, text: JSON.stringify(body) },
    code,
    retryAfterMs,
  }))
  await withBench(one, async ({ service, client }) => {
    for (const failing of [...FAILINGS, ...own]) {
      service.setFault(failing.fault)
      await checkFailing(failing, `${path}/index.ts`, provider.account(client(), fetchContext(one)))
      for (const stream of provider.streams)
        await checkFailing(failing, streamFile(one, stream), beginning(one, stream, client()))
    }
  })
}

async function checkFailing(failing: Failing, file: string, call: Promise<unknown>): Promise<void> {
  const error = await errorOf(call)
  const code = error instanceof NodeError ? error.code : error === undefined ? 'no error' : describe(error)
  must(code === failing.code, `${failing.name} gives ${code} where ${failing.code} is due`, file)
  if (failing.retryAfterMs === undefined) return
  const waits = (error as NodeError).retryAfterMs
  must(
    waits === failing.retryAfterMs,
    `${failing.name} says to wait ${waits} ms, not ${failing.retryAfterMs}`,
    file,
  )
}

/** A10: calls go to declared hosts only, the token in the header only, and modules have no other way out. */
export async function a10Hosts(one: ProviderCase): Promise<void> {
  const { provider, path } = one
  const hosts = declaredHosts(provider, testSettings(provider).texts)
  for (const stream of provider.streams) {
    const http = replayOf(one)
    await readRuns(one, stream, http, await readRuns(one, stream, http))
    for (const { url } of http.calls)
      must(
        hosts.includes(url.host),
        `it calls ${url.host}, which is not among hosts`,
        streamFile(one, stream),
      )
  }
  checkSources(one)
  await withBench(one, async ({ service, client }) => {
    const http = client()
    await provider.account(http, fetchContext(one))
    for (const stream of provider.streams) await readRuns(one, stream, http)
    for (const { url, authorization, body } of service.seen) {
      const place = `${url.host}${url.pathname}`
      must(
        authorization === `Bearer ${TOKEN}`,
        `${place} is called without the token in its header`,
        `${path}/index.ts`,
      )
      const leaked = CANARIES.some(
        (canary) => decodeURIComponent(url.search).includes(canary) || body.includes(canary),
      )
      must(!leaked, `the address or body of a call to ${place} holds a secret`, `${path}/index.ts`)
    }
  })
}

function checkSources({ sources, path }: ProviderCase): void {
  for (const [name, source] of Object.entries(sources)) {
    const imports = [...source.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      (match) => match[1] ?? '',
    )
    const foreign = imports.filter(
      (from) => from !== '../../src/provider/index.js' && !/^\.\/[^/]+\.js$/.test(from),
    )
    must(foreign.length === 0, `it imports ${foreign.join(', ')}`, `${path}/${name}`)
    const reached = /\b(?:process|console|globalThis|fetch|setTimeout)\s*[.(]/.exec(
      source.replace(/\/\*[^]*?\*\/|\/\/.*/g, ''),
    )
    must(reached === null, `it uses ${reached?.[0].replace(/\W+$/, '')}`, `${path}/${name}`)
  }
}

/** A11: an abort ends the page under way with its own reason, and nothing is called after it. */
export async function a11Abort(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    await withBench(one, async ({ service, client, abort }) => {
      const file = streamFile(one, stream)
      service.setFault({ kind: 'silence' })
      const arrived = service.arrival()
      const page = errorOf(beginning(one, stream, client(), abort.signal))
      await arrived
      const reason = new Error('the lease was lost')
      abort.abort(reason)
      const ended = await Promise.race([page, wait(ABORT_MS, 'still running')])
      must(ended !== 'still running', `the page still runs ${ABORT_MS} ms after an abort`, file)
      must(ended === reason, 'the page ends otherwise than with the reason of the abort', file)
      must(service.seen.length === 1, 'calls are made after an abort', file)
    })
  }
}

/** A12: neither secrets nor what people wrote get into cursors, records' raw data, errors, logs or the console. */
export async function a12Leaks(one: ProviderCase): Promise<void> {
  const { provider, path } = one
  const printed = await whilePrinting(() =>
    withBench(one, async ({ service, client, log }) => {
      for (const stream of provider.streams) {
        const file = streamFile(one, stream)
        const runs = await readRuns(one, stream, replayOf(one))
        checkCursors(runs, file)
        for (const { items } of runs.flatMap((run) => run.pages)) passItems(one, stream, items)
        // For what it logs; whether it gets through is the matter of other rules.
        await errorOf(readRuns(one, stream, client()))
        for (const fault of canaryFaults(one)) {
          service.setFault(fault)
          const error = await errorOf(beginning(one, stream, client()))
          must(!holdsCanary(describe(error)), 'an error quotes a secret or what a person wrote', file)
        }
        service.setFault(undefined)
      }
      must(!log.some(holdsCanary), 'a log line holds a secret or what a person wrote', `${path}/index.ts`)
    }),
  )
  must(printed.length === 0, 'it prints', `${path}/index.ts`)
}

function checkCursors(runs: readonly Run[], file: string): void {
  const cursors = runs.flatMap((run) => run.pages.map((page) => JSON.stringify(page.cursor)))
  const found = cursors.find(
    (cursor) => holdsCanary(decodeURIComponent(cursor)) || /access_token|secret/i.test(cursor),
  )
  must(found === undefined, 'a cursor holds a token; keep only the place out of a link', file)
}

/** Pages and failures whose every text is a canary. */
function canaryFaults({ failures }: ProviderCase): readonly Fault[] {
  const odd = { error: { message: CANARY_TEXT, type: CANARY_TEXT }, data: CANARY_TEXT, token: TOKEN }
  const bodies: readonly (readonly [number, Json])[] = [
    ...[200, 400, 401, 403, 404, 410, 429, 500].map((status) => [status, odd] as const),
    ...failures.map(({ status, body }) => [status, withCanaries(body)] as const),
  ]
  return bodies.map(([status, body]) => answer(status, JSON.stringify(body)))
}

function withCanaries(value: Json): Json {
  if (typeof value === 'string') return `${CANARY_TEXT} ${TOKEN}`
  if (Array.isArray(value)) return (value as readonly Json[]).map(withCanaries)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withCanaries(member ?? null)]),
  )
}

function holdsCanary(text: string): boolean {
  return [...CANARIES, CANARY_TEXT].some((canary) => text.includes(canary))
}

/** The first page of the first partition. A `partitions` that fails ends it likewise. */
async function beginning(
  one: ProviderCase,
  stream: AnyStream,
  http: ProviderHttp,
  signal?: AbortSignal,
): Promise<unknown> {
  const [partition = ''] = await partitionsOf(one, stream, http)
  return stream.fetchPage(http, undefined, fetchContext(one, partition, signal))
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return undefined
  } catch (error) {
    return error
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.message, error.stack, JSON.stringify(error), describe(error.cause)].join('\n')
}
