/** The Vault's own copy of one schema's records: what its owner sees. Other servers' records of the schema lie in it too. */
import { createHash } from 'node:crypto'
import type { Documents, Vault } from './vault.js'
import { isNoDesign, liveDocuments, openPlainPouch, type Pouch, type PouchRecord } from './pouch.js'

/** A real datastore of the Vault on its storage nodes, or a plain local database. */
export async function openDocuments(vault: Vault, schema: string): Promise<Documents> {
  const pouch = vault.ownDatastores
    ? await openOwnDatastore(vault, schema)
    : openPlainPouch(`copy-${hashName(schema)}`)
  return {
    async pullFrom(source) {
      const result = await source.replicate.to(pouch, { filter: isNoDesign, style: 'main_only' })
      if (!result.ok || result.doc_write_failures > 0) {
        throw new Error(`the Vault could not take over all documents: ${JSON.stringify(result.errors)}`)
      }
    },
    all: () => liveDocuments(pouch),
    get: (id) => pouch.get(id),
    async first(limit) {
      const found: PouchRecord[] = []
      for await (const document of liveDocuments(pouch)) {
        if (found.length >= limit) break
        if (document['schema'] === schema) found.push(document)
      }
      return found
    },
  }
}

async function openOwnDatastore(vault: Vault, schema: string): Promise<Pouch> {
  const context = await vault.context()
  const datastore = await context.openDatastore(schema)
  return (await datastore.getDb()).getDb()
}

function hashName(schema: string): string {
  return createHash('sha256').update(schema).digest('hex').slice(0, 16)
}
