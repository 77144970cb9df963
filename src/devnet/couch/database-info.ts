/** The facts about a database that `GET /db` answers; counts what PouchDB does not count. */
import type { OpenDatabase } from './databases.js'

export interface DatabaseInfo {
  readonly db_name: string
  readonly doc_count: number
  readonly doc_del_count: number
  readonly update_seq: number
  readonly instance_start_time: string
  readonly compact_running: boolean
}

interface Counted {
  readonly updateSeq: number
  readonly deleted: number
}
const counted = new WeakMap<OpenDatabase, Counted>()

export async function databaseInfo(database: OpenDatabase): Promise<DatabaseInfo> {
  const { doc_count, update_seq } = await database.pouch.info()
  return {
    db_name: database.name,
    doc_count,
    doc_del_count: await deletedDocuments(database, doc_count, update_seq),
    update_seq,
    instance_start_time: '0',
    compact_running: false,
  }
}

/** PouchDB keeps no count of deleted documents: they are counted once per state of the database, and not at all when there can be none. */
async function deletedDocuments(database: OpenDatabase, live: number, updateSeq: number): Promise<number> {
  // Every write has a sequence number: as many writes as documents means that each was written once, alive.
  if (live === updateSeq) return 0
  const known = counted.get(database)
  if (known?.updateSeq === updateSeq) return known.deleted
  const { rows } = await database.pouch.allDocs({ deleted: 'ok' })
  const deleted = (rows as readonly { readonly value?: { readonly deleted?: boolean } }[]).filter(
    (row) => row.value?.deleted === true,
  ).length
  counted.set(database, { updateSeq, deleted })
  return deleted
}
