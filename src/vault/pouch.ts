/** PouchDB with the LevelDB adapter, through the few calls that staging uses; no queries, no replication. */
import { createRequire } from 'node:module'

/** A document with its own revision path, as `new_edits:false` takes it. */
export interface PouchDocument {
  readonly _id: string
  readonly _rev: string
  readonly _deleted?: true
  readonly _revisions: { readonly start: number; readonly ids: readonly string[] }
  readonly payload?: string
}

export interface PouchChange {
  readonly id: string
  readonly seq: number
  readonly deleted?: boolean
  readonly changes: readonly { readonly rev: string }[]
}

export interface Pouch {
  bulkDocs(
    docs: readonly PouchDocument[],
    options: { readonly new_edits: false },
  ): Promise<readonly unknown[]>
  changes(options: { readonly since: number; readonly limit: number; readonly style: 'all_docs' }): Promise<{
    readonly results: readonly PouchChange[]
    readonly last_seq: number
  }>
  bulkGet(options: {
    readonly docs: readonly { readonly id: string; readonly rev: string }[]
    readonly revs: true
  }): Promise<{
    readonly results: readonly { readonly docs: readonly { readonly ok?: PouchDocument }[] }[]
  }>
  close(): Promise<void>
  destroy(): Promise<unknown>
}

interface PouchConstructor {
  new (
    path: string,
    options: {
      readonly adapter: 'leveldb'
      readonly auto_compaction: false
      readonly revs_limit: number
    } & typeof LEVELDB,
  ): Pouch
  plugin(plugin: unknown): PouchConstructor
}

/** LevelDB's own: a whole slice fits into its log, so that no table is written and merged; sealed text does not shrink. */
const LEVELDB = { writeBufferSize: 32 * 1024 * 1024, compression: false } as const

let loaded: PouchConstructor | undefined

/** Opens, or makes, the database in this folder. PouchDB is loaded at the first use. */
export function openPouch(folder: string): Pouch {
  const require = createRequire(import.meta.url)
  loaded ??= (require('pouchdb-core') as PouchConstructor).plugin(require('pouchdb-adapter-leveldb'))
  return new loaded(folder, { adapter: 'leveldb', auto_compaction: false, revs_limit: 1000, ...LEVELDB })
}
