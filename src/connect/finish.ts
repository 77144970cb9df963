/** The way back: from the provider's answer to a grant, its capsules, and the link that hands them to the Vault. */
import { usableProvider, type Account, type Provider } from '../provider/index.js'
import { readBrowserCookie } from './browser-cookie.js'
import { handOver } from './hand-over.js'
import { makeGrant } from './make-grant.js'
import { startPatience } from './patience.js'
import type { ConnectPorts } from './ports.js'
import type { CallbackQuery } from './provider-return.js'
import { readAccount } from './read-account.js'
import { missingScopes, receiveTokens } from './receive-tokens.js'
import { redirectUriOf } from './redirect-uri.js'
import { signInsIn } from './sign-ins.js'

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

export async function finishConnect(ports: ConnectPorts, back: ConnectReturn): Promise<Connected> {
  const use = usableProvider(ports.catalog, back.provider)
  const patience = startPatience()
  try {
    const { tokens, signIn } = await receiveTokens(ports, {
      use,
      redirectUri: redirectUriOf(ports.publicUrl, use.provider.id),
      signIns: signInsIn(ports),
      query: back.query,
      browser: readBrowserCookie(ports.publicUrl, back.cookies),
      signal: patience.signal,
    })
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
    patience.end()
  }
}
