/** A provider is a value: facts, an account call, a way to revoke, and streams. The node owns everything else. */
import type { Redacted } from '../lib/redacted.js'
import { NodeError, type ErrorCode } from '../errors.js'
import type { Auth, AuthKind, Tokens } from './auth.js'
import type { Browse } from './browse.js'
import type { FieldValues } from './fields.js'
import type { FailedAnswer, HttpQuery, ProviderHttp } from './http.js'
import type { SettingsOf, SettingsShape } from './settings.js'
import type { Account, AnyStream } from './stream.js'
import type { Webhooks } from './webhooks.js'

export interface CallContext<S extends SettingsShape> {
  readonly settings: SettingsOf<S>
  /** What was entered or told when the account was connected. */
  readonly fields: FieldValues
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
  /** `sliding` (default), or `fixed`: counted anew at multiples of `perMs` since 1970, or since midnight in `timeZone`. */
  readonly window?: 'sliding' | 'fixed'
  /** IANA name; for quotas that begin at a local midnight, so always `fixed`. `perMs` is then a day at most. */
  readonly timeZone?: string
  /** Only calls to paths that begin so count; missing: all. Costs other than 1 are given by the call (`cost`). */
  readonly pathPrefix?: string
}

/** Headers in which the service tells what is left; the node waits for the reset when nothing is. */
export interface RateHeaders {
  readonly remaining: string
  readonly reset: string
  /** `epoch-s`, `epoch-ms`: a time; `seconds`: from now; `date`: RFC 3339 or an HTTP date. */
  readonly resetForm: 'epoch-s' | 'epoch-ms' | 'seconds' | 'date'
}

/** A ready choice for people: which streams, how often. */
export interface Preset {
  readonly id: string
  readonly label: string
  readonly description: string
  /** Missing: all. */
  readonly streams?: readonly string[]
  /** As in the API: `hourly`, `daily`, ... */
  readonly syncFrequency?: string
  /** Values of non-secret fields. */
  readonly fields?: Readonly<Record<string, string>>
}

export type Revoke<S extends SettingsShape = SettingsShape> = (
  http: ProviderHttp,
  context: CallContext<S> & { readonly tokens: Tokens },
) => Promise<void>

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
  /** Where it is in use: `global` or ISO 3166-1 codes. Default: global. */
  readonly regions?: readonly string[]
  /** The page of the service's documentation that a developer starts from. */
  readonly docs?: string
  readonly presets?: readonly Preset[]
  /** The service asks for, or its limits allow, no more often than this. */
  readonly minSyncMinutes?: number
  /** Raised when a mapping changes: forces a full run. */
  readonly revision: number
  /** Hosts that calls may go to; settings of kind origin by `setting:<name>`, fields of kind host, origin or told by `field:<name>`. */
  readonly hosts: readonly string[]
  readonly settings: S
  /** Preferred first. */
  readonly auth: readonly [Auth<NoInfer<S>>, ...Auth<NoInfer<S>>[]]
  readonly limits?: readonly RateBudget[]
  readonly rateHeaders?: RateHeaders
  /** Query parameters added to every call, such as Facebook's appsecret_proof. Pure. */
  readonly sign?: (facts: { readonly settings: SettingsOf<S>; readonly accessToken: Redacted }) => HttpQuery
  /** Reads the provider's own error form. Pure. */
  readonly classify?: (answer: FailedAnswer) => Classified | undefined
  /** Whose account this is; also the connection test. */
  account(http: ProviderHttp, context: CallContext<S>): Promise<Account>
  /** Ends the grant at the provider, or the written reason why it cannot be ended. */
  readonly revoke: Revoke<S> | { readonly unsupported: string }
  readonly streams: readonly AnyStream[]
  readonly browse?: Browse<S>
  readonly webhooks?: Webhooks<S>
}

/** A provider whose settings type is forgotten, as the node keeps it in lists. */
export type Provider = ProviderFacts<SettingsShape>

/** A provider's way to connect of this kind, if it has it. */
export function authOfKind<K extends AuthKind>(
  { auth }: Pick<Provider, 'auth'>,
  kind: K,
): Extract<Auth, { kind: K }> | undefined {
  return auth.find((one): one is Extract<Auth, { kind: K }> => one.kind === kind)
}

/** How an account was connected. @throws NodeError TOKEN_REVOKED: in a way that the provider no longer has */
export function authOfTokens(
  { id, auth }: Pick<Provider, 'id' | 'auth'>,
  { kind }: Pick<Tokens, 'kind'>,
): Auth {
  const found =
    kind === undefined
      ? (auth.find((one) => one.kind === 'oauth2') ?? auth[0])
      : auth.find((one) => one.kind === kind)
  if (found !== undefined) return found
  throw new NodeError('TOKEN_REVOKED', {
    detail: `${id}: accounts are no longer connected by ${String(kind)}`,
  })
}

/** Facts that most providers do not have to state. */
type Usual = 'icon' | 'revision' | 'settings' | 'streams'

/** As a provider's folder states it: what is left out is `icon.svg`, revision 1, no settings, no streams. */
export type ProviderDeclaration<S extends SettingsShape> = Omit<ProviderFacts<S>, Usual> &
  Partial<Pick<ProviderFacts<S>, Usual>>

/** Declares a provider; names of settings are checked where they are used. */
export function defineProvider<const S extends SettingsShape = SettingsShape>(
  facts: ProviderDeclaration<S>,
): Provider {
  const usual = { icon: 'icon.svg', revision: 1, settings: {}, streams: [] }
  return { ...usual, ...facts } as unknown as Provider
}
