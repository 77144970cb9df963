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
import { askedScopes } from '../credentials/asked-scopes.js'
import { fromFieldRecord, toFieldRecord } from '../credentials/field-record.js'
import { oauth2Of } from '../credentials/token-endpoint.js'
import { enabledProvider, type Auth, type FieldValues, type UsableProvider } from '../provider/index.js'
import { connectors, type Connector } from '../store/index.js'
import { audit } from './audit.js'
import { found, typeOf } from './check-request.js'
import { shownFields } from './connected-by.js'
import { createConnector, type NewConnectorRequest } from './create-connector.js'
import { fieldsBelow } from './credential-form.js'
import { invalid } from './invalid.js'
import { connectorSignIns, type ConnectorSignIn } from './oauth-sign-ins.js'
import { issueTicket, takeTicket } from './oauth-ticket.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { withPreset } from './presets.js'

export interface AuthorizeRequest extends Omit<NewConnectorRequest, 'authKind' | 'config' | 'activate'> {
  /** What is entered before the sign-in; missing for a connector that was connected before: as it was then. */
  readonly fields?: Readonly<Record<string, string>> | undefined
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

/** What a sign-in of either form begins with. */
export interface Prepared {
  readonly use: UsableProvider
  readonly connector: Connector
  readonly fields: FieldValues
  readonly scopes: readonly string[]
}

/** The connector is made unless it is there. @throws NodeError REQUEST_INVALID, CONNECTOR_UNKNOWN, PROVIDER_NOT_CONFIGURED, PROVIDER_DISABLED */
export async function prepareSignIn(
  ports: ConnectorPorts,
  caller: Caller,
  { connectorId, ...asked }: Omit<AuthorizeRequest, 'redirect' | 'state'>,
): Promise<Prepared> {
  const { store, clock, catalog } = ports
  const use = typeOf(catalog, asked.type)
  const auth = oauth2Of(use)
  const { fields, ...wishes } = connectorId === undefined ? withPreset(use.provider, auth, asked) : asked
  const before = connectorId === undefined ? undefined : await known(ports, caller, connectorId, wishes)
  const entered = fieldsBelow('fields', fields ?? enteredBefore(before, auth), auth, use.settings)
  const connector = before ?? (await createConnector(ports, caller, { ...wishes, authKind: auth.kind }))
  const { id, tenant, streams } = connector
  const { actor } = caller
  await store.tenant(tenant, (tx) =>
    audit(tx, { tenant, actor, action: 'connector.authorize_started', connectorId: id, nowMs: clock.now() }),
  )
  return {
    use,
    connector,
    fields: entered,
    scopes: askedScopes(use.provider, auth, { streams, browse: true }),
  }
}

/** @throws NodeError REQUEST_INVALID, CONNECTOR_UNKNOWN, REDIRECT_REFUSED, PROVIDER_NOT_CONFIGURED, PROVIDER_DISABLED */
export async function authorizeConnector(
  ports: ConnectorPorts,
  caller: Caller,
  { redirect, state, ...wishes }: AuthorizeRequest,
): Promise<Authorize> {
  const { publicUrl, redirectOrigins } = ports
  const target = redirect === undefined ? null : withState(checkedRedirect(redirect, redirectOrigins), state)
  const { connector, fields, scopes } = await prepareSignIn(ports, caller, wishes)
  const { id, tenant, type } = connector
  const ticket = issueTicket(ports, type, {
    tenant,
    connectorId: id,
    redirect: target,
    fields: toFieldRecord(fields),
    scopes: [...scopes],
  })
  const url = linkTo(`${publicUrl.replace(/\/$/, '')}${oauthPath(type)}/start`, { ticket: ticket.text })
  return { connector, url, expiresAtMs: ticket.expiresAtMs }
}

/** Told ones are told again. */
function enteredBefore(connector: Connector | undefined, { fields: shape = {} }: Auth): object {
  const shown = connector === undefined ? {} : shownFields(connector)
  return Object.fromEntries(
    Object.entries(shown).filter(([name]) => shape[name] !== undefined && shape[name].kind !== 'told'),
  )
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
  enabledProvider(catalog, type)
  return connector
}

/** @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED */
export async function beginSignIn(
  ports: ConnectorPorts,
  type: string,
  { ticket, cookies }: { readonly ticket: string; readonly cookies: string | undefined },
): Promise<ConnectStarted> {
  const { catalog, publicUrl, log } = ports
  const use = enabledProvider(catalog, type)
  const { fields, ...taken } = await takeTicket(ports, type, ticket)
  const signIn: ConnectorSignIn = {
    ...taken,
    provider: use.provider.id,
    step: 'out',
    kind: 'oauth2',
    fields: fromFieldRecord(fields),
  }
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
