/** The ways in which an account is connected. A provider lists the ones it takes, the preferred first. */
import type { Redacted } from '../lib/redacted.js'
import type { SettingsOf, SettingsShape } from './settings.js'

/** The provider's tokens as the node holds them in memory. */
export interface Tokens {
  readonly accessToken: Redacted
  readonly refreshToken?: Redacted
  /** When the access token ends, in ms since 1970; missing when the provider does not say. */
  readonly expiresAtMs?: number
  /** The scopes that were granted, as the provider named them; missing when it does not say. */
  readonly scopes?: readonly string[]
}

type FromSettings<S extends SettingsShape> = string | ((settings: SettingsOf<S>) => string)

/** OAuth 2.0 authorization code grant (RFC 6749 4.1), with PKCE (RFC 7636) unless the provider refuses it. */
export interface OAuth2<S extends SettingsShape = SettingsShape> {
  readonly kind: 'oauth2'
  readonly authorize: FromSettings<S>
  readonly token: FromSettings<S>
  /** Every scope with the reason shown to people; asked for are those of the enabled streams and `base`. */
  readonly scopes: Readonly<Record<string, string>>
  /** Joins scopes in the authorize address. RFC 6749 says a space; some say a comma. Default: a space. */
  readonly scopeJoin?: string
  /** PKCE S256 is sent unless false. */
  readonly pkce?: boolean
  /** Further parameters of the authorize address, such as `access_type: offline`. */
  readonly authorizeParams?: Readonly<Record<string, string>>
  /** Whether refresh tokens are issued and `token` takes grant_type=refresh_token. */
  readonly refresh: boolean
  /** How the client authenticates at the token endpoint. Default: `post` (client_id and client_secret in the body). */
  readonly clientAuth?: 'post' | 'basic'
  /** RFC 9207: the provider sends `iss` with the code. */
  readonly issuer?: FromSettings<S>
  /** Exchanges the fresh token for a longer one right after the code exchange (Facebook's fb_exchange_token): form fields sent to `token`. */
  readonly exchange?: (
    settings: SettingsOf<S>,
    accessToken: Redacted,
  ) => Readonly<Record<string, Redacted | string>>
  /** A passport strategy that must be used instead of the general one. */
  readonly strategy?: 'facebook'
}

export type Auth<S extends SettingsShape = SettingsShape> = OAuth2<S>
