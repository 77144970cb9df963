/** The access token of a connector in plain text, for a service that calls the provider itself. Every reading is in the audit log; refresh tokens are never read. */
import { reveal } from '../lib/redacted.js'
import { authOfTokens, usableProvider } from '../provider/index.js'
import type { Connector } from '../store/index.js'
import { openConnectorGrant } from './connector-grant.js'
import { refuseOwners } from './owner.js'
import type { Caller, ConnectorPorts } from './ports.js'

export interface PlainToken {
  /** Plain text. */
  readonly accessToken: string
  /** How it is sent. */
  readonly header: string
  readonly prefix: string
  readonly expiresAtMs: number | null
  /** `null`: the provider did not say. */
  readonly scopes: readonly string[] | null
}

/** One that is about to end is refreshed first. @throws NodeError TOKEN_REVOKED, PROVIDER_DOWN, PROVIDER_NOT_CONFIGURED, FORBIDDEN: its owner is a person with a DID */
export async function readAccessToken(
  ports: ConnectorPorts,
  { actor }: Caller,
  connector: Connector,
): Promise<PlainToken> {
  refuseOwners(connector)
  const { provider } = usableProvider(ports.catalog, connector.type, connector.authKind)
  const grant = await openConnectorGrant(ports, connector, { actor, purpose: 'read' })
  const accessToken = reveal(await grant.current())
  const { expiresAtMs = null, scopes = null, kind } = grant.tokens()
  const auth = authOfTokens(provider, kind === undefined ? {} : { kind })
  const standard = { header: 'authorization', prefix: auth.kind === 'basic' ? 'Basic ' : 'Bearer ' }
  return { accessToken, ...(auth.send ?? standard), expiresAtMs, scopes }
}
