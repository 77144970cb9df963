/** Turns a page into sealed documents with their revisions: what is unchanged is left out. Sends and stores nothing. */
import { setImmediate as turn } from 'node:timers/promises'
import type { JsonObject } from '../lib/canonical-json.js'
import type { ValidPage, ValidRecord } from '../sync/record.js'
import type { RecordSigner } from './record-signature.js'
import { planDelete, planWrite } from './revision.js'
import { stagedDocument, type StagedDocument } from './staged-document.js'
import type { VaultDatabase } from './vault-database.js'

export interface SealedPage {
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

/** Sealing and signing block; so many records at once, then others have their turn. */
const RECORDS_AT_ONCE = 64

/** The same item twice in a page is written twice, the later one on top. @throws NodeError SEAL_FAILED, REVISION_REFUSED */
export async function sealPage(
  database: VaultDatabase,
  page: ValidPage,
  sealing: Sealing,
): Promise<SealedPage> {
  const ids = page.records.map(({ sourceId }) => database.documentId(page.stream, sourceId))
  const deletedIds = [
    ...page.deletedSourceIds.map((sourceId) => database.documentId(page.stream, sourceId)),
    ...page.deletedDocumentIds,
  ]
  await database.know([...ids, ...deletedIds])
  const documents: StagedDocument[] = []
  const counts = { written: 0, unchanged: 0, deleted: 0 }
  for (const [index, record] of page.records.entries()) {
    if (index % RECORDS_AT_ONCE === RECORDS_AT_ONCE - 1) await turn()
    const sealed = sealRecord(database, ids[index] ?? '', record, sealing)
    counts[sealed.isWritten ? 'written' : 'unchanged'] += 1
    documents.push(...sealed.documents)
  }
  for (const id of deletedIds) {
    const tombstones = sealDelete(database, id, sealing)
    if (tombstones.length > 0) counts.deleted += 1
    documents.push(...tombstones)
  }
  return { documents, ...counts }
}

function sealRecord(
  database: VaultDatabase,
  id: string,
  { record }: ValidRecord,
  { leaseNumber: lease, sign }: Sealing,
): { readonly isWritten: boolean; readonly documents: readonly StagedDocument[] } {
  const { revKey, generationFloor } = database
  const leaves = database.leaves(id)
  const floor = generationFloor === undefined ? {} : { generationFloor }
  const plan = planWrite({ id, leaves, lease, revKey, record, ...floor })
  database.apply(id, plan)
  const documents = plan.tombstones.map((planned) => stagedDocument(id, planned))
  if (plan.kind === 'unchanged') return { isWritten: false, documents }
  const whole: JsonObject = { ...record, _id: id }
  const signed = sign === undefined ? whole : { ...whole, signatures: sign(whole) }
  return {
    isWritten: true,
    documents: [stagedDocument(id, plan, database.envelope.seal(signed)), ...documents],
  }
}

function sealDelete(
  database: VaultDatabase,
  id: string,
  { leaseNumber: lease }: Sealing,
): readonly StagedDocument[] {
  const plan = planDelete({ id, leaves: database.leaves(id), lease, revKey: database.revKey })
  if (plan.kind === 'unchanged') return []
  database.apply(id, plan)
  return plan.tombstones.map((planned) => stagedDocument(id, planned))
}
