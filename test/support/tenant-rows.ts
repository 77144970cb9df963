/** Rows of tenants, each new and unlike any other, for tests over a store. */
import { randomUUID } from 'node:crypto'
import {
  auditLog,
  calendarOutbox,
  connections,
  connectorCredentials,
  connectors,
  fileConnections,
  idempotencyKeys,
  inboundChanges,
  inboundWebhooks,
  records,
  serviceTokens,
  subaccountCalendars,
  subaccountConnectors,
  syncLogs,
  tenants,
  usageDaily,
  webhookEvents,
  webhooks,
  type Connector,
  type FileConnectionFacts,
  type NewConnector,
  type NewRecord,
  type ScopedTx,
  type Store,
  type SyncLog,
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
    await fileConnections.create(tx, { connectorId, tenant }, FILE_FACTS)
    await syncLogs.add(tx, someSyncLog(connector))
    const numbers = { calls: 1, records: 1, bytes: 1, errors: 0 }
    await usageDaily.add(tx, { connectorId, tenant, day: '2024-05-29', ...numbers })
    await idempotencyKeys.claim(tx, { tenant, key: 'once', requestHash: someHash(), nowMs: NOW })
    await webhooks.create(tx, someWebhook(tenant), 1)
    const event = { id: `msg_${randomUUID()}`, tenant, type: 'sync.completed', payload: '{}', nowMs: NOW }
    await webhookEvents.tell(tx, event)
    await tx
      .insertInto('revocations')
      .values({
        id: randomUUID(),
        tenant,
        connectorId: randomUUID(),
        type: 'sandbox',
        tokensSealed: 's',
        nextTryAtMs: NOW,
        untilMs: NOW,
        createdAtMs: NOW,
      })
      .execute()
    await addCalendarRows(tx, connector)
    await inboundWebhooks.create(tx, {
      id: randomUUID(),
      tenant,
      connectorId,
      provider: 'sandbox',
      pathHash: someHash(),
      registrationSealed: 's',
      streams: ['posts'],
      status: 'active',
      expiresAtMs: null,
      renewAtMs: null,
      lastErrorCode: null,
      createdAtMs: NOW,
      updatedAtMs: NOW,
    })
    await inboundChanges.note(tx, connectorId, ['posts'], { nowMs: NOW, quietMs: 1, mostMs: 1 })
    return connector
  })
}

/** A calendar of one of the tenant's subaccounts, with a mail that waits. */
async function addCalendarRows(tx: ScopedTx, { id: connectorId, tenant }: Connector): Promise<void> {
  const nowMs = NOW
  const added = { tenant, subaccountId: 'unit-7', provider: 'sandbox', nowMs }
  const { id: subaccountConnectorId } = await subaccountConnectors.add(tx, added)
  const link = { linkHash: someHash(), linkExpiresAtMs: NOW, nowMs }
  const calendar = await subaccountCalendars.create(tx, {
    ...link,
    tenant,
    subaccountConnectorId,
    connectorId,
  })
  const turn = { tenant, calendarId: calendar.id, kind: 'mail', nextTryAtMs: NOW, nowMs } as const
  await calendarOutbox.put(tx, turn)
}

export const FILE_FACTS: FileConnectionFacts = {
  projectId: 'project_0001',
  description: null,
  fileTypes: ['*'],
  maxFilesPerSync: 1_000,
  tags: [],
}

export const someSyncLog = ({ id, tenant }: Connector, facts: Partial<SyncLog> = {}): SyncLog => ({
  id: randomUUID(),
  connectorId: id,
  tenant,
  status: 'completed',
  startedAtMs: NOW,
  finishedAtMs: NOW,
  itemsRead: 1,
  filesWritten: 1,
  filesUnchanged: 0,
  filesDeleted: 0,
  filesSkipped: 0,
  errorCode: null,
  ...facts,
})

export const someWebhook = (tenant: string): webhooks.NewWebhook => ({
  id: randomUUID(),
  tenant,
  url: 'https://app.example/hooks',
  events: ['sync.completed'],
  enabled: true,
  description: '',
  secretsSealed: 's',
  nowMs: NOW,
})
