/** Rows of tenants, each new and unlike any other, for tests over a store. */
import { randomUUID } from 'node:crypto'
import {
  auditLog,
  connections,
  connectorCredentials,
  connectors,
  idempotencyKeys,
  records,
  serviceTokens,
  tenants,
  usageDaily,
  type Connector,
  type NewConnector,
  type NewRecord,
  type ScopedTx,
  type Store,
} from '../../src/store/index.js'
import { NOW, someHash } from './store-rows.js'

export async function makeConnector(
  tx: ScopedTx,
  tenant: string,
  facts: Partial<NewConnector> = {},
): Promise<Connector> {
  const id = randomUUID()
  const connection = await connections.upsert(tx, {
    owner: `tenant:${tenant}:${id}`,
    provider: 'sandbox',
    accountHash: id,
    custody: 'node',
    destination: 'tables',
    status: 'active',
    nowMs: NOW,
  })
  return connectors.create(tx, {
    id,
    tenant,
    subject: 'someone',
    type: 'sandbox',
    displayName: 'My account',
    authKind: 'oauth2',
    config: {},
    status: 'active',
    streams: null,
    syncFrequency: 'daily',
    nextRunAtMs: NOW,
    connectionId: connection.id,
    nowMs: NOW,
    ...facts,
  })
}

export const addConnector = (
  store: Store,
  tenant: string,
  facts: Partial<NewConnector> = {},
): Promise<Connector> => store.tenant(tenant, (tx) => makeConnector(tx, tenant, facts))

export const someRecord = (connector: Connector, facts: Partial<NewRecord> = {}): NewRecord => ({
  connectorId: connector.id,
  tenant: connector.tenant,
  schemaUri: 'https://schemas.test/post.json',
  documentId: someHash().slice(0, 32),
  stream: 'posts',
  sourceId: 'post 1',
  data: { text: 'hello' },
  contentHash: someHash(),
  ...facts,
})

/** One row in every table of tenants. */
export async function addTenantRows(store: Store, tenant: string): Promise<Connector> {
  return store.tenant(tenant, async (tx) => {
    await tenants.create(tx, { id: tenant, name: tenant, nowMs: NOW })
    const connector = await makeConnector(tx, tenant)
    const connectorId = connector.id
    await connectorCredentials.put(tx, { connectorId, tenant, field: 'tokens', sealed: 's', nowMs: NOW })
    await serviceTokens.create(tx, {
      id: randomUUID(),
      tenant,
      name: 'ci',
      tokenHash: someHash(),
      scopes: ['records:read'],
      expiresAtMs: null,
      nowMs: NOW,
    })
    await auditLog.append(tx, {
      tenant,
      actor: 'user:someone',
      action: 'connector.created',
      subject: connectorId,
      facts: {},
      nowMs: NOW,
    })
    await records.upsertMany(tx, [someRecord(connector)], NOW)
    const numbers = { calls: 1, records: 1, bytes: 1, errors: 0 }
    await usageDaily.add(tx, { connectorId, tenant, day: '2024-05-29', ...numbers })
    await idempotencyKeys.claim(tx, { tenant, key: 'once', requestHash: someHash(), nowMs: NOW })
    return connector
  })
}
