/** Where a connector's streams go on: shown to its tenant, and set by it after the stream itself has read the cursor. */
import type { Json } from '../lib/canonical-json.js'
import { inWords } from '../lib/unknown-members.js'
import { usableProvider, type AnyStream, type Provider } from '../provider/index.js'
import { connectors, type Connector } from '../store/index.js'
import { readSyncState, writeSyncState, type StreamState } from '../tables/index.js'
import { audit } from './audit.js'
import { found } from './check-request.js'
import { faultsOf, invalid, invalidFields } from './invalid.js'
import { refuseOwners } from './owner.js'
import type { Caller, ConnectorPorts } from './ports.js'

export interface SyncStateChange {
  readonly stream: string
  /** Of streams with containers: which. Default: none. */
  readonly partition?: string | undefined
  /** `null`: the next sync reads everything. */
  readonly cursor: Json
}

const placeOf = ({ tenant, id, connectionId }: Connector) => ({ tenant, connectorId: id, connectionId })

export function syncStateOf(
  { store, ring }: ConnectorPorts,
  { tenant }: Caller,
  id: string,
): Promise<readonly StreamState[]> {
  return store.tenant(tenant, async (tx) => {
    const connector = found(await connectors.get(tx, id))
    refuseOwners(connector)
    return readSyncState(tx, ring, placeOf(connector))
  })
}

/** @throws NodeError CONNECTOR_UNKNOWN, REQUEST_INVALID, WRITE_CONFLICT while a sync runs */
export function setSyncState(
  { store, ring, catalog, clock }: ConnectorPorts,
  { tenant, actor }: Caller,
  id: string,
  { stream: name, partition = '', cursor }: SyncStateChange,
): Promise<readonly StreamState[]> {
  return store.tenant(tenant, async (tx) => {
    const connector = found(await connectors.get(tx, id))
    refuseOwners(connector)
    const { provider } = usableProvider(catalog, connector.type, connector.authKind)
    const stream = streamOf(provider, name, partition)
    const read = cursor === null ? null : checked(stream, cursor)
    const place = placeOf(connector)
    const nowMs = clock.now()
    const state = { stream: name, partition, cursor: read, revision: provider.revision }
    await writeSyncState(tx, ring, { place, state, nowMs })
    // Not the partition: services name containers after people.
    const facts = { stream: name, reset: read === null }
    await audit(tx, { tenant, actor, action: 'connector.cursor_set', connectorId: id, facts, nowMs })
    return readSyncState(tx, ring, place)
  })
}

function streamOf({ streams }: Provider, name: string, partition: string): AnyStream {
  const stream = streams.find((one) => one.name === name)
  if (stream === undefined) throw invalid('stream', 'is no stream of this type')
  if (stream.partitions === undefined && partition !== '') throw invalid('partition', 'this stream has none')
  if (stream.partitions !== undefined && partition === '')
    throw invalid('partition', 'is needed for this stream')
  return stream
}

function checked(stream: AnyStream, cursor: Json): Json {
  const read = stream.cursor.safeParse(cursor, { error: inWords })
  if (read.success) return read.data
  throw invalidFields(faultsOf('cursor', read.error))
}
