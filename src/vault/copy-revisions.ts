/** Copies named revisions, as they are and with their paths, from one storage node to another (protocol.md 2.3). */
import { NodeError } from '../errors.js'
import type { CouchDatabase, RevisionRef } from './couch-database.js'
import { bulkDocsBody } from './staged-document.js'

const DOCUMENTS_AT_ONCE = 200

/** Gives how many were copied. @throws NodeError STORAGE_UNREACHABLE, REPLICATION_STALLED when one of them does not play its part */
export async function copyRevisions(
  from: CouchDatabase,
  to: CouchDatabase,
  refs: readonly RevisionRef[],
): Promise<number> {
  for (let start = 0; start < refs.length; start += DOCUMENTS_AT_ONCE) {
    const wanted = refs.slice(start, start + DOCUMENTS_AT_ONCE)
    const documents = await from.bulkGet(wanted, { revs: true })
    if (documents.length < wanted.length) {
      throw new NodeError('REPLICATION_STALLED', {
        detail: `${from.url}: does not give out revisions that it lists`,
      })
    }
    const refused = await to.bulkDocs(bulkDocsBody(documents))
    if (refused.length > 0) {
      throw new NodeError('REPLICATION_STALLED', {
        detail: `${to.url}: refuses ${refused.length} copied documents`,
      })
    }
  }
  return refs.length
}
