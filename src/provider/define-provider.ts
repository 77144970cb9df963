/** A provider is a value: facts, an account call, a way to revoke, and streams. The node owns everything else. */
import type { Redacted } from '../lib/redacted.js'
import type { ErrorCode } from '../errors.js'
import type { Auth, Tokens } from './auth.js'
import type { FailedAnswer, HttpQuery, ProviderHttp } from './http.js'
import type { SettingsOf, SettingsShape } from './settings.js'
import type { Account, AnyStream } from './stream.js'

export interface CallContext<S extends SettingsShape> {
  readonly settings: SettingsOf<S>
}

/** What a failed answer means, when its status alone does not tell. `undefined` leaves it to the status. */
export interface Classified {
  readonly code: Extract<
    ErrorCode,
    | 'TOKEN_REVOKED'
    | 'SCOPE_MISSING'
    | 'RATE_LIMITED'
    | 'PROVIDER_DOWN'
    | 'PROVIDER_CHANGED'
    | 'CURSOR_EXPIRED'
  >
  readonly retryAfterMs?: number
  /** For logs: never the provider's free text, which may quote tokens or people. */
  readonly detail?: string
}

/** Requests allowed in a window; the node waits or ends the slice early rather than passing it. */
export interface RateBudget {
  readonly requests: number
  readonly perMs: number
  /** `connection`: each account has its own; `app`: all accounts share it. */
  readonly scope: 'connection' | 'app'
}

export interface ProviderFacts<S extends SettingsShape> {
  /** Equals the folder's name; lower case, digits, hyphens. */
  readonly id: string
  readonly label: string
  readonly description: string
  readonly category: 'personal' | 'finance' | 'commerce' | 'storage' | 'crm' | 'database' | 'development'
  /** The service's address without www, written into records as sourceApplication. */
  readonly homepage: string
  /** File of the folder: an SVG of our own drawing. */
  readonly icon: string
  /** Raised when a mapping changes: forces a full run. */
  readonly revision: number
  /** Hosts that calls may go to, or settings of kind origin by `setting:<name>`. */
  readonly hosts: readonly string[]
  readonly settings: S
  /** Preferred first. */
  readonly auth: readonly [Auth<NoInfer<S>>, ...Auth<NoInfer<S>>[]]
  readonly limits?: readonly RateBudget[]
  /** Query parameters added to every call, such as Facebook's appsecret_proof. Pure. */
  readonly sign?: (facts: { readonly settings: SettingsOf<S>; readonly accessToken: Redacted }) => HttpQuery
  /** Reads the provider's own error form. Pure. */
  readonly classify?: (answer: FailedAnswer) => Classified | undefined
  /** Whose account this is; also the connection test. */
  account(http: ProviderHttp, context: CallContext<S>): Promise<Account>
  /** Ends the grant at the provider, or the written reason why it cannot be ended. */
  readonly revoke:
    | ((http: ProviderHttp, context: CallContext<S> & { readonly tokens: Tokens }) => Promise<void>)
    | { readonly unsupported: string }
  readonly streams: readonly AnyStream[]
}

/** A provider whose settings type is forgotten, as the node keeps it in lists. */
export type Provider = ProviderFacts<SettingsShape>

/** Declares a provider; names of settings are checked where they are used. */
export function defineProvider<const S extends SettingsShape>(facts: ProviderFacts<S>): Provider {
  return facts as unknown as Provider
}
