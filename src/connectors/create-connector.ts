/** Makes a connector: with credentials it is tested first and then runs; without, it waits for a sign-in. */
import { randomUUID } from 'node:crypto'
import type { UsableProvider } from '../provider/index.js'
import { connections, connectors, type Connector, type ConnectionStatus } from '../store/index.js'
import { audit } from './audit.js'
import { authOf, checkWishes, typeOf, type ConnectorWishes } from './check-request.js'
import { readCredentials } from './credential-form.js'
import { ownerOf } from './owner.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { saveCredentials, type TestedCredentials } from './save-credentials.js'
import { testedAccount } from './test-credentials.js'

export interface NewConnectorRequest extends ConnectorWishes {
  readonly type: string
  /** Whether it runs as soon as it is tested. Default: true. */
  readonly activate?: boolean | undefined
}

/**
 * Nothing is kept when it fails.
 * @throws NodeError REQUEST_INVALID, PROVIDER_NOT_CONFIGURED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED
 */
export async function createConnector(
  ports: ConnectorPorts,
  caller: Caller,
  request: NewConnectorRequest,
): Promise<Connector> {
  const use = typeOf(ports.catalog, request.type)
  checkWishes(ports, use.provider, request)
  const credentials = await readTested(ports, use, request.config)
  const { provider } = use
  const { tenant, subject, actor } = caller
  const { displayName = provider.label, streams = null, syncFrequency = null, activate = true } = request
  const id = randomUUID()
  const nowMs = ports.clock.now()
  const status: ConnectionStatus = credentials === undefined ? 'pending' : activate ? 'active' : 'tested'
  return ports.store.tenant(tenant, async (tx) => {
    const connection = await connections.upsert(tx, {
      owner: ownerOf(tenant, id),
      provider: provider.id,
      // One connection a connector: its account is pinned where nobody reads it, beside its sealed tokens.
      accountHash: id,
      custody: 'node',
      destination: 'tables',
      status,
      nowMs,
    })
    const connector = await connectors.create(tx, {
      id,
      tenant,
      subject,
      type: provider.id,
      displayName,
      authKind: authOf(provider).kind,
      config: {},
      status,
      streams,
      syncFrequency,
      nextRunAtMs: status === 'active' && syncFrequency !== null ? nowMs : null,
      connectionId: connection.id,
      nowMs,
    })
    const facts = { type: provider.id, status, syncFrequency }
    await audit(tx, { tenant, actor, action: 'connector.created', connectorId: id, facts, nowMs })
    if (credentials !== undefined)
      await saveCredentials(tx, ports, { place: { tenant, id }, actor, nowMs }, credentials)
    return connector
  })
}

/** @throws NodeError REQUEST_INVALID, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export async function readTested(
  ports: ConnectorPorts,
  use: UsableProvider,
  config: unknown,
): Promise<TestedCredentials | undefined> {
  if (config === undefined || isEmpty(config)) return undefined
  const tokens = readCredentials(authOf(use.provider), config, ports.clock.now())
  return { tokens, account: await testedAccount(ports, use, tokens) }
}

/** `{}` says the same as nothing: the account is connected by a sign-in. */
const isEmpty = (config: unknown): boolean =>
  typeof config === 'object' && config !== null && !Array.isArray(config) && Object.keys(config).length === 0
