/** A database of the server, opened by the Vault's client with nothing but name, key and context, and let go of after use. */
import type { ServerContext, SharedDatabase } from './messages.js'
import { isNoDesign, type Pouch, type PouchRecord } from './pouch.js'
import type { VeridaContext, VeridaDatabase, VeridaDatabaseConfig } from './verida-client.js'

export interface ServerDatabase extends ServerContext, SharedDatabase {
  readonly schema: string
  readonly permissions: VeridaDatabaseConfig['permissions']
}

export interface OpenServerDatabase {
  /** Decrypts what it reads. */
  readonly decrypting: Pouch
  /** The same documents as they lie on the storage node. */
  readonly sealed: Pouch
  /** @throws when there is none */
  get(id: string): Promise<PouchRecord>
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
  const { serverDid, contextName, databaseName, encryptionKey, permissions } = at
  const datastore = await context.openExternalDatastore(at.schema, serverDid, {
    databaseName,
    contextName,
    permissions,
    encryptionKey: Buffer.from(encryptionKey, 'hex'),
  })
  const database = await datastore.getDb()
  try {
    return await use({
      decrypting: await database.getDb(),
      sealed: await database.getLocalEncrypted(),
      get: (id) => datastore.get(id),
      async edit(id, changes) {
        const record = { ...(await datastore.get(id)), ...changes }
        const saved = await datastore.save(record)
        if (saved === false) throw new Error(`the change is not valid: ${JSON.stringify(datastore.errors)}`)
        await push(database)
        return { rev: saved.rev }
      },
    })
  } finally {
    database._sync?.cancel()
  }
}

async function push(database: VeridaDatabase): Promise<void> {
  const sealed = await database.getLocalEncrypted()
  const result = await sealed.replicate.to(await database.getRemoteEncrypted(), { filter: isNoDesign })
  if (!result.ok || result.doc_write_failures > 0) {
    throw new Error(`the storage node did not take the change: ${JSON.stringify(result.errors)}`)
  }
}
