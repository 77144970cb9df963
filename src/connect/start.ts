/** The way out: from a Vault's connect link to the provider's page. Nothing is asked of the provider yet. */
import { keyFingerprint } from '../credentials/key-fingerprint.js'
import { oauth2Of } from '../credentials/token-endpoint.js'
import { NodeError } from '../errors.js'
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { usableProvider } from '../provider/index.js'
import { browserCookie, newBrowserSecret, readBrowserCookie } from './browser-cookie.js'
import { checkedRedirect } from './deep-link.js'
import type { ConnectPorts } from './ports.js'
import { redirectUriOf } from './redirect-uri.js'
import { runStrategy } from './run-strategy.js'
import { signInsIn, type SignIn } from './sign-ins.js'
import { createStrategy } from './strategy.js'

export interface ConnectStart {
  readonly provider: string
  readonly did: Did
  /** The Vault's key: only its keyed fingerprint is kept. */
  readonly key?: Bytes | undefined
  /** An address of an allowed origin that takes the result instead of the Vault. */
  readonly redirect?: string | undefined
  /** S256 challenge: the link then carries a one-time code and no capsules. */
  readonly challenge?: string | undefined
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
}

export interface ConnectStarted {
  /** The provider's page. */
  readonly location: string
  /** The Set-Cookie header that must go with it. */
  readonly cookie: string
}

export async function startConnect(ports: ConnectPorts, start: ConnectStart): Promise<ConnectStarted> {
  const { catalog, secrets, publicUrl, redirectOrigins, log } = ports
  const use = usableProvider(catalog, start.provider)
  const signIn: SignIn = {
    provider: use.provider.id,
    did: start.did,
    keyFingerprint:
      start.key === undefined ? null : keyFingerprint(secrets.secret(secrets.current), start.key),
    redirect: start.redirect === undefined ? null : checkedRedirect(start.redirect, redirectOrigins),
    flow: start.challenge === undefined ? 'link' : 'code',
    challenge: start.challenge ?? null,
  }
  const browser = readBrowserCookie(publicUrl, start.cookies) ?? newBrowserSecret()
  const strategy = createStrategy({
    use,
    auth: oauth2Of(use),
    redirectUri: redirectUriOf(publicUrl, use.provider.id),
    signIns: signInsIn(ports),
    tokenPorts: ports,
  })
  const end = await runStrategy(strategy, { query: {}, browser }, { state: signIn })
  if (end.kind !== 'redirect') throw new NodeError('INTERNAL', { detail: 'the strategy did not redirect' })
  log.info('connect.started', { provider: signIn.provider, flow: signIn.flow })
  return { location: end.location, cookie: browserCookie(publicUrl, browser) }
}
