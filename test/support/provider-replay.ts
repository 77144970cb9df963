/** Answers a provider's calls from its fixtures, by method, address and body, and notes them. Nothing leaves the process. */
import { isDeepStrictEqual } from 'node:util'
import { canonicalJson, type Json } from '../../src/lib/canonical-json.js'
import type {
  HttpAnswer,
  HttpBody,
  HttpDownload,
  HttpOptions,
  ProviderHttp,
} from '../../src/provider/index.js'
import { BrokenRule } from './broken-rule.js'
import { fixturesOf, type Exchange, type ProviderCase } from './provider-case.js'
import { testSocket } from './test-socket.js'

export interface ReplayedCall {
  /** As fixtures write it: `GET https://host/path?a=b`. */
  readonly request: string
  /** The same for the same call, its body included. */
  readonly key: string
  /** The recorded call that answered it. */
  readonly exchange: Exchange | undefined
  readonly url: URL
  readonly body?: HttpBody
  readonly headers: Readonly<Record<string, string>>
}

export interface Replay extends ProviderHttp {
  readonly calls: readonly ReplayedCall[]
}

/** Gives another body for a call; `undefined` keeps the recorded one. */
export type Spoil = (exchange: Exchange) => Json | undefined

/** All fixtures of a provider as one service. @throws from a call that no fixture answers */
export function replayOf(one: ProviderCase, spoil?: Spoil): Replay {
  const recorded = fixturesOf(one)
  const calls: ReplayedCall[] = []
  const find = (method: string, address: string | URL, options: HttpOptions = {}, body?: HttpBody) => {
    const url = new URL(address)
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const request = `${method} ${url.href}`
    const sent = body?.json ?? body?.form
    const exchange = findExchange(recorded, request, sent)
    const key = sent === undefined ? requestKey(request) : `${requestKey(request)} ${canonicalJson(sent)}`
    calls.push({ request, key, exchange, url, headers: options.headers ?? {}, ...(body && { body }) })
    if (exchange !== undefined) return exchange
    throw new BrokenRule(
      `no fixture answers ${request}${sent === undefined ? '' : ` with ${canonicalJson(sent)}`}`,
      `${one.path}/fixtures`,
    )
  }
  const send = async (...call: Parameters<typeof find>): Promise<HttpAnswer> => {
    const exchange = find(...call)
    return answer(exchange, spoil?.(exchange))
  }
  return {
    calls,
    get: (url, options) => send('GET', url, options),
    post: (url, body, options) => send('POST', url, options, body),
    patch: (url, body, options) => send('PATCH', url, options, body),
    delete: (url, { body, ...options } = {}) => send('DELETE', url, options, body),
    download: async (url, options) => download(find('GET', url, options)),
    socket: (host, port) => testSocket(one, host, port),
  }
}

/** The recorded call that answers this one: one that tells the body apart comes first. */
export function findExchange(
  recorded: readonly Exchange[],
  request: string,
  sent: Json | undefined,
  as: (request: string) => string = (own) => own,
): Exchange | undefined {
  const key = requestKey(request)
  const same = recorded.filter((exchange) => requestKey(as(exchange.request)) === key)
  return (
    same.find((exchange) => exchange.sent !== undefined && isDeepStrictEqual(exchange.sent, sent)) ??
    same.find((exchange) => exchange.sent === undefined)
  )
}

/** The same for the same call, in whatever order its parameters are. */
export function requestKey(request: string): string {
  const [method = '', address = ''] = request.split(' ')
  const url = new URL(address)
  url.searchParams.sort()
  return `${method} ${url.href}`
}

/** The same for the same recorded call. */
export function exchangeKey({ request, sent }: Exchange): string {
  return sent === undefined ? requestKey(request) : `${requestKey(request)} ${canonicalJson(sent)}`
}

function answer({ headers, body }: Exchange, other: Json | undefined): HttpAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    json: structuredClone(other === undefined ? body : other),
  }
}

function download({ headers = {}, body, text }: Exchange): HttpDownload {
  const bytes = Buffer.from(text ?? JSON.stringify(body), 'utf8')
  return {
    headers,
    body: (async function* () {
      yield bytes
    })(),
  }
}
