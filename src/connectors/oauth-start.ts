/** The way out for a connector: an application asks for a link, and the browser that follows it is sent to the provider. */
import {
  browserCookie,
  checkedRedirect,
  linkTo,
  newBrowserSecret,
  readBrowserCookie,
  sendOut,
  type ConnectStarted,
} from '../connect/index.js'
import { usableProvider } from '../provider/index.js'
import { connectors, type Connector } from '../store/index.js'
import { audit } from './audit.js'
import { found } from './check-request.js'
import { createConnector, type NewConnectorRequest } from './create-connector.js'
import { invalid } from './invalid.js'
import { connectorSignIns } from './oauth-sign-ins.js'
import { issueTicket, takeTicket } from './oauth-ticket.js'
import type { Caller, ConnectorPorts } from './ports.js'

export interface AuthorizeRequest extends Omit<NewConnectorRequest, 'config' | 'activate'> {
  /** Connects this one, or connects it again; without it a new one is made. */
  readonly connectorId?: string | undefined
  /** Where the person goes afterwards: of an origin that the operator listed. */
  readonly redirect?: string | undefined
  /** Given back with the person, so that the application knows which of its sessions this was. */
  readonly state?: string | undefined
}

export interface Authorize {
  readonly connector: Connector
  /** For the person's browser; good once. */
  readonly url: string
  readonly expiresAtMs: number
}

/** Below PUBLIC_URL: what the operator registers at the provider is `<it>/callback`. */
export const oauthPath = (type: string): string => `/v1/oauth/${encodeURIComponent(type)}`

export const connectorRedirectUri = (publicUrl: string, type: string): string =>
  `${publicUrl.replace(/\/$/, '')}${oauthPath(type)}/callback`

/** @throws NodeError REQUEST_INVALID, CONNECTOR_UNKNOWN, REDIRECT_REFUSED, PROVIDER_NOT_CONFIGURED */
export async function authorizeConnector(
  ports: ConnectorPorts,
  caller: Caller,
  request: AuthorizeRequest,
): Promise<Authorize> {
  const { store, clock, publicUrl, redirectOrigins } = ports
  const { connectorId, redirect, state, ...wishes } = request
  const target = redirect === undefined ? null : withState(checkedRedirect(redirect, redirectOrigins), state)
  const connector =
    connectorId === undefined
      ? await createConnector(ports, caller, wishes)
      : await known(ports, caller, connectorId, wishes)
  const { id, tenant, type } = connector
  const ticket = issueTicket(ports, type, { tenant, connectorId: id, redirect: target })
  await store.tenant(tenant, (tx) =>
    audit(tx, {
      tenant,
      actor: caller.actor,
      action: 'connector.authorize_started',
      connectorId: id,
      nowMs: clock.now(),
    }),
  )
  const url = linkTo(`${publicUrl.replace(/\/$/, '')}${oauthPath(type)}/start`, { ticket: ticket.text })
  return { connector, url, expiresAtMs: ticket.expiresAtMs }
}

const withState = (redirect: string, state: string | undefined): string =>
  state === undefined ? redirect : linkTo(redirect, { state })

async function known(
  { store, catalog }: ConnectorPorts,
  { tenant }: Caller,
  id: string,
  { type, ...wishes }: NewConnectorRequest,
): Promise<Connector> {
  const surplus = Object.entries(wishes).find(([, value]) => value !== undefined)
  if (surplus !== undefined)
    throw invalid('connector_id', 'names a connector that is there: change it by its own address')
  const connector = found(await store.tenant(tenant, (tx) => connectors.get(tx, id)))
  if (connector.type !== type) throw invalid('connector_id', 'is a connector of another type')
  usableProvider(catalog, type)
  return connector
}

/** @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED */
export async function beginSignIn(
  ports: ConnectorPorts,
  type: string,
  { ticket, cookies }: { readonly ticket: string; readonly cookies: string | undefined },
): Promise<ConnectStarted> {
  const { catalog, publicUrl, log } = ports
  const use = usableProvider(catalog, type)
  const signIn = { provider: use.provider.id, ...(await takeTicket(ports, type, ticket)) }
  const browser = readBrowserCookie(publicUrl, cookies) ?? newBrowserSecret()
  const location = await sendOut(ports, {
    use,
    redirectUri: connectorRedirectUri(publicUrl, use.provider.id),
    signIns: connectorSignIns(ports),
    signIn,
    browser,
  })
  log.info('connect.started', { provider: use.provider.id, flow: 'tenant' })
  return { location, cookie: browserCookie(publicUrl, browser) }
}
