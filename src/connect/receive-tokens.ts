/** From the provider's answer in a browser to tokens: the sign-in is taken out, once, and its code exchanged. */
import { oauth2Of } from '../credentials/token-endpoint.js'
import { NodeError } from '../errors.js'
import type { Tokens, UsableProvider } from '../provider/index.js'
import type { ConnectPorts } from './ports.js'
import { checkIssuer, refusalOf, type CallbackQuery } from './provider-return.js'
import { runStrategy } from './run-strategy.js'
import type { SignIns, Taken } from './sign-ins.js'
import { createStrategy } from './strategy.js'

export interface ProviderReturn<S> {
  readonly use: UsableProvider
  /** The very address that the code was asked for with. */
  readonly redirectUri: string
  readonly signIns: SignIns<S>
  readonly query: CallbackQuery
  /** The browser's secret. */
  readonly browser: string | undefined
  readonly signal: AbortSignal
}

export interface Received<S> {
  readonly tokens: Tokens
  readonly signIn: Taken<S>
}

/**
 * @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, CONSENT_DENIED, CODE_REJECTED, PROVIDER_DOWN, RATE_LIMITED,
 * PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
 */
export async function receiveTokens<S>(
  { clock, log, outbound }: Pick<ConnectPorts, 'clock' | 'log' | 'outbound'>,
  { use, redirectUri, signIns, query, browser, signal }: ProviderReturn<S>,
): Promise<Received<S>> {
  const { code, state } = query
  const refusal = refusalOf(query)
  // Passport looks at errors before it looks at the state; here nothing counts without the state, and it ends the attempt.
  if (refusal !== undefined || code === undefined || state === undefined) {
    await signIns.take({ provider: use.provider.id, state, browser })
    throw refusal ?? new NodeError('CODE_REJECTED', { detail: 'the provider sent no code' })
  }
  const checked: SignIns<S> = {
    ...signIns,
    async take(back) {
      const signIn = await signIns.take(back)
      checkIssuer(use, query)
      return signIn
    },
  }
  const tokenPorts = { ...outbound, clock, log, signal }
  const strategy = createStrategy({ use, auth: oauth2Of(use), redirectUri, signIns: checked, tokenPorts })
  const request = { query: { code, state }, browser }
  const end = await runStrategy<Tokens, { readonly state: Taken<S> }>(strategy, request, {})
  if (end.kind === 'redirect') throw new NodeError('INTERNAL', { detail: 'the strategy began anew' })
  return { tokens: end.user, signIn: end.info.state }
}

/** The sentences of permissions that were asked for and not given. */
export function missingScopes(use: UsableProvider, { scopes: granted }: Tokens): readonly string[] {
  if (granted === undefined) return []
  return Object.entries(oauth2Of(use).scopes)
    .filter(([scope]) => !granted.includes(scope))
    .map(([, reason]) => reason)
}
