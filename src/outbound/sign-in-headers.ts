/** The headers by which a call says whose account it is for, as the account's way to connect has it; never a query parameter. */
import { NodeError } from '../errors.js'
import { reveal, type Redacted } from '../lib/redacted.js'
import { NO_FIELDS, type Auth, type FieldValues } from '../provider/index.js'

/** RFC 9110 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
/** Visible ASCII with inner spaces: anything else is no header value, or ends one. */
const HEADER_VALUE = /^[\x20-\x7e]*$/

/** Set by the connection, or a way to misroute the request. */
export const RESERVED_HEADERS: readonly string[] = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'cookie',
]

/**
 * Names in lower case.
 * @throws NodeError PROVIDER_CHANGED: a name or value that is no header's
 */
export function signInHeaders(
  auth: Auth,
  token: Redacted,
  fields: FieldValues = NO_FIELDS,
): Readonly<Record<string, string>> {
  const declared = auth.kind === 'custom' ? (auth.headers?.(fields) ?? {}) : {}
  const own = Object.entries(declared).map(
    ([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : reveal(value)] as const,
  )
  const send = sendOf(auth)
  const plain = reveal(token)
  const sent =
    send === undefined || plain === '' ? [] : [[send.header.toLowerCase(), send.prefix + plain] as const]
  return Object.fromEntries([...own, ...sent].map(checked))
}

/** A custom way that makes its own headers sends nothing else unless it says so. */
function sendOf(auth: Auth): Auth['send'] {
  if (auth.send !== undefined) return auth.send
  if (auth.kind === 'custom' && auth.headers !== undefined) return undefined
  return { header: 'authorization', prefix: auth.kind === 'basic' ? 'Basic ' : 'Bearer ' }
}

function checked([name, value]: readonly [string, string]): readonly [string, string] {
  if (!HEADER_NAME.test(name) || RESERVED_HEADERS.includes(name))
    throw new NodeError('PROVIDER_CHANGED', { detail: 'credentials in a header that cannot be set' })
  if (!HEADER_VALUE.test(value))
    throw new NodeError('PROVIDER_CHANGED', { detail: `credentials that cannot be sent in ${name}` })
  return [name, value]
}
