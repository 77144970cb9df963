/** The way back: from the provider's answer to a grant, its capsules, and the link that hands them to the Vault. */
import { oauth2Of } from '../credentials/token-endpoint.js'
import { NodeError } from '../errors.js'
import { createProviderHttp } from '../outbound/index.js'
import {
  usableProvider,
  type Account,
  type Provider,
  type Tokens,
  type UsableProvider,
} from '../provider/index.js'
import { readBrowserCookie } from './browser-cookie.js'
import { handOver } from './hand-over.js'
import { makeGrant } from './make-grant.js'
import type { ConnectPorts } from './ports.js'
import { checkIssuer, refusalOf, type CallbackQuery } from './provider-return.js'
import { redirectUriOf } from './redirect-uri.js'
import { runStrategy } from './run-strategy.js'
import { signInsIn, type TakenSignIn } from './sign-ins.js'
import { createStrategy } from './strategy.js'

export interface ConnectReturn {
  /** The provider whose address was called. */
  readonly provider: string
  readonly query: CallbackQuery
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
}

/** What the success page shows. */
export interface Connected {
  readonly provider: Provider
  readonly account: Account
  /** The button's address: the deep link, or the allowed redirect. */
  readonly link: string
  /** Whether the link leads to an allowed redirect instead of the Vault. */
  readonly redirected: boolean
  /** Permissions that were asked for and not given, by the sentences that say why they are wanted. */
  readonly missing: readonly string[]
}

/** The person waits in front of a browser. */
const PATIENCE_MS = 30_000

export async function finishConnect(ports: ConnectPorts, back: ConnectReturn): Promise<Connected> {
  const use = usableProvider(ports.catalog, back.provider)
  const patience = new AbortController()
  const timer = setTimeout(() => {
    patience.abort(new NodeError('PROVIDER_DOWN', { detail: `no answer within ${PATIENCE_MS} ms` }))
  }, PATIENCE_MS)
  try {
    const { tokens, signIn } = await receiveTokens(ports, use, back, patience.signal)
    const account = await readAccount(ports, use, tokens, patience.signal)
    const capsules = await makeGrant(ports, { signIn, tokens, account })
    const link = await handOver(ports, signIn, capsules)
    const missing = missingScopes(use, tokens)
    ports.log.info('connect.finished', {
      provider: use.provider.id,
      flow: signIn.flow,
      missing: missing.length,
    })
    return { provider: use.provider, account, link, redirected: signIn.redirect !== null, missing }
  } catch (error) {
    ports.log.warn('connect.failed', { provider: use.provider.id, error })
    throw error
  } finally {
    clearTimeout(timer)
  }
}

interface Received {
  readonly tokens: Tokens
  readonly signIn: TakenSignIn
}

async function receiveTokens(
  ports: ConnectPorts,
  use: UsableProvider,
  { query, cookies }: ConnectReturn,
  signal: AbortSignal,
): Promise<Received> {
  const { id } = use.provider
  const signIns = signInsIn(ports)
  const browser = readBrowserCookie(ports.publicUrl, cookies)
  const { code, state } = query
  const refusal = refusalOf(query)
  // Passport looks at errors before it looks at the state; here nothing counts without the state, and it ends the attempt.
  if (refusal !== undefined || code === undefined || state === undefined) {
    await signIns.take({ provider: id, state, browser })
    throw refusal ?? new NodeError('CODE_REJECTED', { detail: 'the provider sent no code' })
  }
  const checked = {
    ...signIns,
    take: async (taken: Parameters<typeof signIns.take>[0]) => {
      const signIn = await signIns.take(taken)
      checkIssuer(use, query)
      return signIn
    },
  }
  const strategy = createStrategy({
    use,
    auth: oauth2Of(use),
    redirectUri: redirectUriOf(ports.publicUrl, id),
    signIns: checked,
    tokenPorts: { ...ports.outbound, clock: ports.clock, log: ports.log, signal },
  })
  const request = { query: { code, state }, browser }
  const end = await runStrategy<Tokens, { readonly state: TakenSignIn }>(strategy, request, {})
  if (end.kind === 'redirect') throw new NodeError('INTERNAL', { detail: 'the strategy began anew' })
  return { tokens: end.user, signIn: end.info.state }
}

/** Also the test of the connection: an account that cannot be read is not connected. */
function readAccount(
  { clock, log, outbound }: ConnectPorts,
  { provider, settings }: UsableProvider,
  tokens: Tokens,
  signal: AbortSignal,
): Promise<Account> {
  const tokenSource = {
    current: () => Promise.resolve(tokens.accessToken),
    refresh: () => Promise.reject(new NodeError('TOKEN_REVOKED', { detail: 'a fresh token was refused' })),
  }
  const http = createProviderHttp({ provider, settings, tokenSource, clock, log, signal, ...outbound })
  return provider.account(http, { settings })
}

function missingScopes(use: UsableProvider, { scopes: granted }: Tokens): readonly string[] {
  if (granted === undefined) return []
  return Object.entries(oauth2Of(use).scopes)
    .filter(([scope]) => !granted.includes(scope))
    .map(([, reason]) => reason)
}
