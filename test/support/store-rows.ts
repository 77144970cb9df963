/** Rows that other rows need, each new and unlike any other, for tests over a store. */
import { randomBytes, randomUUID } from 'node:crypto'
import {
  connections,
  grants,
  syncs,
  vaultDatabases,
  type Connection,
  type NewGrant,
  type NewSync,
  type Store,
  type SyncRow,
  type VaultDatabase,
} from '../../src/store/index.js'

/** A moment of 2024, in ms since 1970. */
export const NOW = 1_717_000_000_000

export const someHash = (): string => randomBytes(32).toString('hex')

export async function addConnection(
  { db }: Store,
  facts: Partial<connections.ConnectionFacts> = {},
): Promise<Connection> {
  return connections.upsert(db, {
    owner: `did:vda:testnet:0x${randomBytes(20).toString('hex')}`,
    provider: 'sandbox',
    accountHash: someHash(),
    custody: 'vault',
    destination: 'vault',
    status: 'active',
    nowMs: NOW,
    ...facts,
  })
}

export async function addDatabase(
  store: Store,
  connection: Connection,
  facts: Partial<vaultDatabases.NewVaultDatabase> = {},
): Promise<VaultDatabase> {
  return vaultDatabases.ensure(store.db, {
    name: someHash(),
    connectionId: connection.id,
    schemaUri: 'https://schemas.test/post.json',
    secretVersion: 1,
    grantFingerprint: someHash(),
    nowMs: NOW,
    ...facts,
  })
}

export async function addSync(
  { db }: Store,
  connection: Connection,
  facts: Partial<NewSync> = {},
): Promise<SyncRow> {
  const id = facts.id ?? randomUUID()
  await syncs.create(db, {
    id,
    connectionId: connection.id,
    owner: connection.owner,
    provider: connection.provider,
    kind: 'vault',
    stage: 'fetch',
    leaseNumber: connection.leaseNumber,
    keyFingerprint: null,
    statusTokenHash: null,
    request: null,
    counts: {},
    nowMs: NOW,
    ...facts,
  })
  const row = await syncs.get(db, id)
  if (row === undefined) throw new Error('the sync was not stored')
  return row
}

/** Gives the id of a new grant. */
export async function addGrant({ db }: Store, facts: Partial<NewGrant> = {}): Promise<string> {
  const id = facts.id ?? randomUUID()
  await grants.create(db, {
    id,
    provider: 'sandbox',
    did: `did:vda:testnet:0x${randomBytes(20).toString('hex')}`,
    accountHash: someHash(),
    keyFingerprint: null,
    nowMs: NOW,
    ...facts,
  })
  return id
}
