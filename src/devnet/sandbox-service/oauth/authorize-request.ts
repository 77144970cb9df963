/** Checks a request for consent. What is wrong with client or address must never be sent to that address (RFC 6749 4.1.2.1). */
import type { Credentials } from './client.js'
import { OAuthError } from './oauth-error.js'
import { optional, required, type Parameters } from './parameters.js'
import { isScope, type Scope } from './scopes.js'

/** Where an answer may go. */
export interface ReturnAddress {
  readonly redirectUri: string
  readonly state: string | undefined
}

export interface AuthorizeRequest extends ReturnAddress {
  readonly scopes: readonly Scope[]
  readonly challenge: string
}

/** @throws OAuthError that must be shown here, not sent on. */
export function readReturnAddress(query: Parameters, known: Credentials): ReturnAddress {
  if (required(query, 'client_id') !== known.client.id)
    throw new OAuthError('invalid_client', 'This application is not registered here')
  const redirectUri = required(query, 'redirect_uri')
  if (!known.file.state.client.redirectUris.includes(redirectUri)) {
    throw new OAuthError('invalid_request', 'This redirect address is not registered for the application')
  }
  // A repeated state cannot be sent back faithfully.
  return { redirectUri, state: optional(query, 'state') }
}

/** @throws OAuthError that is sent to the return address. */
export function readAuthorizeRequest(query: Parameters, address: ReturnAddress): AuthorizeRequest {
  if (required(query, 'response_type') !== 'code')
    throw new OAuthError('unsupported_response_type', 'Only response_type=code is served')
  const challenge = required(query, 'code_challenge')
  if (required(query, 'code_challenge_method') !== 'S256')
    throw new OAuthError('invalid_request', 'code_challenge_method must be S256')
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge))
    throw new OAuthError('invalid_request', 'code_challenge is not an S256 challenge')
  const scopes = [...new Set(required(query, 'scope').split(' ').filter(Boolean))]
  if (!scopes.every(isScope)) throw new OAuthError('invalid_scope', 'A scope is not known')
  return { ...address, scopes, challenge }
}

/** The address with the parameters of an answer; `iss` by RFC 9207, so that a client of many servers cannot be confused. */
export function answerAddress(
  address: ReturnAddress,
  issuer: string,
  parameters: Readonly<Record<string, string>>,
): string {
  const url = new URL(address.redirectUri)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  if (address.state !== undefined) url.searchParams.set('state', address.state)
  url.searchParams.set('iss', issuer)
  return url.href
}
