/** A database of the server, opened by the Vault's client with nothing but name, key and context, and let go of after use. */
import type { ServerContext, SharedDatabase } from './messages.js'
import { isNoDesign, type Pouch, type PouchRecord } from './pouch.js'
import type { VeridaContext, VeridaDatabase, VeridaDatabaseConfig } from './verida-client.js'

export interface ServerDatabase extends ServerContext, SharedDatabase {
  readonly permissions: VeridaDatabaseConfig['permissions']
  /** Goes on replicating while it is used. Otherwise it is what it was when it was opened, and opens faster. */
  readonly follow?: boolean
}

export interface OpenServerDatabase {
  /** Decrypts what it reads. */
  readonly decrypting: Pouch
  /** The same documents as they lie on the storage node. */
  readonly sealed: Pouch
  /** @throws when there is none */
  get(id: string): Promise<PouchRecord>
}

export interface OpenServerDatastore extends OpenServerDatabase {
  edit(id: string, changes: Readonly<Record<string, unknown>>): Promise<{ readonly rev: string }>
}

/**
 * Opens the database (its client downloads it first and checks the key), uses it, and stops its live replication.
 * The client's own `close` is not called: it waits for ever when the storage node went away, and pushes index definitions.
 */
export async function withServerDatabase<T>(
  context: VeridaContext,
  at: ServerDatabase,
  use: (database: OpenServerDatabase) => Promise<T>,
): Promise<T> {
  const database = await context.openExternalDatabase(at.databaseName, at.serverDid, configOf(at))
  return released(database, at, async () => use(await opened(database)))
}

/** The same as a datastore of its schema: its client builds every index of the schema first, over all that it downloaded. */
export async function withServerDatastore<T>(
  context: VeridaContext,
  at: ServerDatabase & { readonly schema: string },
  use: (datastore: OpenServerDatastore) => Promise<T>,
): Promise<T> {
  const datastore = await context.openExternalDatastore(at.schema, at.serverDid, configOf(at))
  const database = await datastore.getDb()
  const edit: OpenServerDatastore['edit'] = async (id, changes) => {
    const saved = await datastore.save({ ...(await datastore.get(id)), ...changes })
    if (saved === false) throw new Error(`the change is not valid: ${JSON.stringify(datastore.errors)}`)
    await push(database)
    return { rev: saved.rev }
  }
  return released(database, at, async () => use({ ...(await opened(database)), edit }))
}

function configOf({
  databaseName,
  contextName,
  permissions,
  encryptionKey,
}: ServerDatabase): VeridaDatabaseConfig {
  return { databaseName, contextName, permissions, encryptionKey: Buffer.from(encryptionKey, 'hex') }
}

async function opened(database: VeridaDatabase): Promise<OpenServerDatabase> {
  return {
    decrypting: await database.getDb(),
    sealed: await database.getLocalEncrypted(),
    get: (id) => database.get(id),
  }
}

async function released<T>(
  database: VeridaDatabase,
  { follow = false }: ServerDatabase,
  use: () => Promise<T>,
): Promise<T> {
  if (!follow) database._sync?.cancel()
  try {
    return await use()
  } finally {
    if (follow) database._sync?.cancel()
  }
}

async function push(database: VeridaDatabase): Promise<void> {
  const sealed = await database.getLocalEncrypted()
  const result = await sealed.replicate.to(await database.getRemoteEncrypted(), { filter: isNoDesign })
  if (!result.ok || result.doc_write_failures > 0) {
    throw new Error(`the storage node did not take the change: ${JSON.stringify(result.errors)}`)
  }
}
