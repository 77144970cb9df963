/** Copies named revisions, as they are and with their paths, from one storage node to another (protocol.md 2.3). */
import { NodeError } from '../errors.js'
import type { RevisionRef } from './couch-database.js'
import { bulkDocsBody } from './staged-document.js'
import type { Target } from './target.js'

const DOCUMENTS_AT_ONCE = 200

/** Gives how many were copied. The node that does not play its part gets a fault, and copying ends there. */
export async function copyRevisions(from: Target, to: Target, refs: readonly RevisionRef[]): Promise<number> {
  let copied = 0
  for (let start = 0; start < refs.length; start += DOCUMENTS_AT_ONCE) {
    const wanted = refs.slice(start, start + DOCUMENTS_AT_ONCE)
    const documents = await from.attempt(async () => {
      const found = await from.couch.bulkGet(wanted, { revs: true })
      if (found.length < wanted.length) throw stalled(from, 'does not give out revisions that it lists')
      return found
    })
    if (documents === undefined) return copied
    const taken = await to.attempt(async () => {
      const refused = await to.couch.bulkDocs(bulkDocsBody(documents))
      if (refused.length > 0) throw stalled(to, `refuses ${refused.length} copied documents`)
      return documents.length
    })
    if (taken === undefined) return copied
    copied += taken
  }
  return copied
}

const stalled = ({ url }: Target, what: string): NodeError =>
  new NodeError('REPLICATION_STALLED', { detail: `${url}: ${what}` })
