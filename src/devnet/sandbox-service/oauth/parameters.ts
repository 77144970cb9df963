/** Request parameters as RFC 6749 3.1 and 3.2 want them: each at most once, empty ones as if they were missing. */
import { OAuthError } from './oauth-error.js'

/** A parsed query or form; its values are whatever a stranger sent. */
export type Parameters = Readonly<Record<string, unknown>>

/** @throws OAuthError invalid_request when the parameter is repeated. */
export function optional(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name]
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw new OAuthError('invalid_request', `${name} is given more than once`)
  return value
}

/** @throws OAuthError invalid_request when the parameter is missing or repeated. */
export function required(parameters: Parameters, name: string): string {
  const value = optional(parameters, name)
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`)
  return value
}
