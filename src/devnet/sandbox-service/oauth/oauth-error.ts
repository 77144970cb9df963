/** The errors of RFC 6749: codes for programs, a sentence for developers. */
import type { Answer } from '../answer.js'

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'access_denied'

export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  constructor(
    readonly code: OAuthErrorCode,
    readonly description: string,
  ) {
    super(`${code}: ${description}`)
  }
}

/** The answer of the token and revocation endpoints (RFC 6749 5.2); a client that failed to name itself gets 401. */
export function oauthErrorAnswer(error: OAuthError): Answer {
  const unauthorized = error.code === 'invalid_client'
  return {
    status: unauthorized ? 401 : 400,
    headers: {
      'cache-control': 'no-store',
      ...(unauthorized && { 'www-authenticate': 'Basic realm="sandbox"' }),
    },
    body: JSON.stringify({ error: error.code, error_description: error.description }),
  }
}
