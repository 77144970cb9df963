/** What suite C asks of a place that keeps replicated documents, in the words of CouchDB's protocol. Knows no place. */
import assert from 'node:assert/strict'

export interface StoredDocument extends Readonly<Record<string, unknown>> {
  readonly _id: string
  readonly _rev: string
  readonly _deleted?: true
  readonly _revisions?: { readonly start: number; readonly ids: readonly string[] }
}
export type NewDocument = Readonly<Record<string, unknown>> & { readonly _id: string }

/** A row of `_bulk_docs`. */
export interface WrittenRow {
  readonly id: string
  readonly rev?: string
  /** Refused. */
  readonly error?: string
}

/** A number, or text that starts with one. */
export type Sequence = number | string

export interface Changes {
  readonly results: readonly { readonly id: string; readonly changes: readonly { readonly rev: string }[] }[]
  readonly last_seq: Sequence
}

/** One user's view of one database. A refused request throws an Error with its status in the message. */
export interface StorageView {
  /** With `newEdits` a row per document, else only rows of refused ones. */
  bulkDocs(docs: readonly NewDocument[], newEdits: boolean): Promise<readonly WrittenRow[]>
  revsDiff(
    asked: Readonly<Record<string, readonly string[]>>,
  ): Promise<Readonly<Record<string, { readonly missing: readonly string[] }>>>
  /** With revision paths; `undefined` for what is not there. */
  bulkGet(
    wanted: readonly { readonly id: string; readonly rev: string }[],
  ): Promise<readonly (StoredDocument | undefined)[]>
  winner(id: string): Promise<StoredDocument | undefined>
  /** All leaves of each document. Design documents may be among them. */
  changes(query: {
    readonly since: Sequence
    readonly limit?: number
    readonly docIds?: readonly string[]
  }): Promise<Changes>
  /** Waits until something follows `since`. */
  nextChange(since: Sequence): Promise<Changes>
  putLocal(id: string, body: object): Promise<void>
  getLocal(id: string): Promise<Readonly<Record<string, unknown>> | undefined>
  putAttachment(id: string, name: string, type: string, bytes: Buffer): Promise<{ readonly rev: string }>
  getAttachment(
    id: string,
    name: string,
  ): Promise<{ readonly type: string; readonly bytes: Buffer } | undefined>
}

/** A replication end of a PouchDB version, as that version's constructor makes it. */
export interface PouchEnd {
  readonly name: string
}

export interface StorageDatabase extends StorageView {
  /** Declared fact: users and permissions. `reader` may read only, `outsider` nothing. The view itself may write, and is no admin. */
  readonly users?: { readonly reader: StorageView; readonly outsider: StorageView }
  /** Declared fact: `_revs_diff` calls an ancestor missing whose body is not there, as PouchDB does and CouchDB does not. */
  readonly forgetsAncestors?: true
  /** This database as an end of PouchDB's replication. */
  end(version: 7 | 9): PouchEnd
  destroy(): Promise<void>
}

export interface StorageCase {
  readonly mine: StorageDatabase
}

/** A document with its path: `hashes` from its own back to the first. */
export function revision(
  id: string,
  hashes: readonly string[],
  fields: Readonly<Record<string, unknown>> = {},
): StoredDocument {
  const start = hashes.length
  return { ...fields, _id: id, _rev: `${start}-${hashes[0] ?? ''}`, _revisions: { start, ids: hashes } }
}

/** Writes documents with their paths. @throws when one is refused */
export async function written(storage: StorageView, docs: readonly StoredDocument[]): Promise<void> {
  assert.deepEqual(await storage.bulkDocs(docs, false), [], 'refused')
}

/** Leaves by document, without design documents. */
export const leaves = ({ results }: Changes): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    results
      .filter(({ id }) => !id.startsWith('_design/'))
      .map(({ id, changes }) => [id, new Set(changes.map(({ rev }) => rev))]),
  )
