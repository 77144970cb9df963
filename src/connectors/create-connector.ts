/** Makes a connector: with credentials it is tested first and then runs; without, it waits for a sign-in. */
import { randomBytes, randomUUID } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { Did } from '../lib/did.js'
import { rulesOf } from '../provider/index.js'
import {
  connections,
  connectorCredentials,
  connectors,
  type Connector,
  type ConnectionStatus,
  type ScopedTx,
} from '../store/index.js'
import { audit } from './audit.js'
import { withBackfill } from './backfill.js'
import { authOf, checkWishes, typeOf, type ConnectorWishes } from './check-request.js'
import { connectedBy } from './connected-by.js'
import { tellCreated } from './connector-status.js'
import { withFileContent } from './file-content.js'
import { ownerOf } from './owner.js'
import type { Caller, ConnectorPorts } from './ports.js'
import { withPreset } from './presets.js'
import { sealOwnerKey, type CredentialField } from './sealed-credentials.js'
import { saveCredentials, type TestedCredentials } from './save-credentials.js'
import { testedCredentials, type GivenCredentials } from './test-credentials.js'

export interface NewConnectorRequest extends ConnectorWishes {
  readonly type: string
  /** Whether it runs as soon as it is tested. Default: true. */
  readonly activate?: boolean | undefined
  /** Who has agreed to it, proven: the records go to this DID's databases, and not to the tenant. */
  readonly ownerDid?: Did | undefined
}

/** What else is written in the transaction of a change, or not at all. */
export type Alongside = (tx: ScopedTx, connector: Connector) => Promise<void>

const OWNER_KEY_BYTES = 32

/**
 * Nothing is kept when it fails.
 * @throws NodeError REQUEST_INVALID, LIMIT_REACHED, PROVIDER_NOT_CONFIGURED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED
 */
export async function createConnector(
  ports: ConnectorPorts,
  caller: Caller,
  asked: NewConnectorRequest,
  { id = randomUUID(), alongside }: { readonly id?: string; readonly alongside?: Alongside } = {},
): Promise<Connector> {
  const use = typeOf(ports.catalog, asked.type, asked.authKind)
  const { provider } = use
  const auth = authOf(provider, asked.authKind)
  const request = withPreset(provider, auth, asked)
  const destination = request.ownerDid === undefined ? 'tables' : 'vault'
  checkWishes(ports, provider, request, { destination })
  const given = { use, auth, config: request.config, streams: request.streams ?? null }
  const credentials = await readTested(ports, given)
  const { tenant, subject, actor } = caller
  const { displayName = provider.label, streams = null, syncFrequency = null, activate = true } = request
  const nowMs = ports.clock.now()
  const status: ConnectionStatus = credentials === undefined ? 'pending' : activate ? 'active' : 'tested'
  const { authKind, config } =
    credentials === undefined ? { authKind: auth.kind, config: {} } : connectedBy(credentials.tokens)
  return ports.store.tenant(tenant, async (tx) => {
    if ((await connectors.countForOneMore(tx, tenant)) >= ports.mostConnectors)
      throw new NodeError('LIMIT_REACHED', {
        detail: `a tenant has at most ${ports.mostConnectors} connectors`,
      })
    const { maxConnections = Infinity } = rulesOf(ports.catalog, provider.id).limits
    if ((await connectors.countOfType(tx, tenant, provider.id)) >= maxConnections)
      throw new NodeError('LIMIT_REACHED', {
        detail: `a tenant has at most ${maxConnections} connections of ${provider.label}`,
      })
    const connection = await connections.upsert(tx, {
      owner: request.ownerDid ?? ownerOf(tenant, id),
      provider: provider.id,
      // One connection a connector: its account is pinned where nobody reads it, beside its sealed tokens.
      accountHash: id,
      custody: 'node',
      destination,
      status,
      nowMs,
    })
    const connector = await connectors.create(tx, {
      id,
      tenant,
      subject,
      type: provider.id,
      displayName,
      authKind,
      config: withFileContent(
        withBackfill({ config }, request.backfillDays, nowMs),
        request.fileContentMaxBytes,
      ),
      status,
      streams,
      syncFrequency,
      nextRunAtMs: status === 'active' && syncFrequency !== null ? nowMs : null,
      connectionId: connection.id,
      ...(request.ownerDid !== undefined && { ownerDid: request.ownerDid }),
      nowMs,
    })
    await alongside?.(tx, connector)
    if (request.ownerDid !== undefined) {
      const sealed = sealOwnerKey(ports.ring, { tenant, id }, randomBytes(OWNER_KEY_BYTES))
      const field: CredentialField = 'owner_key'
      await connectorCredentials.put(tx, { connectorId: id, tenant, field, sealed, nowMs })
    }
    const facts = {
      type: provider.id,
      status,
      syncFrequency,
      ...(request.ownerDid !== undefined && { ownerDid: request.ownerDid }),
    }
    await audit(tx, { tenant, actor, action: 'connector.created', connectorId: id, facts, nowMs })
    if (credentials !== undefined) {
      await saveCredentials(tx, ports, { place: { tenant, id }, actor, nowMs }, credentials)
      await tellCreated(tx, connector, nowMs)
    }
    return connector
  })
}

/** @throws NodeError REQUEST_INVALID, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export async function readTested(
  ports: ConnectorPorts,
  given: GivenCredentials,
): Promise<TestedCredentials | undefined> {
  const { auth, config } = given
  // `{}` says the same as nothing where the account is connected by a sign-in.
  const isNone = config === undefined || (auth.kind === 'oauth2' && isEmpty(config))
  return isNone ? undefined : testedCredentials(ports, given)
}

const isEmpty = (config: unknown): boolean =>
  typeof config === 'object' && config !== null && !Array.isArray(config) && Object.keys(config).length === 0
