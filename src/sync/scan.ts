/** Deletions that show only as absence: what a complete scan no longer met is deleted, unless that is more than half or may only be old. */
import { scanItems, type LaneKey, type Store } from '../store/index.js'
import { deleteContents } from './contents.js'
import type { SyncJob } from './job.js'
import type { Lane } from './lane.js'
import type { Slice } from './slice.js'

/** A scan that missed more than half of what was known, or could not see what is old: nothing is deleted until the owner confirms. */
export interface SuspectedDeletes {
  readonly stream: string
  readonly partition: string
  readonly missing: number
  readonly known: number
}

const PAGE = 1_000

export const laneKey = (job: SyncJob, lane: Lane): LaneKey => ({
  database: job.run.database(lane.stream.schema),
  stream: lane.stream.stream.name,
  partition: lane.partition,
})

/** Called when a lane has read its last page. Only a reading of everything proves absence, and one in which some item could not be identified does not. */
export async function endScan(
  store: Store,
  job: SyncJob,
  slice: Slice,
  lane: Lane,
): Promise<readonly SuspectedDeletes[]> {
  if (lane.stream.stream.deletes === 'none' || !lane.fullRead) return []
  if (lane.scanBroken) {
    slice.add({ skipped: { scan_unproven: 1 } })
    return []
  }
  const { known, missing } = await findMissing(store, job, slice, lane)
  if (missing.length === 0) return []
  // Scans read whole lists; a feed that is read anew through a window does not show what moved out of it.
  const isWindowed = job.sinceMs !== undefined && lane.stream.stream.deletes === 'feed'
  if ((isWindowed || missing.length * 2 > known) && !job.confirmDeletes) {
    return [{ stream: lane.stream.stream.name, partition: lane.partition, missing: missing.length, known }]
  }
  for (let from = 0; from < missing.length; from += PAGE) {
    const documentIds = missing.slice(from, from + PAGE)
    const { stream, schema } = lane.stream
    const counts = await job.run.write({
      stream: stream.name,
      schema,
      records: [],
      deletedSourceIds: [],
      deletedDocumentIds: documentIds,
    })
    slice.add({ deleted: counts.deleted }, counts.bytes)
    await deleteContents(job, slice, lane.stream, documentIds)
  }
  slice.scanDeleted.push({ lane, documentIds: missing })
  return []
}

/** Documents of earlier scans that neither the committed slices of this scan nor this slice met. */
async function findMissing(
  store: Store,
  job: SyncJob,
  slice: Slice,
  lane: Lane,
): Promise<{ readonly known: number; readonly missing: readonly string[] }> {
  const key = laneKey(job, lane)
  const seenNow = slice.seen.get(lane) ?? new Set<string>()
  const { all: known } = await scanItems.count(store.db, key, lane.scanNumber)
  const missing: string[] = []
  let after = ''
  for (;;) {
    const ids = await scanItems.missing(store.db, key, lane.scanNumber, { after, limit: PAGE })
    missing.push(...ids.filter((id) => !seenNow.has(id)))
    const last = ids.at(-1)
    if (last === undefined) return { known, missing }
    after = last
  }
}
