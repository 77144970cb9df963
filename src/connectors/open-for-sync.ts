/** What a run of a connector starts from: its rows, its provider and its opened credentials. For the node's own work, of any tenant. */
import { NodeError } from '../errors.js'
import { enabledProvider, type UsableProvider } from '../provider/index.js'
import { connections, connectors, type Connection, type Connector } from '../store/index.js'
import { backfillOf } from './backfill.js'
import { fileContentOf, type FileContentWish } from './file-content.js'
import { found } from './check-request.js'
import { openConnectorGrant, type ConnectorGrant } from './connector-grant.js'
import { markReconnectNeeded } from './connector-status.js'
import type { ConnectorGrantPorts } from './ports.js'

export interface OpenedConnector {
  readonly connector: Connector
  readonly connection: Connection
  readonly use: UsableProvider
  readonly grant: ConnectorGrant
  /** Nothing older need be asked for. */
  readonly sinceMs?: number
  /** Contents of files that are wanted, or were. */
  readonly content?: FileContentWish
}

/** @throws NodeError CONNECTOR_UNKNOWN, TOKEN_REVOKED, SEAL_FAILED, PROVIDER_NOT_CONFIGURED */
export async function openForSync(ports: ConnectorGrantPorts, connectorId: string): Promise<OpenedConnector> {
  const { store, catalog } = ports
  const connector = found(await store.node((tx) => connectors.get(tx, connectorId)))
  if (connector.status === 'revoked') throw new NodeError('CONNECTOR_UNKNOWN')
  const connection = found(await connections.get(store.db, connector.connectionId))
  const use = enabledProvider(catalog, connector.type, connector.authKind)
  try {
    const grant = await openConnectorGrant(ports, connector)
    const window = backfillOf(connector)
    const content = fileContentOf(connector)
    return {
      connector,
      connection,
      use,
      grant,
      ...(window && { sinceMs: window.sinceMs }),
      ...(content && { content }),
    }
  } catch (error) {
    if (error instanceof NodeError && error.code === 'TOKEN_REVOKED')
      await markReconnectNeeded(ports, connector)
    throw error
  }
}
