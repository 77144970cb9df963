/** Puts sealed documents on storage nodes; one body for all of them. It believes no answer: verify.ts asks afterwards. */
import { toNodeError } from '../errors.js'
import type { CouchDatabase, RefusedRow } from './couch-database.js'
import { bulkDocsBody, type StagedDocument } from './staged-document.js'
import type { Target } from './target.js'

/** Sends to every target that has no fault; one that fails gets a fault. @throws what is not a storage node's failure */
export async function pushDocuments(
  targets: readonly Target[],
  documents: readonly StagedDocument[],
): Promise<void> {
  const sound = targets.filter(({ fault }) => fault === undefined)
  if (sound.length === 0) return
  const body = bulkDocsBody(documents)
  await Promise.all(sound.map((target) => target.attempt(() => putSplitting(target.couch, documents, body))))
}

/** A batch that is too large for a node is halved, down to single documents. Gives the rows that were refused. */
export async function putSplitting(
  couch: CouchDatabase,
  documents: readonly StagedDocument[],
  body = bulkDocsBody(documents),
): Promise<readonly RefusedRow[]> {
  try {
    return await couch.bulkDocs(body)
  } catch (error) {
    if (toNodeError(error).code !== 'TOO_LARGE') throw error
    if (documents.length <= 1) return documents.map(({ _id }) => ({ id: _id, error: 'too_large' }))
    const half = Math.ceil(documents.length / 2)
    const first = await putSplitting(couch, documents.slice(0, half))
    return [...first, ...(await putSplitting(couch, documents.slice(half)))]
  }
}
