/** The connectors whose records are a DID's, as that DID may see and end them; a tenant's rights have no say here. */
import { NodeError } from '../errors.js'
import type { Did } from '../lib/did.js'
import { connectors, type ConnectionStatus, type Connector } from '../store/index.js'
import type { GrantedDatabases } from './owner-databases.js'
import { readOwnerPlace } from './owner-place.js'
import type { ConnectorPorts } from './ports.js'
import { removeConnector, type Removed } from './remove-connector.js'

export interface OwnedConnection {
  readonly id: string
  /** Who manages it. */
  readonly tenant: string
  readonly provider: string
  readonly status: ConnectionStatus
  readonly lastSuccessAtMs: number | null
  /** Names and keys of its databases, by schema. */
  readonly schemas: GrantedDatabases
  /** The last receipt of each database. */
  readonly receipts: readonly object[]
}

export interface OwnedConnections {
  list(did: Did): Promise<readonly OwnedConnection[]>
  /** As its tenant's deletion. @throws NodeError CONNECTOR_UNKNOWN: not this DID's, or none */
  disconnect(did: Did, id: string): Promise<Removed>
}

export interface OwnedPorts extends ConnectorPorts {
  readonly granted: (of: {
    readonly connectionId: string
    readonly owner: Did
    readonly provider: string
    readonly accountId: string
    readonly ownerKey: Uint8Array
  }) => Promise<GrantedDatabases>
  readonly lastReceipts: (databases: readonly string[]) => Promise<readonly object[]>
}

export function ownedConnections(ports: OwnedPorts): OwnedConnections {
  const { store } = ports
  const ofOwner = (did: Did) => store.node((tx) => connectors.listByOwnerDid(tx, did))
  return {
    async list(did) {
      const rows = await ofOwner(did)
      return Promise.all(rows.map((row) => shown(ports, row)))
    },
    async disconnect(did, id) {
      const row = (await ofOwner(did)).find((own) => own.id === id)
      if (row === undefined) throw new NodeError('CONNECTOR_UNKNOWN')
      return removeConnector(ports, { tenant: row.tenant, subject: did, actor: `owner:${did}` }, id)
    },
  }
}

async function shown(ports: OwnedPorts, connector: Connector): Promise<OwnedConnection> {
  const { id, tenant, type, status, lastSuccessAtMs, connectionId } = connector
  const { accountId, ...place } = await ports.store.tenant(tenant, (tx) =>
    readOwnerPlace(tx, ports.ring, connector),
  )
  const schemas: GrantedDatabases =
    accountId === undefined ? {} : await ports.granted({ connectionId, provider: type, accountId, ...place })
  const names = Object.values(schemas).map(({ databaseName }) => databaseName)
  return {
    id,
    tenant,
    provider: type,
    status,
    lastSuccessAtMs,
    schemas,
    receipts: await ports.lastReceipts(names),
  }
}
