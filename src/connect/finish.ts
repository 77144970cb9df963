/** The way back: from the provider's answer to a grant, its capsules, and the link that hands them to the Vault. */
import { enabledProvider } from '../provider/index.js'
import { readBrowserCookie } from './browser-cookie.js'
import { completeConnect, type Connected } from './complete.js'
import { startPatience } from './patience.js'
import type { ConnectPorts } from './ports.js'
import type { CallbackQuery } from './provider-return.js'
import { receiveTokens } from './receive-tokens.js'
import { redirectUriOf } from './redirect-uri.js'
import { signInsIn } from './sign-ins.js'

export type { Connected } from './complete.js'

export interface ConnectReturn {
  /** The provider whose address was called. */
  readonly provider: string
  readonly query: CallbackQuery
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
}

export async function finishConnect(ports: ConnectPorts, back: ConnectReturn): Promise<Connected> {
  const use = enabledProvider(ports.catalog, back.provider)
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
    return await completeConnect(ports, use, { signIn, tokens, signal: patience.signal })
  } catch (error) {
    ports.log.warn('connect.failed', { provider: use.provider.id, error })
    throw error
  } finally {
    patience.end()
  }
}
