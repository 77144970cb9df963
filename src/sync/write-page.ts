/** Stages 2 to 4 of one page: map, validate, write; what does not pass is set aside for the quarantine. */
import type { Page } from '../provider/index.js'
import type { Json } from '../lib/canonical-json.js'
import { deleteContents, fileIdOf, withContents } from './contents.js'
import type { SyncJob } from './job.js'
import type { Lane } from './lane.js'
import { mapPage } from './map-page.js'
import { itemHash, type HeldItems } from './quarantine.js'
import { NOT_SELECTED, select } from './selection.js'
import type { Store } from '../store/index.js'
import type { Slice } from './slice.js'
import { validatePage } from './validate-page.js'

export interface WritingPages {
  readonly store: Store
  readonly job: SyncJob
  readonly slice: Slice
  readonly held: HeldItems
}

export async function writePage(
  { store, job, slice, held }: WritingPages,
  lane: Lane,
  page: Page<Json>,
): Promise<void> {
  const { stream, schema } = lane.stream
  const mapped = mapPage(job, lane.stream, page.items)
  const all = validatePage(schema, mapped)
  const { wanted, unwantedIds } = select(lane.stream, all.valid)
  const valid = await withContents(store, job, slice, lane.stream, wanted)
  const checked = { ...all, valid }
  const deletedIds = [...(page.deletedIds ?? []), ...unwantedIds]
  const written = await job.run.write({
    stream: stream.name,
    schema,
    records: checked.valid,
    deletedSourceIds: deletedIds,
    deletedDocumentIds: [],
  })
  if (stream.deletes !== 'none') rememberSeen(job, slice, lane, checked)
  forgetDeleted(job, slice, lane, deletedIds)
  const goneIds = deletedIds.map((id) => fileIdOf(job, lane.stream, id))
  await deleteContents(job, slice, lane.stream, goneIds)
  const settled = [...checked.valid.map(({ sourceId }) => sourceId), ...deletedIds]
  const released = held.release(lane.stream, () =>
    settled.map((id) => job.run.documentId(schema, stream.name, id)),
  )
  for (const hash of released) slice.quarantineAs(lane.stream, hash, undefined)
  for (const rejected of checked.rejected) {
    const hash = itemHash(job, lane.stream, rejected)
    held.hold(lane.stream, hash)
    slice.quarantineAs(lane.stream, hash, { lane, rejected })
  }
  lane.setAside += checked.rejected.length
  slice.lanes.add(lane)
  slice.add(
    {
      pages: 1,
      fetched: page.items.length,
      mapped: mapped.records.length,
      quarantined: checked.rejected.length,
      released: released.length,
      skipped: {
        ...mapped.skipped,
        ...(unwantedIds.length > 0 && { [NOT_SELECTED]: unwantedIds.length }),
      },
      written: written.written,
      unchanged: written.unchanged,
      deleted: written.deleted,
    },
    written.bytes,
  )
}

function rememberSeen(
  job: SyncJob,
  slice: Slice,
  lane: Lane,
  checked: ReturnType<typeof validatePage>,
): void {
  const { stream, schema } = lane.stream
  const rejectedIds = checked.rejected.map((rejected) => rejected.sourceId)
  if (rejectedIds.includes(undefined)) lane.scanBroken = true
  const sourceIds = [
    ...checked.valid.map((record) => record.sourceId),
    ...rejectedIds.filter((id) => id !== undefined),
  ]
  slice.see(
    lane,
    sourceIds.map((id) => job.run.documentId(schema, stream.name, id)),
  )
}

function forgetDeleted(job: SyncJob, slice: Slice, lane: Lane, sourceIds: readonly string[]): void {
  if (sourceIds.length === 0) return
  const { stream, schema } = lane.stream
  const documentIds = sourceIds.map((id) => job.run.documentId(schema, stream.name, id))
  const seen = slice.seen.get(lane)
  for (const id of documentIds) seen?.delete(id)
  slice.scanDeleted.push({ lane, documentIds })
}
