/** PouchDB as the storage behind the CouchDB protocol, through the few calls used here; loaded at the first use. */
import { createRequire } from 'node:module'

export interface RevisionPath {
  readonly start: number
  readonly ids: readonly string[]
}

export interface AttachmentStub {
  readonly content_type: string
  readonly digest: string
  readonly length?: number
  readonly stub?: boolean
  readonly data?: string
}

export interface CouchDocument {
  readonly [field: string]: unknown
  readonly _id: string
  readonly _rev?: string
  readonly _deleted?: boolean
  readonly _revisions?: RevisionPath
  readonly _attachments?: Readonly<Record<string, AttachmentStub>>
}

/** A row of `_bulk_docs`: taken, or refused with PouchDB's error fields. */
export interface WriteRow {
  readonly ok?: true
  readonly id?: string
  readonly rev?: string
  readonly error?: boolean | string
  readonly status?: number
  readonly name?: string
  readonly message?: string
  readonly reason?: string
}

export interface ChangeRow {
  readonly id: string
  readonly seq: number
  readonly changes: readonly { readonly rev: string }[]
  readonly deleted?: boolean
  readonly doc?: CouchDocument
}

/** A node of PouchDB's revision tree: hash, facts, children. */
export type TreeNode = readonly [
  hash: string,
  facts: { readonly status: string; readonly deleted?: boolean },
  children: readonly TreeNode[],
]
/** Each root starts at generation `pos`. */
export type RevisionTree = readonly { readonly pos: number; readonly ids: TreeNode }[]

/** What PouchDB keeps about a document. */
export interface DocumentMetadata {
  readonly id: string
  readonly seq: number
  readonly rev_tree: RevisionTree
}

export type Options = Readonly<Record<string, unknown>>
type Callback<T> = (error: unknown, result: T) => void

export interface Pouch {
  info(): Promise<{ readonly doc_count: number; readonly update_seq: number }>
  bulkDocs(
    docs: readonly CouchDocument[],
    options: { readonly new_edits: boolean },
  ): Promise<readonly WriteRow[]>
  get(id: string, options?: Options): Promise<CouchDocument>
  put(doc: object, options?: Options): Promise<WriteRow>
  remove(doc: object, options?: Options): Promise<WriteRow>
  allDocs(
    options: Options,
  ): Promise<{ readonly total_rows: number; readonly offset?: number; readonly rows: readonly unknown[] }>
  changes(options: Options): Promise<{ readonly results: readonly ChangeRow[]; readonly last_seq: number }>
  getAttachment(id: string, name: string, options: Options): Promise<Buffer>
  putAttachment(
    id: string,
    name: string,
    rev: string | undefined,
    body: Buffer,
    type: string,
  ): Promise<WriteRow>
  removeAttachment(id: string, name: string, rev: string): Promise<WriteRow>
  /** PouchDB's adapter interface: the tree alone, without reading a body. */
  _getRevisionTree(id: string, callback: Callback<RevisionTree | undefined>): void
  _get(
    id: string,
    options: Options,
    callback: Callback<{ readonly doc: CouchDocument; readonly metadata: DocumentMetadata } | undefined>,
  ): void
  close(): Promise<void>
  destroy(): Promise<unknown>
}

export type PouchAdapter = 'leveldb' | 'memory'

interface PouchConstructor {
  new (name: string, options: Options): Pouch
  plugin(plugin: unknown): PouchConstructor
}

const require = createRequire(import.meta.url)
let loaded: PouchConstructor | undefined

/** Opens, or makes, a database: a folder, or a name in memory. 1,000 revisions are kept per document, as CouchDB does. */
export function openPouch(location: string, adapter: PouchAdapter): Pouch {
  loaded ??= (require('pouchdb-core') as PouchConstructor)
    .plugin(require('pouchdb-adapter-leveldb'))
    .plugin(require('pouchdb-adapter-memory'))
  return new loaded(location, { adapter, revs_limit: 1000, auto_compaction: false })
}
