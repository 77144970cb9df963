/** The way out: from a Vault's connect link to the provider's page. Nothing is asked of the provider yet. */
import { keyFingerprint } from '../credentials/key-fingerprint.js'
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { usableProvider } from '../provider/index.js'
import { browserCookie, newBrowserSecret, readBrowserCookie } from './browser-cookie.js'
import { checkedRedirect } from './deep-link.js'
import type { ConnectPorts } from './ports.js'
import { redirectUriOf } from './redirect-uri.js'
import { sendOut } from './send-out.js'
import { signInsIn, type SignIn } from './sign-ins.js'

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
  const redirectUri = redirectUriOf(publicUrl, use.provider.id)
  const location = await sendOut(ports, { use, redirectUri, signIns: signInsIn(ports), signIn, browser })
  log.info('connect.started', { provider: signIn.provider, flow: signIn.flow })
  return { location, cookie: browserCookie(publicUrl, browser) }
}
