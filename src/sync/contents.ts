/** Contents of files beside their records: which are wanted, which are kept, and the end of those whose file is gone. Fetches nothing. */
import { fileContents, leases, type Store, type Tx } from '../store/index.js'
import { chunkSourceId } from './chunk-records.js'
import { openContent, sealContent, type ContentFacts, type ContentRow } from './content-state.js'
import { describeContent } from './describe-content.js'
import type { ContentWish, SyncJob, SyncStream } from './job.js'
import type { MappedRecord, ValidRecord } from './record.js'
import type { Slice } from './slice.js'
import { validatePage } from './validate-page.js'

/** Chunks that are deleted at once, until none of so many was there. */
const SWEEP = 64

export type ContentStream = SyncStream & { readonly content: ContentWish }

export const hasContents = (stream: SyncStream): stream is ContentStream => stream.content !== undefined

export const rowsOf = (job: SyncJob, { stream, schema }: SyncStream) => ({
  database: job.run.database(schema),
  stream: stream.name,
})

/** Whether the storage nodes lost chunks that were proven: everything is read anew then. */
export const chunksAreLost = (job: SyncJob, { content }: SyncStream): boolean =>
  content !== undefined && job.run.isLost(content.schema)

/** What was kept is not there any more: it is not what is known. @throws NodeError WRITE_CONFLICT */
export async function forgetLostContents(store: Store, job: SyncJob): Promise<void> {
  for (const stream of job.streams.filter(hasContents)) {
    if (!chunksAreLost(job, stream) && !job.run.isLost(stream.schema)) continue
    await store.transaction(async (tx) => {
      await leases.assertHeld(tx, job.connectionId, job.leaseNumber)
      await fileContents.removeByDatabase(tx, rowsOf(job, stream).database)
    })
  }
}

/** The records of a page, each with what there is of its content. */
export async function withContents(
  store: Store,
  job: SyncJob,
  slice: Slice,
  stream: SyncStream,
  records: readonly ValidRecord[],
): Promise<readonly ValidRecord[]> {
  const { content } = stream
  if (content === undefined || content.maxBytes === null) return records
  const ids = records.map(({ sourceId }) => fileIdOf(job, stream, sourceId))
  const rows = await knownRows(store, job, slice, stream, ids)
  const gone: string[] = []
  const described: MappedRecord[] = []
  for (const [index, record] of records.entries()) {
    const fileId = ids[index] ?? ''
    const row = rows.get(fileId)
    const known = row?.state
    const is = describeContent(record.content, known, content.maxBytes)
    if (is.kind === 'none' || is.kind === 'left out') {
      if (known !== undefined) gone.push(fileId)
    } else if (is.kind === 'wanted') {
      const { sourceId } = record
      const state = { kind: 'wanted', offer: is.offer, sourceId, record: record.record } as const
      const isSame = known?.kind === 'wanted' && known.offer.version === is.offer.version
      slice.contentAs(stream, fileId, { state, failures: isSame ? (row?.failures ?? 0) : 0 })
    }
    described.push(is.kind === 'none' ? record : withFacts(record, is.facts))
  }
  await deleteContents(job, slice, stream, gone)
  return validatePage(stream.schema, { records: described, rejected: [], skipped: {} }).valid
}

export const withFacts = (mapped: MappedRecord, facts: ContentFacts): MappedRecord => ({
  ...mapped,
  record: { ...mapped.record, content: facts },
})

async function knownRows(
  store: Store,
  job: SyncJob,
  slice: Slice,
  stream: SyncStream,
  fileIds: readonly string[],
): Promise<ReadonlyMap<string, ContentRow>> {
  const found = await fileContents.getMany(store.db, rowsOf(job, stream), fileIds)
  const rows = new Map<string, ContentRow>()
  for (const [fileId, { sealed, failures }] of found)
    rows.set(fileId, { state: openContent(job, stream, fileId, sealed), failures })
  for (const [fileId, row] of slice.contents.get(stream) ?? [])
    if (row === undefined) rows.delete(fileId)
    else rows.set(fileId, row)
  return rows
}

export const fileIdOf = (job: SyncJob, { stream, schema }: SyncStream, sourceId: string): string =>
  job.run.documentId(schema, stream.name, sourceId)

/** Deletes what is kept of these files, and forgets that it was. */
export async function deleteContents(
  job: SyncJob,
  slice: Slice,
  stream: SyncStream,
  fileIds: readonly string[],
): Promise<void> {
  if (!hasContents(stream) || fileIds.length === 0) return
  const first = fileIds.map((fileId) => [fileId, 0] as const)
  // Folders, and files whose content was never fetched.
  const isAny = (await deleteChunks(job, slice, stream, first)) > 0
  for (const fileId of fileIds) {
    if (isAny) await sweepChunks(job, slice, stream, { fileId, from: 1 })
    slice.contentAs(stream, fileId, undefined)
  }
}

/** Deletes the chunks of a file from one on. What a run that was cut left behind is nowhere counted: it is looked for. */
export async function sweepChunks(
  job: SyncJob,
  slice: Slice,
  stream: ContentStream,
  { fileId, from }: { readonly fileId: string; readonly from: number },
): Promise<void> {
  for (let at = from; ; at += SWEEP) {
    const some = Array.from({ length: SWEEP }, (_, index) => [fileId, at + index] as const)
    if ((await deleteChunks(job, slice, stream, some)) === 0) return
  }
}

async function deleteChunks(
  job: SyncJob,
  slice: Slice,
  { stream, content }: ContentStream,
  chunks: readonly (readonly [fileId: string, index: number])[],
): Promise<number> {
  const { deleted, bytes } = await job.run.write({
    stream: stream.name,
    schema: content.schema,
    records: [],
    deletedSourceIds: chunks.map(([fileId, index]) => chunkSourceId(fileId, index)),
    deletedDocumentIds: [],
  })
  slice.add({}, bytes)
  return deleted
}

/** The contents' part of a slice's commit. */
export async function commitContents(tx: Tx, job: SyncJob, slice: Slice): Promise<void> {
  const nowMs = job.clock.now()
  for (const [stream, rows] of slice.contents) {
    const of = rowsOf(job, stream)
    const gone: string[] = []
    for (const [documentId, row] of rows) {
      if (row === undefined) {
        gone.push(documentId)
        continue
      }
      const { state, failures } = row
      const sealed = sealContent(job, stream, documentId, state)
      await fileContents.put(tx, { ...of, documentId, state: state.kind, sealed, failures }, nowMs)
    }
    await fileContents.remove(tx, of, gone)
  }
}
