/** Suite A, rules A9 to A11: failures, hosts and abort, with the node's own HTTP client against a stand-in for the service. */
import { setTimeout as wait } from 'node:timers/promises'
import { NodeError, type AnyStream, type Auth } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import { beginning, describe, errorOf, withBench, type Bench } from '../support/provider-bench.js'
import type { ProviderCase } from '../support/provider-case.js'
import { replayOf } from '../support/provider-replay.js'
import { browseReads, readBrowse } from '../support/browse-run.js'
import { fetchContext, readRuns, streamFile } from '../support/provider-run.js'
import { CANARIES, declaredHosts, sentHeaders, testFields } from '../support/provider-settings.js'
import { startFailingService, type FailingService, type SocketFailing } from '../support/socket-service.js'
import type { Fault } from '../support/stand-in.js'
import { section } from './provider-declaration.js'

const ABORT_MS = 2_000

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
  if (one.socketPort !== undefined) return checkSocketFailings(one)
  await withBench(one, async ({ service, client }) => {
    for (const failing of [...FAILINGS, ...own]) {
      service.setFault(failing.fault)
      await checkFailing(failing, `${path}/index.ts`, provider.account(client(), fetchContext(one)))
      for (const stream of provider.streams)
        await checkFailing(failing, streamFile(one, stream), beginning(one, stream, client()))
    }
  })
}

/** A server that speaks no HTTP fails in its own ways. */
async function checkSocketFailings(one: ProviderCase): Promise<void> {
  const failings: readonly (readonly [SocketFailing, readonly string[]])[] = [
    ['cut', ['PROVIDER_DOWN']],
    ['other protocol', ['PROVIDER_DOWN', 'PROVIDER_CHANGED']],
  ]
  for (const [failing, codes] of failings) {
    const server = await startFailingService(failing)
    const check = async (file: string, call: Promise<unknown>) => {
      const error = await errorOf(call)
      const code =
        error instanceof NodeError ? error.code : error === undefined ? 'no error' : describe(error)
      must(codes.includes(code), `a server that gives ${failing} comes out as ${code}`, file)
    }
    try {
      await withBench({ ...one, socketPort: server.port }, async ({ client }) => {
        await check(`${one.path}/index.ts`, one.provider.account(client(), fetchContext(one)))
        for (const stream of one.provider.streams)
          await check(streamFile(one, stream), beginning(one, stream, client()))
      })
    } finally {
      await server.close()
    }
  }
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
  const { provider } = one
  const hosts = declaredHosts(one)
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
  await withBench(one, async (bench) => {
    for (const auth of provider.auth) await checkPlace(one, bench, auth)
  })
}

/** Where the credentials of one way to connect travel: with the account call, and of the usual way with all others. */
async function checkPlace(one: ProviderCase, { service, client }: Bench, auth: Auth): Promise<void> {
  const { provider, path } = one
  const before = service.seen.length
  const http = client(auth)
  await provider.account(http, { ...fetchContext(one), fields: testFields(one, auth) })
  if (auth === provider.auth[0]) {
    for (const stream of provider.streams) await readRuns(one, stream, http)
    for (const read of browseReads(one)) await readBrowse(one, read, http)
  }
  const due = Object.entries(sentHeaders(one, auth))
  for (const { url, headers, body } of service.seen.slice(before)) {
    const place = `${url.host}${url.pathname}`
    const missing = due.find(([name, value]) => headers[name] !== value)
    must(
      missing === undefined,
      `${place} is called without the token in its header (${auth.kind}: ${missing?.[0]})`,
      `${path}/index.ts`,
    )
    const leaked = CANARIES.some(
      (canary) => decodeURIComponent(url.search).includes(canary) || body.includes(canary),
    )
    must(!leaked, `the address or body of a call to ${place} holds a secret`, `${path}/index.ts`)
  }
}

function checkSources({ sources, path, readme, name: folder }: ProviderCase): void {
  // The folder of its family is read by this very rule too.
  const family = new RegExp(`^\\.\\./${folder.split('-')[0] ?? ''}/[^/]+\\.js$`)
  for (const [name, source] of Object.entries(sources)) {
    const imports = [...source.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      (match) => match[1] ?? '',
    )
    const packages = section(readme, 'Packages')
    const foreign = imports.filter(
      (from) =>
        from !== '../../src/provider/index.js' &&
        !/^\.\/[^/]+\.js$/.test(from) &&
        !family.test(from) &&
        !(/^[a-z@]/.test(from) && !from.startsWith('node:') && packages.includes(`\`${from}\``)),
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
  const silent = one.socketPort === undefined ? undefined : await startFailingService('silence')
  const failing = silent === undefined ? one : { ...one, socketPort: silent.port }
  try {
    for (const stream of one.provider.streams) await checkAbort(failing, stream, silent)
  } finally {
    await silent?.close()
  }
}

async function checkAbort(one: ProviderCase, stream: AnyStream, silent?: FailingService): Promise<void> {
  await withBench(one, async ({ service, client, abort }) => {
    const file = streamFile(one, stream)
    service.setFault({ kind: 'silence' })
    const arrived = silent?.arrival() ?? service.arrival()
    const page = errorOf(beginning(one, stream, client(), abort.signal))
    await arrived
    const reason = new Error('the lease was lost')
    abort.abort(reason)
    const ended = await Promise.race([page, wait(ABORT_MS, 'still running')])
    must(ended !== 'still running', `the page still runs ${ABORT_MS} ms after an abort`, file)
    must(ended === reason, 'the page ends otherwise than with the reason of the abort', file)
    const made = silent?.count() ?? service.seen.length
    must(made === 1, 'calls are made after an abort', file)
  })
}
