/** `fetch` through the guard, for libraries that take one: declared hosts only, checked addresses, caps, no retries. */
import { NodeError } from '../errors.js'
import type { Provider, SettingsOf, SettingsShape } from '../provider/index.js'
import { declaredHosts } from './declared-hosts.js'
import { exchange, type ExchangeOptions } from './exchange.js'

export interface GuardedFetchOptions extends Omit<ExchangeOptions, 'hosts'> {
  readonly provider: Provider
  readonly settings: SettingsOf<SettingsShape>
  /** Addresses whose hosts are allowed beside the provider's, such as its token endpoint. */
  readonly further?: readonly string[]
}

/** Bodies are texts or forms. Answers of any status are returned, read whole; redirects are followed for GET only. */
export type GuardedFetch = (url: string | URL, init?: GuardedInit) => Promise<Response>

export interface GuardedInit {
  readonly method?: string
  readonly headers?: ConstructorParameters<typeof Headers>[0]
  readonly body?: string | URLSearchParams | null
  readonly signal?: AbortSignal | null
}

const METHODS = ['GET', 'POST', 'DELETE'] as const
const WITHOUT_BODY: readonly number[] = [204, 205, 304]

/** @throws NodeError from the call: PROVIDER_DOWN, PROVIDER_CHANGED (another host, too large), INTERNAL (another method) */
export function guardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const hosts = declaredHosts(options.provider, options.settings, options)
  return async (url, init = {}) => {
    const method = METHODS.find((one) => one === (init.method ?? 'GET').toUpperCase())
    if (method === undefined) throw new NodeError('INTERNAL', { detail: 'a method that is not served' })
    const headers = Object.fromEntries(new Headers(init.headers))
    const { body = null } = init
    if (body instanceof URLSearchParams) headers['content-type'] ??= 'application/x-www-form-urlencoded'
    const signals = [options.signal, init.signal].filter((signal) => signal instanceof AbortSignal)
    const answer = await exchange(
      { method, url, headers, ...(body !== null && { body: body.toString() }) },
      { ...options, hosts, signal: AbortSignal.any(signals) },
    )
    const answered = new Headers(answer.headers)
    // The body is decompressed already.
    for (const name of ['content-encoding', 'content-length']) answered.delete(name)
    return new Response(WITHOUT_BODY.includes(answer.status) ? null : Uint8Array.from(answer.body), {
      status: answer.status,
      headers: answered,
    })
  }
}
