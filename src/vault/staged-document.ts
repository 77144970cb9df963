/** A sealed document in the form in which it is staged and sent: the same object, and so the same bytes, everywhere. */
import type { PlannedRev } from './revision.js'
import { parseRev } from './rev.js'
import type { PouchDocument } from './pouch.js'

/** One revision of one document; `new_edits:false` takes it as it is. */
export type StagedDocument = PouchDocument

/** `payload` is missing for a tombstone. */
export function stagedDocument(id: string, planned: PlannedRev, payload?: string): StagedDocument {
  return {
    _id: id,
    _rev: planned.rev,
    ...(payload === undefined ? { _deleted: true as const } : {}),
    _revisions: { start: parseRev(planned.rev).generation, ids: planned.path },
    ...(payload === undefined ? {} : { payload }),
  }
}

/** What a document counts against the limits of slices and staging, in bytes. */
export function stagedBytes(document: StagedDocument): number {
  return (document.payload?.length ?? 0) + 120 + document._revisions.ids.length * 35
}

/** The body of `_bulk_docs`, made once for every storage node. */
export function bulkDocsBody(documents: readonly object[]): Buffer {
  return Buffer.from(JSON.stringify({ docs: documents, new_edits: false }), 'utf8')
}
