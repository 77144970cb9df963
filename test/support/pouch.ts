/** PouchDB in memory, as the tests use it: 9 as the node and its storage nodes have it, 7 as Verida's clients have it. */
import { createRequire } from 'node:module'
import { randomUUID } from 'node:crypto'

const require = createRequire(import.meta.url)

export type Document = { readonly _id: string } & Record<string, unknown>

export interface ReplicateOptions {
  readonly style?: 'main_only'
  readonly filter?: (document: Document) => boolean
}

/** The part of a PouchDB database that tests use. */
export interface Pouch {
  readonly name: string
  put(document: Document): Promise<{ rev: string }>
  get(id: string, options?: object): Promise<Document & { _rev: string; _conflicts?: string[] }>
  remove(document: Document): Promise<{ rev: string }>
  bulkDocs(
    documents: readonly Document[],
    options?: { new_edits: boolean },
  ): Promise<readonly { error?: unknown }[]>
  bulkGet(options: object): Promise<{ results: readonly { docs: readonly { ok?: Document }[] }[] }>
  allDocs(
    options?: object,
  ): Promise<{ rows: readonly { id: string; value: { rev: string }; doc?: Document }[] }>
  changes(options: object): Promise<{
    results: readonly { id: string; deleted?: boolean; doc?: Document; changes: readonly { rev: string }[] }[]
  }>
  readonly replicate: {
    to(target: Pouch, options?: ReplicateOptions): Promise<{ ok: boolean; docs_written: number }>
  }
  destroy(): Promise<unknown>
  crypto(options: { password: string; salt: Uint8Array; iterations?: number }): Promise<void>
  removeCrypto(): void
}

interface PouchClass {
  new (name: string, options: { adapter: string }): Pouch
  plugin(plugin: unknown): PouchClass
}

let nine: PouchClass | undefined
let seven: PouchClass | undefined

/** PouchDB 9 with our crypto-pouch. */
export function pouch9(): PouchClass {
  nine ??= (require('pouchdb-core') as PouchClass)
    .plugin(require('pouchdb-adapter-memory'))
    .plugin(require('pouchdb-replication'))
    .plugin(require('crypto-pouch'))
  return nine
}

/** The very PouchDB that Verida's client uses, with our crypto-pouch. */
export function pouch7(): PouchClass {
  const requireAsClient = createRequire(require.resolve('@verida/client-ts'))
  seven ??= (requireAsClient('pouchdb') as PouchClass)
    .plugin(require('pouchdb-adapter-memory'))
    .plugin(requireAsClient('crypto-pouch'))
  return seven
}

/** A name of its own, and how to open handles on it. */
export function memoryDatabase(version: 7 | 9 = 9): {
  readonly name: string
  readonly open: (name: string) => Pouch
} {
  const Pouch = version === 9 ? pouch9() : pouch7()
  return { name: `test-${randomUUID()}`, open: (name) => new Pouch(name, { adapter: 'memory' }) }
}
