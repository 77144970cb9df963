/** The end of every way to connect: from tokens to a tested account, its grant and capsules, and the link that hands them to the Vault. */
import type { Account, Provider, Tokens, UsableProvider } from '../provider/index.js'
import { handOver } from './hand-over.js'
import { makeGrant } from './make-grant.js'
import type { ConnectPorts } from './ports.js'
import { readAccount } from './read-account.js'
import { missingScopes } from './receive-tokens.js'
import type { SignIn } from './sign-ins.js'

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

export interface Completing {
  readonly signIn: SignIn
  readonly tokens: Tokens
  readonly signal: AbortSignal
}

/** Nothing is kept when it fails. @throws NodeError TOKEN_REVOKED, SCOPE_MISSING, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export async function completeConnect(
  ports: ConnectPorts,
  use: UsableProvider,
  { signIn, tokens, signal }: Completing,
): Promise<Connected> {
  const account = await readAccount(ports, use, tokens, signal)
  const capsules = await makeGrant(ports, { signIn, tokens, account })
  const link = await handOver(ports, signIn, capsules)
  const missing = missingScopes(use, signIn.scopes, tokens)
  const { provider } = use
  ports.log.info('connect.finished', { provider: provider.id, flow: signIn.flow, missing: missing.length })
  return { provider, account, link, redirected: signIn.redirect !== null, missing }
}
