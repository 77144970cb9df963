/** Suite C's view of a PouchDB in this process, as the node's staging opens it. It has no users. */
import type { Changes, PouchEnd, StorageDatabase, StoredDocument } from './storage-database.js'

type Row = { readonly ok?: true; readonly id?: string; readonly rev?: string; readonly name?: string }

/** The calls of PouchDB used here. */
interface LocalPouch extends PouchEnd {
  bulkDocs(docs: readonly object[], options: object): Promise<readonly Row[]>
  revsDiff(asked: object): Promise<Readonly<Record<string, { readonly missing: readonly string[] }>>>
  bulkGet(options: object): Promise<{ readonly results: readonly { docs: [{ ok?: StoredDocument }] }[] }>
  get(id: string): Promise<StoredDocument>
  put(doc: object): Promise<unknown>
  changes(options: object): Promise<Changes> & {
    on(event: 'change', listener: (row: Changes['results'][number] & { seq: number }) => void): void
    cancel(): void
  }
  putAttachment(id: string, name: string, bytes: Buffer, type: string): Promise<{ readonly rev: string }>
  getAttachment(id: string, name: string): Promise<Buffer>
  destroy(): Promise<unknown>
}

export function pouchStorage(opened: object): StorageDatabase {
  const pouch = opened as LocalPouch
  return {
    async bulkDocs(docs, new_edits) {
      const rows = await pouch.bulkDocs(docs, { new_edits })
      return rows.map((row, at) => ({
        id: row.id ?? docs[at]?._id ?? '',
        ...(row.ok === true ? {} : { error: row.name ?? 'unknown' }),
      }))
    },
    revsDiff: (asked) => pouch.revsDiff(asked),
    async bulkGet(docs) {
      const { results } = await pouch.bulkGet({ docs, revs: true })
      return results.map(({ docs: [found] }) => found.ok)
    },
    winner: (id) => orMissing(pouch.get(id)),
    changes: ({ since, limit, docIds }) =>
      pouch.changes({
        style: 'all_docs',
        since,
        ...(limit === undefined ? {} : { limit }),
        ...(docIds === undefined ? {} : { doc_ids: docIds }),
      }),
    nextChange: (since) =>
      new Promise((resolve) => {
        const feed = pouch.changes({ style: 'all_docs', since, live: true })
        feed.on('change', (row) => {
          feed.cancel()
          resolve({ results: [row], last_seq: row.seq })
        })
      }),
    async putLocal(id, body) {
      await pouch.put({ ...body, _id: `_local/${id}` })
    },
    getLocal: (id) => orMissing(pouch.get(`_local/${id}`)),
    putAttachment: (id, name, type, bytes) => pouch.putAttachment(id, name, bytes, type),
    async getAttachment(id, name) {
      const doc = await orMissing(pouch.get(id))
      const stub = (doc?.['_attachments'] as Record<string, { content_type: string }> | undefined)?.[name]
      return stub && { type: stub.content_type, bytes: await pouch.getAttachment(id, name) }
    },
    forgetsAncestors: true,
    end: () => pouch,
    async destroy() {
      await pouch.destroy()
    },
  }
}

async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as { status?: unknown }).status === 404) return undefined
    throw error
  }
}
