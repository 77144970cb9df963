/** The way out: from a Vault's connect link to the provider's page, or to a form. Nothing is asked of the provider yet. */
import { askedScopes } from '../credentials/asked-scopes.js'
import { keyFingerprint } from '../credentials/key-fingerprint.js'
import { NodeError } from '../errors.js'
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { NO_FIELDS, enabledProvider, type Auth, type Provider } from '../provider/index.js'
import { browserCookie, newBrowserSecret, readBrowserCookie } from './browser-cookie.js'
import { checkedRedirect } from './deep-link.js'
import { asksFor, beginForm, type EntryForm } from './entry-form.js'
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
  /** The way to connect. Default: the provider's preferred one. */
  readonly auth?: string | undefined
  /** Only what these need is asked for. Default: all. */
  readonly streams?: readonly string[] | undefined
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
}

export interface ConnectStarted {
  /** The provider's page. */
  readonly location: string
  /** The Set-Cookie header that must go with it. */
  readonly cookie: string
}

export type ConnectBegun =
  | ({ readonly kind: 'out' } & ConnectStarted)
  | { readonly kind: 'form'; readonly form: EntryForm; readonly cookie: string }

/** @throws NodeError REQUEST_INVALID, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED, REDIRECT_REFUSED */
export async function startConnect(ports: ConnectPorts, start: ConnectStart): Promise<ConnectBegun> {
  const { catalog, secrets, publicUrl, redirectOrigins, log } = ports
  const use = enabledProvider(catalog, start.provider)
  const auth = chosenAuth(use.provider, start.auth)
  const streams = chosenStreams(use.provider, start.streams)
  const signIn: SignIn = {
    step: asksFor(auth) ? 'form' : 'out',
    kind: auth.kind,
    fields: NO_FIELDS,
    scopes: askedScopes(use.provider, auth, { streams, browse: false }),
    provider: use.provider.id,
    did: start.did,
    keyFingerprint:
      start.key === undefined ? null : keyFingerprint(secrets.secret(secrets.current), start.key),
    redirect: start.redirect === undefined ? null : checkedRedirect(start.redirect, redirectOrigins),
    flow: start.challenge === undefined ? 'link' : 'code',
    challenge: start.challenge ?? null,
  }
  const others = use.provider.auth
    .filter(({ kind }) => kind !== auth.kind)
    .map((other): SignIn => {
      const scopes = askedScopes(use.provider, other, { streams, browse: false })
      return { ...signIn, kind: other.kind, scopes }
    })
  const browser = readBrowserCookie(publicUrl, start.cookies) ?? newBrowserSecret()
  const cookie = browserCookie(publicUrl, browser)
  log.info('connect.started', { provider: signIn.provider, flow: signIn.flow })
  if (signIn.step === 'form')
    return { kind: 'form', form: await beginForm(ports, use, { signIn, browser, others }), cookie }
  const redirectUri = redirectUriOf(publicUrl, use.provider.id)
  const location = await sendOut(ports, { use, redirectUri, signIns: signInsIn(ports), signIn, browser })
  return { kind: 'out', location, cookie }
}

function chosenAuth({ auth }: Provider, kind: string | undefined): Auth {
  const found = kind === undefined ? auth[0] : auth.find((one) => one.kind === kind)
  if (found !== undefined) return found
  throw invalid('auth', `must be one of ${auth.map((one) => one.kind).join(', ')}`)
}

function chosenStreams(
  { streams }: Provider,
  chosen: readonly string[] | undefined,
): readonly string[] | null {
  if (chosen === undefined) return null
  const known = new Set(streams.map(({ name }) => name))
  if (chosen.length === 0 || !chosen.every((name) => known.has(name)))
    throw invalid('streams', `must be some of ${[...known].join(', ')}`)
  return chosen
}

const invalid = (path: string, message: string): NodeError =>
  new NodeError('REQUEST_INVALID', { fields: [{ path, message }] })
