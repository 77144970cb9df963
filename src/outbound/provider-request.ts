/** What a provider asks for, as the request that is sent: address with query and signature, headers with the token, body. */
import { reveal, type Redacted } from '../lib/redacted.js'
import type { HttpBody, HttpOptions, HttpQuery } from '../provider/index.js'
import type { OutboundCall, Method } from './exchange.js'

export interface ProviderCall {
  readonly method: Method
  readonly url: string | URL
  readonly options: HttpOptions
  readonly body?: HttpBody
}

/** Set by the connection, or a way to misroute the request. */
const RESERVED: readonly string[] = ['host', 'connection', 'content-length', 'transfer-encoding', 'cookie']

/** `url` is absolute and checked. A provider's own `authorization` replaces the token: some ways to revoke need the client's. */
export function providerRequest(
  call: ProviderCall,
  checked: URL,
  token: Redacted,
  signature: HttpQuery,
): OutboundCall {
  const body = bodyOf(call.body)
  const own = Object.entries(call.options.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !RESERVED.includes(name))
  return {
    method: call.method,
    url: withQuery(checked, { ...call.options.query, ...signature }, token),
    headers: {
      accept: 'application/json',
      'user-agent': 'connector-node',
      authorization: `Bearer ${reveal(token)}`,
      ...(body && { 'content-type': body.type }),
      ...Object.fromEntries(own),
    },
    ...(body && { body: body.text }),
  }
}

/** Services put the token into their links to next pages: it is sent in the header only. */
function withQuery(checked: URL, query: HttpQuery, token: Redacted): URL {
  const url = new URL(checked)
  const secret = reveal(token)
  for (const [name, value] of [...url.searchParams]) if (value === secret) url.searchParams.delete(name)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && String(value) !== secret) url.searchParams.set(name, String(value))
  return url
}

function bodyOf(body: HttpBody | undefined): { readonly type: string; readonly text: string } | undefined {
  if (body?.json !== undefined) return { type: 'application/json', text: JSON.stringify(body.json) }
  if (body?.form !== undefined)
    return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(body.form).toString() }
  return undefined
}
