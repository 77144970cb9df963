/** The ways in which an account is connected. A provider lists the ones it takes, the preferred first, one of each kind. */
import type { JsonObject } from '../lib/canonical-json.js'
import type { Redacted } from '../lib/redacted.js'
import type { FieldsShape, FieldValues } from './fields.js'
import type { ProviderHttp } from './http.js'
import type { SettingsOf, SettingsShape } from './settings.js'

/** The provider's tokens as the node holds them in memory. */
export interface Tokens {
  /** The way in which the account was connected; missing: OAuth 2.0, or the provider's preferred one where it has none. */
  readonly kind?: AuthKind
  /** What `send` puts into the header: an access token, an API key, `user:password` in base64; empty when nothing is sent. */
  readonly accessToken: Redacted
  readonly refreshToken?: Redacted
  /** When the access token ends, in ms since 1970; missing when the provider does not say. */
  readonly expiresAtMs?: number
  /** The scopes that were granted, as the provider named them; missing when it does not say. */
  readonly scopes?: readonly string[]
  /** What was entered or told when the account was connected; missing when its kind has no fields. */
  readonly fields?: FieldValues
}

/** An address that may depend on the operator's settings, and on what was entered or told. */
export type FromSettings<S extends SettingsShape = SettingsShape> =
  string | ((settings: SettingsOf<S>, texts: FieldValues['texts']) => string)

interface Common {
  /** It reads none of the provider's settings: accounts are connected before the operator has set any. */
  readonly withoutSettings?: true
  /** What is asked for beside the sign-in itself, in the order of the form. */
  readonly fields?: FieldsShape
  /** The header that carries the token. Default: `authorization` with `Bearer `. Never a query parameter. */
  readonly send?: { readonly header: string; readonly prefix: string }
}

/** OAuth 2.0 authorization code grant (RFC 6749 4.1), with PKCE (RFC 7636) unless the provider refuses it. */
export interface OAuth2<S extends SettingsShape = SettingsShape> extends Common {
  readonly kind: 'oauth2'
  readonly authorize: FromSettings<S>
  readonly token: FromSettings<S>
  /** Every scope with the reason shown to people; asked for are those of the enabled streams and those that no stream names. */
  readonly scopes: Readonly<Record<string, string>>
  /**
   * What a granted scope stands for beside itself, where the service names those that imply others:
   * `{ write_products: ['read_products'] }`. Declared, even empty, it says that answers name scopes as they are asked
   * for: what is not among them was not granted. Missing: where an answer has a name that is not declared here,
   * nothing is taken for refused before the service itself refuses it.
   */
  readonly scopeGrants?: Readonly<Record<string, readonly string[]>>
  /** Joins scopes in the authorize address. RFC 6749 says a space; some say a comma. Default: a space. */
  readonly scopeJoin?: string
  /** PKCE S256 is sent unless false. */
  readonly pkce?: boolean
  /** Further parameters of the authorize address, such as `access_type: offline`. */
  readonly authorizeParams?: Readonly<Record<string, string>>
  /** Further fields of the code exchange, such as Shopify's `expiring: 1`. */
  readonly codeParams?: Readonly<Record<string, string>>
  /** Whether refresh tokens are issued and `token` takes grant_type=refresh_token. */
  readonly refresh: boolean
  /** How long a refresh token lives unused, in ms: the node renews well before. Missing: it does not end by itself. */
  readonly refreshLifeMs?: number
  /** How the client authenticates at the token endpoint. Default: `post` (client_id and client_secret in the body). */
  readonly clientAuth?: 'post' | 'basic'
  /** RFC 9207: the provider sends `iss` with the code. */
  readonly issuer?: FromSettings<S>
  /** A token answer of the service's own form, as RFC 6749 5.1 would have it (`expires_in` in seconds from `nowMs`). Pure. */
  readonly readToken?: (answer: JsonObject, nowMs: number) => JsonObject
  /** Exchanges the fresh token for a longer one right after the code exchange (Facebook's fb_exchange_token): form fields sent to `token`. */
  readonly exchange?: (
    settings: SettingsOf<S>,
    accessToken: Redacted,
  ) => Readonly<Record<string, Redacted | string>>
  /** A passport strategy that must be used instead of the general one. */
  readonly strategy?: 'facebook'
}

/** OAuth 2.0 client credentials (RFC 6749 4.4): the operator's application acts for itself, with settings `clientId` and `clientSecret`. */
export interface ClientCredentials<S extends SettingsShape = SettingsShape> extends Common {
  readonly kind: 'client_credentials'
  readonly token: FromSettings<S>
  readonly scopes: Readonly<Record<string, string>>
  readonly scopeJoin?: string
  readonly clientAuth?: 'post' | 'basic'
}

/** A key that the person copies from the service; `key` names its secret field. */
export interface ApiKey extends Common {
  readonly kind: 'api_key'
  readonly fields: FieldsShape
  readonly key: string
}

/** RFC 7617: a name and a password, each a field. */
export interface Basic extends Common {
  readonly kind: 'basic'
  readonly fields: FieldsShape
  readonly username: string
  readonly password: string
}

/** JWT bearer (RFC 7523) with a service account's JSON key, as Google gives out: `key` names the secret field that holds it. */
export interface ServiceAccount<S extends SettingsShape = SettingsShape> extends Common {
  readonly kind: 'service_account'
  readonly fields: FieldsShape
  readonly key: string
  /** The field that names the person whom the account acts for; empty: for itself. */
  readonly subject?: string
  readonly token: FromSettings<S>
  readonly scopes: Readonly<Record<string, string>>
}

/** Anything else: the provider turns what was entered into headers, or into tokens by calls of its own. */
export interface Custom<S extends SettingsShape = SettingsShape> extends Common {
  readonly kind: 'custom'
  readonly fields: FieldsShape
  /** Headers of every call. Pure. */
  readonly headers?: (values: FieldValues) => Readonly<Record<string, Redacted | string>>
  /** Signs in by calls: one or several. Also called when the tokens have ended. */
  readonly open?: (
    http: ProviderHttp,
    context: { readonly settings: SettingsOf<S>; readonly fields: FieldValues },
  ) => Promise<Omit<Tokens, 'fields' | 'kind'>>
}

export type Auth<S extends SettingsShape = SettingsShape> =
  OAuth2<S> | ClientCredentials<S> | ApiKey | Basic | ServiceAccount<S> | Custom<S>

export type AuthKind = Auth['kind']
