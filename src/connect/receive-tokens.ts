/** From the provider's answer in a browser to tokens: the sign-in is taken out, once, and its code exchanged. */
import { lackingScopes } from '../credentials/asked-scopes.js'
import { toldTexts } from '../credentials/token-answer.js'
import { oauth2Of } from '../credentials/token-endpoint.js'
import { NodeError } from '../errors.js'
import { authOfTokens, type OAuth2, type Tokens, type UsableProvider } from '../provider/index.js'
import type { ConnectPorts } from './ports.js'
import { checkIssuer, refusalOf, type CallbackQuery } from './provider-return.js'
import { runStrategy } from './run-strategy.js'
import type { SignInDetails, SignIns, Taken } from './sign-ins.js'
import { createStrategy } from './strategy.js'

export interface ProviderReturn<S extends SignInDetails> {
  readonly use: UsableProvider
  /** The very address that the code was asked for with, unless the sign-in names another. */
  readonly redirectUri: string
  readonly signIns: SignIns<S>
  readonly query: CallbackQuery
  /** The browser's secret. */
  readonly browser: string | undefined
  readonly signal: AbortSignal
}

export interface Received<S extends SignInDetails> {
  readonly tokens: Tokens
  readonly signIn: Taken<S>
}

/**
 * @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, CONSENT_DENIED, CODE_REJECTED, PROVIDER_DOWN, RATE_LIMITED,
 * PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
 */
export async function receiveTokens<S extends SignInDetails>(
  { clock, log, outbound }: Pick<ConnectPorts, 'clock' | 'log' | 'outbound'>,
  { use, redirectUri, signIns, query, browser, signal }: ProviderReturn<S>,
): Promise<Received<S>> {
  const { code, state } = query
  // Passport looks at errors before it looks at the state; here nothing counts without the state, and it ends the attempt.
  const taken = await signIns.take({ provider: use.provider.id, state, browser })
  const refusal = refusalOf(query)
  if (refusal !== undefined || code === undefined || state === undefined)
    throw refusal ?? new NodeError('CODE_REJECTED', { detail: 'the provider sent no code' })
  checkIssuer(use, query, taken.fields)
  const auth = oauth2Of(use)
  const told = toldTexts(auth.fields ?? {}, 'callback', (name) => query.others?.[name])
  const strategy = createStrategy({
    use,
    auth,
    redirectUri: taken.redirectUri ?? redirectUri,
    signIns: { ...signIns, take: () => Promise.resolve(taken) },
    tokenPorts: { ...outbound, clock, log, signal },
    fields: { secrets: taken.fields.secrets, texts: { ...taken.fields.texts, ...told } },
    scopes: taken.scopes,
  })
  const request = { query: { code, state }, browser }
  const end = await runStrategy<Tokens, { readonly state: Taken<S> }>(strategy, request, {})
  if (end.kind === 'redirect') throw new NodeError('INTERNAL', { detail: 'the strategy began anew' })
  return { tokens: withAsked(end.user, taken.scopes, auth), signIn: end.info.state }
}

/** Where only some were asked for, an answer that names none grants these (RFC 6749 5.1). */
function withAsked(tokens: Tokens, asked: readonly string[], { scopes }: OAuth2): Tokens {
  const isPart = asked.length < Object.keys(scopes).length
  return tokens.scopes === undefined && isPart ? { ...tokens, scopes: asked } : tokens
}

/** The sentences of permissions that were asked for and not given. */
export function missingScopes(
  { provider }: UsableProvider,
  asked: readonly string[],
  tokens: Tokens,
): readonly string[] {
  const auth = authOfTokens(provider, tokens)
  const reasons: Readonly<Record<string, string>> = 'scopes' in auth ? auth.scopes : {}
  return lackingScopes(provider, tokens, asked).map((scope) => reasons[scope] ?? scope)
}
