/** What a provider asks for, as the request that is sent: address with query and signature, headers with the token, body. */
import { reveal, type Redacted } from '../lib/redacted.js'
import { NO_FIELDS, type Auth, type FieldValues } from '../provider/index.js'
import type { HttpBody, HttpOptions, HttpQuery } from '../provider/index.js'
import type { OutboundCall, Method } from './exchange.js'
import { RESERVED_HEADERS, signInHeaders } from './sign-in-headers.js'

export interface ProviderCall {
  readonly method: Method
  readonly url: string | URL
  readonly options: HttpOptions
  readonly body?: HttpBody
}

const MIN_SECRET = 8

/** Whose account a call is for. */
export interface CallCredentials {
  readonly auth: Auth
  readonly token: Redacted
  readonly fields?: FieldValues | undefined
}

/** `url` is absolute and checked. A provider's own header replaces the token's: some ways to revoke need the client's. */
export function providerRequest(
  call: ProviderCall,
  checked: URL,
  { auth, token, fields = NO_FIELDS }: CallCredentials,
  signature: HttpQuery,
): OutboundCall {
  const body = bodyOf(call.body)
  const entered = Object.values(fields.secrets).map(reveal)
  // A short one may be any number or word of a query.
  const secrets = [reveal(token), ...entered.filter((secret) => secret.length >= MIN_SECRET)].filter(Boolean)
  const own = Object.entries(call.options.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !RESERVED_HEADERS.includes(name))
  const signIn = signInHeaders(auth, token, fields)
  return {
    method: call.method,
    url: withQuery(checked, { ...call.options.query, ...signature }, secrets),
    headers: {
      accept: 'application/json',
      'user-agent': 'connector-node',
      ...signIn,
      ...(body && { 'content-type': body.type }),
      ...Object.fromEntries(own),
    },
    credentials: [
      ...Object.keys(signIn),
      ...own.filter(([, value]) => secrets.some((secret) => value.includes(secret))).map(([name]) => name),
    ],
    ...(body && { body: body.text }),
  }
}

/** Services put the token into their links to next pages: it is sent in the header only. */
function withQuery(checked: URL, query: HttpQuery, secrets: readonly string[]): URL {
  const url = new URL(checked)
  for (const [name, value] of [...url.searchParams])
    if (secrets.includes(value)) url.searchParams.delete(name)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && !secrets.includes(String(value))) url.searchParams.set(name, String(value))
  return url
}

function bodyOf(body: HttpBody | undefined): { readonly type: string; readonly text: string } | undefined {
  if (body?.json !== undefined) return { type: 'application/json', text: JSON.stringify(body.json) }
  if (body?.form !== undefined)
    return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(body.form).toString() }
  return undefined
}
