/**
 * Sign-ins whose person comes back to a page of the application itself, which then hands in code and state. The state is
 * good once; the verifier stays here; and what binds them to a browser is a secret that the application keeps in a cookie
 * of its own, or this node in one of its own: the same value has to come back (double submit).
 */
import {
  browserCookie,
  checkedRedirect,
  newBrowserSecret,
  readBrowserCookie,
  sendOut,
  SIGN_IN_MS,
  type CallbackQuery,
} from '../connect/index.js'
import { NodeError } from '../errors.js'
import { enabledProvider } from '../provider/index.js'
import type { Connector } from '../store/index.js'
import { receiveSignIn, type Connected } from './oauth-return.js'
import { connectorSignIns } from './oauth-sign-ins.js'
import { prepareSignIn, type AuthorizeRequest } from './oauth-start.js'
import type { Caller, ConnectorPorts } from './ports.js'

export interface DirectRequest extends Omit<AuthorizeRequest, 'redirect' | 'state'> {
  /** A page of an origin that the operator listed, registered at the provider. */
  readonly redirectUri: string
}

export interface DirectStart {
  readonly connector: Connector
  /** The provider's page. */
  readonly url: string
  /** Comes back with the code. */
  readonly state: string
  /** Has to come back too, out of the cookie of the person's browser. */
  readonly binding: string
  /** The Set-Cookie header that carries the binding for pages of this node's own origin. */
  readonly cookie: string
  readonly expiresAtMs: number
}

/** @throws NodeError REQUEST_INVALID, CONNECTOR_UNKNOWN, REDIRECT_REFUSED, PROVIDER_NOT_CONFIGURED, PROVIDER_DISABLED */
export async function startDirect(
  ports: ConnectorPorts,
  caller: Caller,
  { redirectUri: wanted, ...wishes }: DirectRequest,
): Promise<DirectStart> {
  const { publicUrl, redirectOrigins, clock } = ports
  const redirectUri = checkedRedirect(wanted, redirectOrigins)
  const { use, connector, fields, scopes } = await prepareSignIn(ports, caller, wishes)
  const { id: connectorId, tenant, type } = connector
  const binding = newBrowserSecret()
  const url = await sendOut(ports, {
    use,
    redirectUri,
    signIns: connectorSignIns(ports),
    signIn: {
      provider: type,
      tenant,
      connectorId,
      redirect: null,
      step: 'out',
      kind: 'oauth2',
      fields,
      scopes,
      redirectUri,
    },
    browser: binding,
  })
  const state = new URL(url).searchParams.get('state')
  if (state === null) throw new NodeError('INTERNAL', { detail: 'the way out has no state' })
  const cookie = browserCookie(publicUrl, binding)
  return { connector, url, state, binding, cookie, expiresAtMs: clock.now() + SIGN_IN_MS }
}

export interface DirectReturn {
  readonly query: CallbackQuery
  /** As the application kept it; missing: of the cookie. */
  readonly binding?: string | undefined
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
}

/**
 * @throws NodeError STATE_UNKNOWN (also: of another tenant or provider, or begun for this node's own page), STATE_EXPIRED,
 * CONSENT_DENIED, CODE_REJECTED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, ACCOUNT_DIFFERS
 */
export async function finishDirect(
  ports: ConnectorPorts,
  { tenant }: Caller,
  type: string,
  { query, binding, cookies }: DirectReturn,
): Promise<Connected> {
  const use = enabledProvider(ports.catalog, type)
  const browser = binding ?? readBrowserCookie(ports.publicUrl, cookies)
  return receiveSignIn(ports, use, { query, browser }, (signIn) => {
    if (signIn.redirectUri === undefined || signIn.tenant !== tenant) throw new NodeError('STATE_UNKNOWN')
  })
}
