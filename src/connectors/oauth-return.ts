/** The way back for a connector: from the provider's answer to sealed tokens of a tested account, and the person to the application. */
import {
  linkTo,
  missingScopes,
  readAccount,
  readBrowserCookie,
  receiveTokens,
  startPatience,
  type CallbackQuery,
  type SignIns,
} from '../connect/index.js'
import { NodeError, toNodeError } from '../errors.js'
import { enabledProvider, type Account, type UsableProvider } from '../provider/index.js'
import { connectors, type Connector } from '../store/index.js'
import { audit } from './audit.js'
import { activate } from './change-connector.js'
import { connectedBy } from './connected-by.js'
import { changeConnector, tellCreated } from './connector-status.js'
import { connectorRedirectUri } from './oauth-start.js'
import { connectorSignIns, type ConnectorSignIn } from './oauth-sign-ins.js'
import type { ConnectorPorts } from './ports.js'
import { saveCredentials, type TestedCredentials } from './save-credentials.js'

export interface OAuthReturn {
  readonly query: CallbackQuery
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
}

/** `redirect`: back to the application, which learns there how it went. */
export type OAuthEnd =
  { readonly kind: 'redirect'; readonly location: string } | (Connected & { readonly kind: 'connected' })

/**
 * Nothing is kept of an attempt that fails.
 * @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, and, when the application named no address: CONSENT_DENIED, CODE_REJECTED,
 * SCOPE_MISSING, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, ACCOUNT_DIFFERS, ADDRESS_DIFFERS
 */
export async function finishSignIn(
  ports: ConnectorPorts,
  type: string,
  back: OAuthReturn,
): Promise<OAuthEnd> {
  const use = enabledProvider(ports.catalog, type)
  // Known as soon as the state is taken: then a failure too goes back to the application.
  let taken: ConnectorSignIn | undefined
  try {
    const { query, cookies } = back
    const browser = readBrowserCookie(ports.publicUrl, cookies)
    const connected = await receiveSignIn(ports, use, { query, browser }, (signIn) => {
      // Its code belongs to the application's own page (oauth-direct.ts).
      if (signIn.redirectUri !== undefined) throw new NodeError('STATE_UNKNOWN')
      taken = signIn
    })
    const { connector, missing } = connected
    ports.log.info('connect.finished', { provider: type, flow: 'tenant', missing: missing.length })
    const redirect = taken?.redirect ?? undefined
    if (redirect === undefined) return { kind: 'connected', ...connected }
    const location = linkTo(redirect, { connector_id: connector.id, status: 'connected' })
    return { kind: 'redirect', location }
  } catch (error) {
    ports.log.warn('connect.failed', { provider: type, error })
    const { code, fate } = toNodeError(error)
    const redirect = taken?.redirect ?? undefined
    if (taken === undefined || redirect === undefined || fate === 'bug') throw error
    const values = { connector_id: taken.connectorId, status: 'failed', error: code }
    return { kind: 'redirect', location: linkTo(redirect, values) }
  }
}

export interface Connected {
  readonly connector: Connector
  /** For the page that the person sees; applications are not told. */
  readonly account: Account
  readonly missing: readonly string[]
}

/** `onTaken` may refuse a sign-in before its code is sent anywhere; it is spent then. */
export async function receiveSignIn(
  ports: ConnectorPorts,
  use: UsableProvider,
  { query, browser }: { readonly query: CallbackQuery; readonly browser: string | undefined },
  onTaken: (signIn: ConnectorSignIn) => void,
): Promise<Connected> {
  const signIns = connectorSignIns(ports)
  const noted: SignIns<ConnectorSignIn> = {
    ...signIns,
    async take(back) {
      const signIn = await signIns.take(back)
      onTaken(signIn)
      return signIn
    },
  }
  const patience = startPatience()
  try {
    const { tokens, signIn } = await receiveTokens(ports, {
      use,
      redirectUri: connectorRedirectUri(ports.publicUrl, use.provider.id),
      signIns: noted,
      query,
      browser,
      signal: patience.signal,
    })
    const account = await readAccount(ports, use, tokens, patience.signal)
    const connector = await keep(ports, signIn, { tokens, account })
    return { connector, account, missing: missingScopes(use, signIn.scopes, tokens) }
  } finally {
    patience.end()
  }
}

async function keep(
  ports: ConnectorPorts,
  { tenant, connectorId: id }: ConnectorSignIn,
  credentials: TestedCredentials,
): Promise<Connector> {
  const { store, clock } = ports
  const nowMs = clock.now()
  const actor = 'sign-in'
  return store.tenant(tenant, async (tx) => {
    const current = await connectors.get(tx, id)
    if (current === undefined || current.status === 'revoked')
      throw new NodeError('STATE_UNKNOWN', { detail: 'the connector was deleted meanwhile' })
    // First of all writes, as everywhere: its row is locked before the audit log.
    const changed = await changeConnector(tx, current, {
      ...connectedBy(credentials.tokens, current.config),
      nowMs,
    })
    if (!(await saveCredentials(tx, ports, { place: { tenant, id }, actor, nowMs }, credentials)))
      throw new NodeError('ACCOUNT_DIFFERS')
    await ports.onConnected?.(tx, { connector: current, account: credentials.account, nowMs })
    await audit(tx, { tenant, actor, action: 'connector.connected', connectorId: id, nowMs })
    // What its tenant paused stays so.
    if (current.status === 'paused') return changed
    const active = await activate(tx, changed, nowMs)
    if (current.status === 'pending') await tellCreated(tx, active, nowMs)
    return active
  })
}
