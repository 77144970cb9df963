/** Which permissions an account is asked for: those that everything needs, and those of what was chosen. */
import type { Auth, OAuth2, Provider, Tokens } from '../provider/index.js'
import { authOfTokens } from '../provider/index.js'

export interface Choice {
  /** `null`: all. */
  readonly streams: readonly string[] | null
  /** Whether the account is looked into live, too. */
  readonly browse: boolean
}

/** In the order of the declaration. */
export function askedScopes(
  { streams, browse }: Pick<Provider, 'streams' | 'browse'>,
  auth: Auth,
  choice: Choice,
): readonly string[] {
  if (!('scopes' in auth)) return []
  const isChosen = (name: string): boolean => choice.streams === null || choice.streams.includes(name)
  const ofStreams = streams.filter(({ name }) => isChosen(name)).flatMap((one) => one.scopes ?? [])
  const ofBrowse = browse?.scopes ?? []
  const named = new Set([...streams.flatMap((one) => one.scopes ?? []), ...ofBrowse])
  const wanted = new Set([...ofStreams, ...(choice.browse ? ofBrowse : [])])
  return Object.keys(auth.scopes).filter((scope) => !named.has(scope) || wanted.has(scope))
}

/** Of OpenID Connect: services name them unasked, or leave them out. */
const IDENTITY_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access']

/**
 * Scopes of a stream that the account did not grant; none while the service did not say what it granted, or said it in
 * names that nobody here can read: then its own refusal counts.
 */
export function lackingScopes(
  provider: Pick<Provider, 'id' | 'auth'>,
  tokens: Tokens,
  needed: readonly string[] = [],
): readonly string[] {
  const { scopes: granted } = tokens
  if (granted === undefined || needed.length === 0) return []
  const auth = authOfTokens(provider, tokens)
  const known: readonly string[] = 'scopes' in auth ? Object.keys(auth.scopes) : []
  const grants = auth.kind === 'oauth2' ? auth.scopeGrants : undefined
  const given = granted.flatMap((scope) => [scope, ...impliedBy(grants, scope)])
  const isReadable = (scope: string): boolean =>
    IDENTITY_SCOPES.includes(scope) || known.some((one) => isSameScope(one, scope))
  if (grants === undefined && !granted.every(isReadable)) return []
  return needed.filter((scope) => known.includes(scope) && !given.some((one) => isSameScope(one, scope)))
}

const impliedBy = (grants: OAuth2['scopeGrants'] = {}, scope: string): readonly string[] =>
  Object.hasOwn(grants, scope) ? (grants[scope] ?? []) : []

/** Some are asked for by a short name and answered as an address that ends in it, or the other way round. */
function isSameScope(one: string, other: string): boolean {
  if (one === other) return true
  const [isAddress, isOther] = [one, other].map((scope) => /^https?:\/\//.test(scope))
  if (isAddress === isOther) return false
  return lastPart(one) === lastPart(other)
}

const lastPart = (scope: string): string => scope.slice(scope.lastIndexOf('/') + 1)
