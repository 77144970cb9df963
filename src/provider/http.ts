/** The HTTP client as a provider sees it: it holds the token, checks hosts, keeps budgets, retries and classifies failures. */
import type { Socket } from 'node:net'
import type { JsonObject, Json } from '../lib/canonical-json.js'

export interface HttpQuery {
  readonly [name: string]: string | number | boolean | undefined
}

export interface HttpOptions {
  readonly query?: HttpQuery
  readonly headers?: Readonly<Record<string, string>>
  /** What the call counts in the budgets. Default: 1. */
  readonly cost?: number
  /** A POST that only reads (a search, GraphQL) may be repeated like a GET. */
  readonly idempotent?: boolean
}

export interface HttpBody {
  /** Sent as application/json. */
  readonly json?: Json
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, string>>
}

export interface HttpAnswer {
  /** Always 2xx: any other status is thrown as what it means. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON body; integers beyond 2^53 arrive as strings of their digits. `null` for an empty body. */
  readonly json: unknown
}

/**
 * Made for one connection and one sync. All methods throw `NodeError`: TOKEN_REVOKED, SCOPE_MISSING, RATE_LIMITED,
 * PROVIDER_DOWN, PROVIDER_CHANGED (not JSON), or what the provider's own `classify` says. Addresses are absolute;
 * a host that the provider did not declare is refused before anything is sent.
 */
export interface ProviderHttp {
  get(url: string | URL, options?: HttpOptions): Promise<HttpAnswer>
  post(url: string | URL, body: HttpBody, options?: HttpOptions): Promise<HttpAnswer>
  /** Some services take a body with it (GitHub's end of a grant). */
  /** Like a POST, not repeated unless it is `idempotent`. */
  patch(url: string | URL, body: HttpBody, options?: HttpOptions): Promise<HttpAnswer>
  delete(url: string | URL, options?: HttpOptions & { readonly body?: HttpBody }): Promise<HttpAnswer>
  /** A file: its bytes as they come, never held whole. A redirect to another declared host, or to any https host without the token, is followed. */
  download(url: string | URL, options?: HttpOptions & { readonly maxBytes?: number }): Promise<HttpDownload>
  /** A plain connection to a server that does not speak HTTP, checked like every other address. */
  socket(host: string, port: number): Promise<Socket>
}

export interface HttpDownload {
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array>
}

/** A failed answer, for `classify`: status, headers and what could be read of the body; of a list of failures, the first. */
export interface FailedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: JsonObject | undefined
}
