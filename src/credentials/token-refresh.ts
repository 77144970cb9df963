/**
 * Gets tokens: by a code, by the extra exchange that some services want, by a refresh token, or by opening the account
 * anew. It stores nothing and repeats nothing: a refresh token that is sent twice may end the whole grant.
 */
import { NodeError } from '../errors.js'
import {
  authOfTokens,
  NO_FIELDS,
  type FieldValues,
  type Tokens,
  type UsableProvider,
} from '../provider/index.js'
import { openTokens, opensAnew } from './open-tokens.js'
import { askForTokens, oauth2Of, type TokenPorts } from './token-endpoint.js'

export type { TokenPorts } from './token-endpoint.js'

export interface CodeGrant {
  readonly code: string
  /** The very address that the code was asked for with. */
  readonly redirectUri: string
  /** The PKCE verifier, unless the provider takes none. */
  readonly verifier?: string
  /** What was entered before, and told in the callback. */
  readonly fields?: FieldValues
}

/** Whether newer tokens can be had for these without a person. */
export function isRenewable({ provider }: Pick<UsableProvider, 'provider'>, tokens: Tokens): boolean {
  const auth = authOfTokens(provider, tokens)
  return auth.kind === 'oauth2' ? auth.refresh && tokens.refreshToken !== undefined : opensAnew(auth)
}

/**
 * New tokens for old ones. What the answer leaves out is kept: the refresh token, the scopes, the fields.
 * @throws NodeError TOKEN_REVOKED: the provider refused the refresh token or what was entered, or there is none;
 * PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED: the grant is as it was
 */
export async function refreshTokens(ports: TokenPorts, use: UsableProvider, tokens: Tokens): Promise<Tokens> {
  const { clock, log } = ports
  const facts = { provider: use.provider.id }
  const startedAtMs = clock.now()
  try {
    const fresh = await newer(ports, use, tokens)
    log.info('token.refreshed', { ...facts, ms: clock.now() - startedAtMs })
    return merged(tokens, fresh)
  } catch (error) {
    if (error instanceof NodeError) log.warn('token.refresh_failed', { ...facts, error })
    throw error
  }
}

function newer(ports: TokenPorts, use: UsableProvider, tokens: Tokens): Promise<Tokens> {
  const auth = authOfTokens(use.provider, tokens)
  const { refreshToken, fields = NO_FIELDS, scopes } = tokens
  if (opensAnew(auth)) return openTokens(ports, use, { auth, fields, scopes })
  if (auth.kind !== 'oauth2' || !auth.refresh || refreshToken === undefined)
    throw new NodeError('TOKEN_REVOKED', { detail: `${use.provider.id}: no refresh token` })
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
  return askForTokens(ports, use, { auth, form, fields: tokens.fields, rejected: 'TOKEN_REVOKED' })
}

/**
 * The tokens for an authorization code (RFC 6749 4.1.3), with the extra exchange done when the provider declares one.
 * @throws NodeError CODE_REJECTED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
 */
export async function exchangeCode(
  ports: TokenPorts,
  use: UsableProvider,
  { code, redirectUri, verifier, fields }: CodeGrant,
): Promise<Tokens> {
  const auth = oauth2Of(use)
  const form = {
    ...auth.codeParams,
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    ...(verifier !== undefined && { code_verifier: verifier }),
  }
  const tokens = await askForTokens(ports, use, { auth, form, fields, rejected: 'CODE_REJECTED' })
  return exchangeTokens(ports, use, withAllTold(use, tokens))
}

/** Calls go where the service told: without it the account cannot be used. @throws NodeError PROVIDER_CHANGED */
function withAllTold(use: UsableProvider, tokens: Tokens): Tokens {
  const missing = Object.entries(oauth2Of(use).fields ?? {}).find(
    ([name, field]) => field.kind === 'told' && tokens.fields?.texts[name] === undefined,
  )
  if (missing === undefined) return tokens
  throw new NodeError('PROVIDER_CHANGED', { detail: `${use.provider.id} did not tell its ${missing[0]}` })
}

/** The longer-lived tokens for fresh ones when the provider declares `exchange`; else the same. @throws as `exchangeCode` */
export async function exchangeTokens(
  ports: TokenPorts,
  use: UsableProvider,
  tokens: Tokens,
): Promise<Tokens> {
  const auth = oauth2Of(use)
  const form = auth.exchange?.(use.settings, tokens.accessToken)
  if (form === undefined) return tokens
  const call = { auth, form, fields: tokens.fields, rejected: 'CODE_REJECTED' } as const
  return merged(tokens, await askForTokens(ports, use, call))
}

/** An access token takes its own end with it: the old one's is never kept. */
function merged({ refreshToken, scopes, fields }: Tokens, fresh: Tokens): Tokens {
  return {
    ...(refreshToken && { refreshToken }),
    ...(scopes && { scopes }),
    ...(fields && { fields }),
    ...fresh,
  }
}
