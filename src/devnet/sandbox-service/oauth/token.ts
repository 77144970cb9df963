/** The token and revocation endpoints: RFC 6749 4.1.3 and 6, RFC 7009. */
import type { Answer } from '../answer.js'
import { authenticateClient, type Credentials } from './client.js'
import type { Grants, IssuedTokens } from './grants.js'
import { OAuthError, oauthErrorAnswer } from './oauth-error.js'
import { optional, required, type Parameters } from './parameters.js'

export interface BackChannelCall {
  readonly authorization: string | undefined
  /** The parsed form; undefined when the body was not one. */
  readonly form: Parameters | undefined
}

export interface TokenOptions {
  readonly known: Credentials
  readonly grants: Grants
}

export function tokenEndpoint(call: BackChannelCall, options: TokenOptions): Promise<Answer> {
  return asOAuth(async () => {
    const form = readForm(call, options.known)
    return tokenAnswer(await issueFor(required(form, 'grant_type'), form, options.grants))
  })
}

export function revokeEndpoint(call: BackChannelCall, options: TokenOptions): Promise<Answer> {
  return asOAuth(async () => {
    const form = readForm(call, options.known)
    await options.grants.revoke(required(form, 'token'))
    return { status: 200, headers: { 'cache-control': 'no-store' }, body: '' }
  })
}

function issueFor(grantType: string, form: Parameters, grants: Grants): Promise<IssuedTokens> {
  if (grantType === 'authorization_code') {
    const verifier = required(form, 'code_verifier')
    if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier))
      throw new OAuthError('invalid_request', 'code_verifier has not the form of RFC 7636')
    return grants.exchangeCode(required(form, 'code'), required(form, 'redirect_uri'), verifier)
  }
  if (grantType === 'refresh_token') {
    return grants.refresh(required(form, 'refresh_token'), optional(form, 'scope')?.split(' '))
  }
  throw new OAuthError('unsupported_grant_type', 'Only authorization_code and refresh_token are served')
}

function readForm(call: BackChannelCall, known: Credentials): Parameters {
  if (!call.form)
    throw new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded')
  authenticateClient(call.authorization, call.form, known)
  return call.form
}

function tokenAnswer(tokens: IssuedTokens): Answer {
  return {
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    body: JSON.stringify({
      access_token: tokens.accessToken,
      token_type: 'Bearer',
      expires_in: tokens.expiresInS,
      refresh_token: tokens.refreshToken,
      scope: tokens.scopes.join(' '),
    }),
  }
}

async function asOAuth(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OAuthError) return oauthErrorAnswer(error)
    throw error
  }
}
