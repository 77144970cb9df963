/** Turns a page into sealed documents with their revisions: what is unchanged is left out. Sends and stores nothing. */
import { setImmediate as turn } from 'node:timers/promises'
import type { JsonObject } from '../lib/canonical-json.js'
import type { ValidPage, ValidRecord } from '../sync/record.js'
import { chunksOf } from './read-leaves.js'
import type { RecordSigner, Signatures } from './record-signature.js'
import { planDelete, planWrite, type PlannedRev } from './revision.js'
import { stagedDocument, type StagedDocument } from './staged-document.js'
import type { VaultDatabase } from './vault-database.js'

/** Some of a page's documents, in its order. */
export interface SealedPart {
  readonly documents: readonly StagedDocument[]
  readonly written: number
  readonly unchanged: number
  readonly deleted: number
}

export interface Sealing {
  readonly leaseNumber: number
  /** Missing: records are not signed. */
  readonly sign: RecordSigner | undefined
}

/** Sealing blocks; so many records at once, then others have their turn. */
const RECORDS_AT_ONCE = 128

/**
 * Part by part: while one is staged, the next ones are being signed. The same item twice in a page is written twice,
 * the later one on top. @throws NodeError SEAL_FAILED, REVISION_REFUSED
 */
export async function* sealPage(
  database: VaultDatabase,
  page: ValidPage,
  sealing: Sealing,
): AsyncGenerator<SealedPart> {
  const records = page.records.map((record) => named(database, page.stream, record))
  const deletedIds = [
    ...page.deletedSourceIds.map((sourceId) => database.documentId(page.stream, sourceId)),
    ...page.deletedDocumentIds,
  ]
  await database.know([...records.map(({ id }) => id), ...deletedIds])
  const parts: PlannedPart[] = []
  for (const some of chunksOf(records, RECORDS_AT_ONCE)) {
    parts.push(planPart(database, some, sealing))
    await turn()
  }
  for (const part of parts) yield await sealPart(database, part)
  if (deletedIds.length > 0) yield sealDeletes(database, deletedIds, sealing)
}

interface NamedRecord {
  readonly id: string
  readonly record: JsonObject
}

const named = (database: VaultDatabase, stream: string, { sourceId, record }: ValidRecord): NamedRecord => ({
  id: database.documentId(stream, sourceId),
  record,
})

interface PlannedRecord {
  readonly id: string
  /** Missing when it is unchanged. */
  readonly write: { readonly rev: PlannedRev; readonly whole: JsonObject } | undefined
  readonly tombstones: readonly PlannedRev[]
}

interface PlannedPart {
  readonly records: readonly PlannedRecord[]
  /** Of the records that are written; missing when they are not signed. */
  readonly signatures: Promise<readonly Signatures[]> | undefined
}

function planPart(
  database: VaultDatabase,
  some: readonly NamedRecord[],
  { leaseNumber, sign }: Sealing,
): PlannedPart {
  const records = some.map((record) => planRecord(database, record, leaseNumber))
  const wholes = records.flatMap(({ write }) => (write === undefined ? [] : [write.whole]))
  return { records, signatures: sign?.all(wholes) }
}

function planRecord(database: VaultDatabase, { id, record }: NamedRecord, lease: number): PlannedRecord {
  const { revKey, generationFloor } = database
  const leaves = database.leaves(id)
  const floor = generationFloor === undefined ? {} : { generationFloor }
  const plan = planWrite({ id, leaves, lease, revKey, record, ...floor })
  database.apply(id, plan)
  const write = plan.kind === 'unchanged' ? undefined : { rev: plan, whole: { ...record, _id: id } }
  return { id, write, tombstones: plan.tombstones }
}

async function sealPart({ envelope }: VaultDatabase, part: PlannedPart): Promise<SealedPart> {
  const signatures = await part.signatures
  const documents: StagedDocument[] = []
  let written = 0
  for (const { id, write, tombstones } of part.records) {
    if (write !== undefined) {
      const { rev, whole } = write
      const signed = signatures === undefined ? whole : { ...whole, signatures: signatures[written] }
      documents.push(stagedDocument(id, rev, envelope.seal(signed)))
      written += 1
    }
    documents.push(...tombstones.map((planned) => stagedDocument(id, planned)))
  }
  return { documents, written, unchanged: part.records.length - written, deleted: 0 }
}

function sealDeletes(
  database: VaultDatabase,
  ids: readonly string[],
  { leaseNumber: lease }: Sealing,
): SealedPart {
  const documents: StagedDocument[] = []
  let deleted = 0
  for (const id of ids) {
    const plan = planDelete({ id, leaves: database.leaves(id), lease, revKey: database.revKey })
    if (plan.kind === 'unchanged') continue
    database.apply(id, plan)
    documents.push(...plan.tombstones.map((planned) => stagedDocument(id, planned)))
    deleted += 1
  }
  return { documents, written: 0, unchanged: 0, deleted }
}
