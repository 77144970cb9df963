/** A tenant's connector with its connection, and what a sync of it needs, over a real store. */
import { randomUUID } from 'node:crypto'
import { generateKey, parseKeyRing, type KeyRing } from '../../src/credentials/key-ring.js'
import { Redacted } from '../../src/lib/redacted.js'
import type { TenantRunContext } from '../../src/sync/destination.js'
import {
  connectors,
  leases,
  records,
  tenants,
  type Connection,
  type Connector,
  type NewConnector,
  type Store,
  type StoredRecord,
} from '../../src/store/index.js'
import { addConnection, NOW } from './store-rows.js'
import { POST_SCHEMA } from './sync-job.js'

export const testRing = (): KeyRing => parseKeyRing(new Redacted(generateKey()))

export interface OwnedConnector {
  readonly tenant: string
  readonly connector: Connector
  readonly connection: Connection
}

/** Of a tenant of its own. */
export async function addConnector(store: Store, facts: Partial<NewConnector> = {}): Promise<OwnedConnector> {
  const id = randomUUID()
  const tenant = facts.tenant ?? `tenant-${randomUUID()}`
  const connection = await addConnection(store, {
    owner: `tenant:${tenant}:${id}`,
    provider: 'test',
    accountHash: id,
    custody: 'node',
    destination: 'tables',
  })
  const connector = await store.tenant(tenant, async (tx) => {
    if (facts.tenant === undefined) await tenants.create(tx, { id: tenant, name: 'A tenant', nowMs: NOW })
    return connectors.create(tx, {
      id,
      tenant,
      subject: 'someone',
      type: 'test',
      displayName: 'A connector',
      authKind: 'oauth2',
      config: {},
      status: 'active',
      streams: null,
      syncFrequency: null,
      nextRunAtMs: null,
      connectionId: connection.id,
      nowMs: NOW,
      ...facts,
    })
  })
  return { tenant, connector, connection }
}

export async function connectorNow(store: Store, { tenant, connector }: OwnedConnector): Promise<Connector> {
  const row = await store.tenant(tenant, (tx) => connectors.get(tx, connector.id))
  if (row === undefined) throw new Error('the connector is gone')
  return row
}

/** All rows of the connector, deleted ones too, by sequence. */
export function rowsOf(
  store: Store,
  { tenant, connector }: OwnedConnector,
): Promise<readonly StoredRecord[]> {
  const page = { connectorId: connector.id, includeDeleted: true, limit: 10_000 }
  return store.tenant(tenant, (tx) => records.list(tx, page))
}

/** A run under a new lease; an older one of the same connector is fenced by it. */
export async function runContext(
  store: Store,
  { tenant, connector, connection }: OwnedConnector,
  facts: Partial<TenantRunContext> = {},
): Promise<TenantRunContext> {
  const later = NOW + leases.MAX_LEASE_MS * (runs += 1)
  const lease = await leases.acquire(store.db, connection.id, 'test', later)
  if (lease === 'busy') throw new Error('the lease is busy')
  return {
    connectionId: connection.id,
    owner: connection.owner,
    provider: 'test',
    accountId: '1',
    tenant,
    connectorId: connector.id,
    schemas: [POST_SCHEMA],
    signal: new AbortController().signal,
    ...facts,
    leaseNumber: lease.leaseNumber,
  }
}
let runs = 1
