/**
 * One guarded HTTP exchange: caps on time and size, redirects checked one by one. It neither retries nor judges a
 * status; what it throws names method, host, path shape and reason, and nothing else.
 */
import { request, type Dispatcher } from 'undici'
import { NodeError } from '../errors.js'
import { CAPS, type Caps } from './caps.js'
import type { DeclaredHosts, Target } from './declared-hosts.js'
import { systemNetwork, type Network } from './network.js'
import { pathShape } from './path-shape.js'
import { ACCEPT_ENCODING, readBody } from './read-body.js'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface OutboundCall {
  readonly method: Method
  /** Absolute. */
  readonly url: string | URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Names of headers that no other origin may see; `authorization` and `cookie` are always such. */
  readonly credentials?: readonly string[]
  readonly body?: string
}

export interface OutboundAnswer {
  readonly status: number
  /** Names in lower case; repeated ones are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Decompressed. */
  readonly body: Buffer
}

export interface ExchangeOptions {
  /** Where calls and redirects may go. */
  readonly hosts: DeclaredHosts
  readonly network?: Network | undefined
  readonly caps?: Partial<Caps> | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends a call and reads the whole answer. Redirects of GET are followed to declared hosts; those of other methods are
 * answers like any other.
 * @throws NodeError PROVIDER_DOWN: no answer, or not in time; PROVIDER_CHANGED: too large, an undeclared host, too many
 * redirects. The reason of an abort as it is.
 */
export async function exchange(call: OutboundCall, options: ExchangeOptions): Promise<OutboundAnswer> {
  const caps = { ...CAPS, ...options.caps }
  let { headers } = call
  let target = options.hosts.target(call.url)
  for (let redirects = 0; ; redirects += 1) {
    const answer = await sendOnce({ ...call, headers }, target, { ...options, caps })
    const location = call.method === 'GET' ? locationOf(answer) : undefined
    if (location === undefined) return answer
    if (redirects === caps.redirects)
      throw new NodeError('PROVIDER_CHANGED', {
        detail: `${nameOf(call.method, target)}: too many redirects`,
      })
    const next = options.hosts.target(resolveLocation(location, target.url))
    if (next.url.origin !== target.url.origin) headers = withoutCredentials(headers, call.credentials)
    target = next
  }
}

/** A call as logs and errors may name it. */
export function nameOf(method: Method, { url }: Target): string {
  return `${method} ${url.host}${pathShape(url)}`
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

export function locationOf({
  status,
  headers,
}: Pick<OutboundAnswer, 'status' | 'headers'>): string | undefined {
  return REDIRECTS.includes(status) ? headers['location'] : undefined
}

export function resolveLocation(location: string, base: URL): string {
  return URL.canParse(location, base.href) ? new URL(location, base).href : location
}

function withoutCredentials(
  headers: OutboundCall['headers'],
  credentials: readonly string[] = [],
): OutboundCall['headers'] {
  const hidden = ['authorization', 'cookie', ...credentials]
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hidden.includes(name)))
}

async function sendOnce(
  { method, headers, body }: OutboundCall,
  target: Target,
  options: ExchangeOptions & { readonly caps: Caps },
): Promise<OutboundAnswer> {
  const { caps, signal, network = systemNetwork } = options
  signal?.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  try {
    const answer = await request(target.url, {
      dispatcher: network.dispatcher(target.reach),
      method,
      headers: { 'accept-encoding': ACCEPT_ENCODING, ...headers },
      body: body ?? null,
      headersTimeout: caps.headersMs,
      bodyTimeout: caps.bodyMs,
      signal: signal ?? null,
    })
    // A service that drips bytes keeps every idle time-out happy: the whole body has an end of its own.
    timer = setTimeout(() => answer.body.destroy(new BodyTimeout()), caps.bodyMs)
    const read = flatHeaders(answer.headers)
    return {
      status: answer.statusCode,
      headers: read,
      body: await readBody(answer.body, read['content-encoding'] ?? '', caps.bodyBytes),
    }
  } catch (cause) {
    signal?.throwIfAborted()
    throw asNodeError(cause, nameOf(method, target))
  } finally {
    clearTimeout(timer)
  }
}

export class BodyTimeout extends Error {
  readonly code = 'body time-out'
}

/** Causes are not kept: a library's words may quote what was sent or answered. */
export function asNodeError(cause: unknown, name: string): NodeError {
  if (cause instanceof NodeError)
    return new NodeError(cause.code, { detail: `${name}: ${cause.detail ?? ''}` })
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  return new NodeError('PROVIDER_DOWN', { detail: `${name}: ${code ?? 'no answer'}` })
}

export function flatHeaders(
  headers: Awaited<ReturnType<Dispatcher['request']>>['headers'],
): Record<string, string> {
  const flattened = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return Object.fromEntries(flattened) as Record<string, string>
}
