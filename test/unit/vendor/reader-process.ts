/** A reader in a process and folder of its own: it has a copy of a storage node's database and a key, nothing else. */
import { createRequire } from 'node:module'
import type { Pouch } from '../../support/pouch.js'

export interface ReadOrder {
  /** Folder of the storage node's database. */
  readonly node: string
  /** 64 hex: what Verida's client calls the password. */
  readonly password: string
}
export type ReadAnswer =
  | { readonly kind: 'read'; readonly documents: readonly object[] }
  | { readonly kind: 'error'; readonly message: string }

const require = createRequire(import.meta.url)
const requireAsClient = createRequire(require.resolve('@verida/client-ts'))

async function read({ node, password }: ReadOrder): Promise<ReadAnswer> {
  const PouchDB = requireAsClient('pouchdb') as {
    new (name: string): Pouch
    plugin(plugin: unknown): unknown
  }
  PouchDB.plugin(requireAsClient('crypto-pouch'))
  const copy = new PouchDB('copy')
  await new PouchDB(node).replicate.to(copy)
  const reader = new PouchDB('copy')
  try {
    await reader.crypto({ password, salt: Buffer.alloc(0), iterations: 1000 })
    const { rows } = await reader.allDocs({ include_docs: true })
    return { kind: 'read', documents: rows.map(({ doc }) => doc ?? {}) }
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error) }
  }
}

process.on('message', (order: ReadOrder) => {
  void read(order).then((answer) => process.send?.(answer, () => process.exit(0)))
})
