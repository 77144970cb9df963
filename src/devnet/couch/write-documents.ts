/** The one way documents get into a database: refused rows left out, the rest given to PouchDB in one batch. */
import { createHash } from 'node:crypto'
import { writeRefusal, writesFreely } from './access.js'
import type { Visit } from './context.js'
import { badRequest, CouchError, errorRow, type ErrorBody } from './errors.js'
import type { CouchDocument, WriteRow } from './pouch.js'
import type { WriteFilter } from './write-filter.js'

/** CouchDB's `max_document_size`. */
const MAX_DOCUMENT_BYTES = 8_000_000

export type AnswerRow =
  { readonly ok: true; readonly id: string; readonly rev: string } | ({ readonly id: string } & ErrorBody)

/**
 * Writes a batch. With `newEdits` there is a row per document, in order; without, only rows of what was refused, as CouchDB answers.
 * @throws CouchError for what stops the whole batch
 */
export async function writeDocuments(
  visit: Visit,
  docs: readonly CouchDocument[],
  newEdits: boolean,
  filter?: WriteFilter,
): Promise<readonly AnswerRow[]> {
  const refused = new Map<number, ErrorBody>(refusals(visit, docs))
  const lie = filter?.(docs)
  for (const { index, ...body } of lie?.refused ?? []) refused.set(index, body)
  const kept = lie && new Set(lie.kept)
  // The common case hands the parsed batch on as it is.
  const stored =
    refused.size === 0 && kept === undefined
      ? docs
      : docs.filter((_, index) => !refused.has(index) && kept?.has(index) !== false)
  const rows = stored.length === 0 ? [] : await visit.database.pouch.bulkDocs(stored, { new_edits: newEdits })
  if (stored.length > 0) visit.database.notify()
  if (!newEdits) {
    const failed = rows.map((row) => errorRow(row.id ?? '', row))
    return [...[...refused].map(([index, body]) => ({ id: idAt(docs, index), ...body })), ...failed]
  }
  let next = 0
  return docs.map((doc, index) => {
    const refusal = refused.get(index)
    if (refusal !== undefined) return { id: idAt(docs, index), ...refusal }
    if (kept?.has(index) === false) return { ok: true, id: idAt(docs, index), rev: inventedRev(doc) }
    return answerRow(rows[next++], idAt(docs, index))
  })
}

/** Writes one document. @throws CouchError as its row says: 401, 403, 409 */
export async function writeDocument(
  visit: Visit,
  doc: CouchDocument,
  newEdits: boolean,
  filter?: WriteFilter,
): Promise<{ readonly id: string; readonly rev: string }> {
  const [row] = await writeDocuments(visit, [doc], newEdits, filter)
  if (row === undefined) return { id: doc._id, rev: doc._rev ?? '' }
  if ('ok' in row) return row
  throw new CouchError(STATUS[row.error] ?? 400, row.error, row.reason)
}

const STATUS: Readonly<Record<string, number>> = {
  unauthorized: 401,
  forbidden: 403,
  conflict: 409,
  not_found: 404,
}

function answerRow(row: WriteRow | undefined, id: string): AnswerRow {
  if (row?.ok === true) return { ok: true, id: row.id ?? id, rev: row.rev ?? '' }
  return errorRow(id, row ?? {})
}

function refusals(
  { access, user }: Visit,
  docs: readonly CouchDocument[],
): readonly (readonly [number, ErrorBody])[] {
  if (writesFreely(access, user)) return []
  return docs.flatMap((doc, index) => {
    const refusal = writeRefusal(access, user, doc)
    return refusal === undefined ? [] : [[index, refusal] as const]
  })
}

/** @throws CouchError 413 when one document is too large; only looked at when the whole request is. */
export function refuseLarge(docs: readonly CouchDocument[], requestBytes: number): void {
  if (requestBytes <= MAX_DOCUMENT_BYTES) return
  for (const doc of docs) {
    if (Buffer.byteLength(JSON.stringify(doc)) > MAX_DOCUMENT_BYTES)
      throw new CouchError(413, 'document_too_large', doc._id)
  }
}

/** Documents of a request body. @throws CouchError 400 */
export function documentsOf(body: Readonly<Record<string, unknown>>): readonly CouchDocument[] {
  const { docs } = body
  if (!Array.isArray(docs)) throw badRequest('POST body must include `docs` parameter.')
  for (const doc of docs as readonly unknown[]) {
    if (typeof doc !== 'object' || doc === null || Array.isArray(doc))
      throw badRequest('Document must be a JSON object')
  }
  return docs as readonly CouchDocument[]
}

const idAt = (docs: readonly CouchDocument[], index: number): string => docs[index]?._id ?? ''

/** A server that lies about a new edit must name some revision. */
function inventedRev(doc: CouchDocument): string {
  const generation = Number.parseInt(doc._rev ?? '0', 10) + 1
  return `${generation}-${createHash('md5').update(JSON.stringify(doc)).digest('hex')}`
}
