/** Suite A, rules A9 to A11: failures, hosts and abort, with the node's own HTTP client against a stand-in for the service. */
import { setTimeout as wait } from 'node:timers/promises'
import { NodeError } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import { beginning, describe, errorOf, withBench } from '../support/provider-bench.js'
import type { ProviderCase } from '../support/provider-case.js'
import { replayOf } from '../support/provider-replay.js'
import { fetchContext, readRuns, streamFile } from '../support/provider-run.js'
import { CANARIES, declaredHosts, testSettings, TOKEN } from '../support/provider-settings.js'
import type { Fault } from '../support/stand-in.js'

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
