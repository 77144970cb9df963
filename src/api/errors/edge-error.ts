/** What Express and its body parser throw, as errors of our table. Their texts repeat the request and go nowhere. */
import { NodeError, toNodeError, type ErrorCode } from '../../errors.js'

const BODY_FAULTS: Readonly<Record<string, ErrorCode>> = {
  'entity.too.large': 'TOO_LARGE',
  'parameters.too.many': 'TOO_LARGE',
  'encoding.unsupported': 'TYPE_UNSUPPORTED',
  'charset.unsupported': 'TYPE_UNSUPPORTED',
}

const BAD_BODY = 'the body is no JSON object or array'
const BAD_ADDRESS = 'the address has a malformed percent-encoding'

export function edgeError(thrown: unknown): NodeError {
  if (thrown instanceof NodeError || !(thrown instanceof Error)) return toNodeError(thrown)
  const { status, type } = thrown as { readonly status?: unknown; readonly type?: unknown }
  // Only what says itself that the request is to blame; the router marks malformed percent-encoding so.
  const isRequests = typeof status === 'number' && status >= 400 && status < 500
  if (!isRequests) return toNodeError(thrown)
  const code = typeof type === 'string' ? BODY_FAULTS[type] : undefined
  if (code !== undefined) return new NodeError(code, { cause: thrown })
  const detail =
    thrown instanceof URIError ? BAD_ADDRESS : type === 'entity.parse.failed' ? BAD_BODY : undefined
  return new NodeError('REQUEST_INVALID', { cause: thrown, ...(detail !== undefined && { detail }) })
}
