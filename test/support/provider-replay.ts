/** Answers a provider's calls from its fixtures, by method and address, and notes them. Nothing leaves the process. */
import { BrokenRule } from './broken-rule.js'
import type { Json } from '../../src/lib/canonical-json.js'
import type { HttpAnswer, HttpBody, HttpOptions, ProviderHttp } from '../../src/provider/index.js'
import type { Exchange, ProviderCase } from './provider-case.js'

export interface ReplayedCall {
  /** As fixtures write it: `GET https://host/path?a=b`. */
  readonly request: string
  readonly url: URL
  readonly body?: HttpBody
  readonly headers: Readonly<Record<string, string>>
}

export interface Replay extends ProviderHttp {
  readonly calls: readonly ReplayedCall[]
}

/** Gives another body for a call; `undefined` keeps the recorded one. */
export type Spoil = (request: string, body: Json) => Json | undefined

/** All fixtures of a provider as one service. @throws from a call that no fixture answers */
export function replayOf(one: ProviderCase, spoil?: Spoil): Replay {
  const answers = new Map(fixturesOf(one).map((exchange) => [requestKey(exchange.request), exchange.body]))
  const calls: ReplayedCall[] = []
  const send = async (method: string, address: string | URL, options: HttpOptions = {}, body?: HttpBody) => {
    const url = new URL(address)
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const request = `${method} ${url.href}`
    calls.push({ request, url, headers: options.headers ?? {}, ...(body !== undefined && { body }) })
    const recorded = answers.get(requestKey(request))
    if (recorded === undefined) throw new BrokenRule(`no fixture answers ${request}`, `${one.path}/fixtures`)
    const spoilt = spoil?.(request, recorded)
    return answer(spoilt === undefined ? recorded : spoilt)
  }
  return {
    calls,
    get: (url, options) => send('GET', url, options),
    post: (url, body, options) => send('POST', url, options, body),
    delete: (url, options) => send('DELETE', url, options),
  }
}

/** Every recorded call of a provider. */
export function fixturesOf(one: ProviderCase): readonly Exchange[] {
  const pages = Object.values(one.streams).flatMap((stream) => [...stream.pages, ...stream.later])
  return [...Object.values(one.calls), ...pages]
}

/** The same for the same call, in whatever order its parameters are. */
export function requestKey(request: string): string {
  const [method = '', address = ''] = request.split(' ')
  const url = new URL(address)
  url.searchParams.sort()
  return `${method} ${url.href}`
}

function answer(body: Json): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, json: structuredClone(body) }
}
