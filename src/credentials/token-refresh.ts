/**
 * Gets tokens: by a code, by the extra exchange that some services want, by a refresh token. It stores nothing and
 * repeats nothing: a refresh token that is sent twice may end the whole grant.
 */
import { NodeError } from '../errors.js'
import type { Tokens, UsableProvider } from '../provider/index.js'
import { askForTokens, oauth2Of, type TokenPorts } from './token-endpoint.js'

export type { TokenPorts } from './token-endpoint.js'

export interface CodeGrant {
  readonly code: string
  /** The very address that the code was asked for with. */
  readonly redirectUri: string
  /** The PKCE verifier, unless the provider takes none. */
  readonly verifier?: string
}

/**
 * New tokens for old ones. What the answer leaves out is kept: the refresh token, the scopes.
 * @throws NodeError TOKEN_REVOKED: the provider refused the refresh token, or there is none; PROVIDER_DOWN,
 * RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED: the grant is as it was
 */
export async function refreshTokens(ports: TokenPorts, use: UsableProvider, tokens: Tokens): Promise<Tokens> {
  const { clock, log } = ports
  const facts = { provider: use.provider.id }
  const startedAtMs = clock.now()
  try {
    const { refreshToken } = tokens
    if (!oauth2Of(use).refresh || refreshToken === undefined)
      throw new NodeError('TOKEN_REVOKED', { detail: `${use.provider.id}: no refresh token` })
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    const fresh = await askForTokens(ports, use, form, 'TOKEN_REVOKED')
    log.info('token.refreshed', { ...facts, ms: clock.now() - startedAtMs })
    return merged(tokens, fresh)
  } catch (error) {
    if (error instanceof NodeError) log.warn('token.refresh_failed', { ...facts, error })
    throw error
  }
}

/**
 * The tokens for an authorization code (RFC 6749 4.1.3), with the extra exchange done when the provider declares one.
 * @throws NodeError CODE_REJECTED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
 */
export async function exchangeCode(
  ports: TokenPorts,
  use: UsableProvider,
  grant: CodeGrant,
): Promise<Tokens> {
  const form = {
    grant_type: 'authorization_code',
    code: grant.code,
    redirect_uri: grant.redirectUri,
    ...(grant.verifier !== undefined && { code_verifier: grant.verifier }),
  }
  return exchangeTokens(ports, use, await askForTokens(ports, use, form, 'CODE_REJECTED'))
}

/** The longer-lived tokens for fresh ones when the provider declares `exchange`; else the same. @throws as `exchangeCode` */
export async function exchangeTokens(
  ports: TokenPorts,
  use: UsableProvider,
  tokens: Tokens,
): Promise<Tokens> {
  const form = oauth2Of(use).exchange?.(use.settings, tokens.accessToken)
  return form === undefined ? tokens : merged(tokens, await askForTokens(ports, use, form, 'CODE_REJECTED'))
}

/** An access token takes its own end with it: the old one's is never kept. */
function merged({ refreshToken, scopes }: Tokens, fresh: Tokens): Tokens {
  return { ...(refreshToken && { refreshToken }), ...(scopes && { scopes }), ...fresh }
}
