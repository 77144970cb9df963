/** Reads what a provider sent back with the browser: a code, or an error. Texts of the provider are never shown or logged. */
import { resolved } from '../credentials/declared-address.js'
import { oauth2Of } from '../credentials/token-endpoint.js'
import { NodeError, type ErrorCode } from '../errors.js'
import { equalSecrets } from '../lib/keyed-hash.js'
import type { FieldValues, UsableProvider } from '../provider/index.js'

/** Parameters of the callback, each at most once. */
export interface CallbackQuery {
  readonly code?: string | undefined
  readonly state?: string | undefined
  /** RFC 9207. */
  readonly iss?: string | undefined
  /** RFC 6749 4.1.2.1. */
  readonly error?: string | undefined
  /** Facebook's refusals may come with this alone. */
  readonly error_code?: string | undefined
  /** All others that came once, for fields that a service tells so. */
  readonly others?: Readonly<Record<string, string>> | undefined
}

const PASSING: readonly string[] = ['server_error', 'temporarily_unavailable']

/** What the provider's error means. `undefined`: there is none. */
export function refusalOf(query: CallbackQuery): NodeError | undefined {
  const { error } = query
  if (error === undefined && query.error_code === undefined) return undefined
  return new NodeError(codeOf(error), { detail: `the provider answered ${named(error)}` })
}

function codeOf(error: string | undefined): ErrorCode {
  if (error === 'access_denied') return 'CONSENT_DENIED'
  return error !== undefined && PASSING.includes(error) ? 'PROVIDER_DOWN' : 'CODE_REJECTED'
}

/** Only the codes of the standard: anything else may be a sentence that somebody put into the address. */
function named(error: string | undefined): string {
  const known = [
    'access_denied',
    'invalid_request',
    'invalid_scope',
    'unauthorized_client',
    'unsupported_response_type',
    ...PASSING,
  ]
  return error !== undefined && known.includes(error) ? error : 'an error'
}

/** @throws NodeError STATE_UNKNOWN: the answer is another server's (RFC 9207 2.4) */
export function checkIssuer(use: UsableProvider, { iss }: CallbackQuery, { texts }: FieldValues): void {
  const { issuer } = oauth2Of(use)
  if (issuer === undefined) return
  if (iss === undefined || !equalSecrets(iss, resolved(issuer, use, texts)))
    throw new NodeError('STATE_UNKNOWN', {
      detail: 'the answer does not come from the provider that was asked',
    })
}
