/** Items that did not pass: kept sealed, tried again at the owner's next sync, gone after 30 days or when a newer form passes. */
import { NodeError } from '../errors.js'
import { canonicalJson } from '../lib/canonical-json.js'
import { sha256 } from '../lib/keyed-hash.js'
import { quarantine, type QuarantinedItem, type Store, type Tx } from '../store/index.js'
import { withContents } from './contents.js'
import type { SyncJob, SyncStream } from './job.js'
import type { Lane } from './lane.js'
import { mapPage, type Rejected } from './map-page.js'
import { select } from './selection.js'
import type { Slice } from './slice.js'
import { validatePage } from './validate-page.js'

export const QUARANTINE_DAYS = 30
const DAY_MS = 86_400_000

export const itemContext = (stream: string, itemHash: string): readonly string[] => [
  'quarantine',
  stream,
  itemHash,
]

/**
 * The name of a quarantined item: of its document when the source id is known, so that a newer form that passes takes
 * its place; of its content otherwise.
 */
export function itemHash(job: SyncJob, { stream, schema }: SyncStream, rejected: Rejected): string {
  if (rejected.sourceId !== undefined) return job.run.documentId(schema, stream.name, rejected.sourceId)
  return job.run.documentId(
    schema,
    stream.name,
    `item:${sha256(canonicalJson(rejected.item)).toString('hex')}`,
  )
}

/** Hashes of the items of each stream that lie in quarantine, also those that this run put there. */
export class HeldItems {
  readonly #hashes = new Map<SyncStream, Set<string>>()

  hold(stream: SyncStream, hash: string): void {
    const hashes = this.#hashes.get(stream) ?? new Set<string>()
    this.#hashes.set(stream, hashes.add(hash))
  }

  /**
   * Items to be let go because a newer form of their document passed, or because it was deleted: kept, they would
   * come back over it one day. The ids are only made when something is held.
   */
  release(stream: SyncStream, documentIds: () => readonly string[]): readonly string[] {
    const hashes = this.#hashes.get(stream)
    if (hashes === undefined || hashes.size === 0) return []
    return documentIds().filter((id) => hashes.delete(id))
  }
}

/** Tries the items of earlier runs again, before anything is fetched: a newer form that comes later wins. */
export async function retryQuarantine(
  store: Store,
  job: SyncJob,
  slice: Slice,
  lanes: readonly Lane[],
): Promise<HeldItems> {
  const held = new HeldItems()
  const databases = new Set(job.streams.map(({ schema }) => job.run.database(schema)))
  for (const database of databases) {
    let afterId: string | undefined
    for (;;) {
      const page = { nowMs: job.clock.now(), ...(afterId === undefined ? {} : { afterId }) }
      const rows = await quarantine.listForRetry(store.db, database, page)
      for (const row of rows) await retryItem(store, job, { slice, lanes, held }, row)
      afterId = rows.at(-1)?.id
      if (afterId === undefined) break
    }
  }
  return held
}

interface Retry {
  readonly slice: Slice
  readonly lanes: readonly Lane[]
  readonly held: HeldItems
}

async function retryItem(
  store: Store,
  job: SyncJob,
  { slice, lanes, held }: Retry,
  row: QuarantinedItem,
): Promise<void> {
  const lane = lanes.find(
    ({ stream, partition }) => stream.stream.name === row.stream && partition === row.partition,
  )
  if (lane === undefined) return
  const { stream, schema } = lane.stream
  const item = openItem(job, lane, row)
  if (item === undefined) {
    // Which document it is cannot be known.
    lane.scanBroken = true
    return slice.add({ skipped: { quarantine_unreadable: 1 } })
  }
  const mapped = mapPage(job, lane.stream, [item.value])
  const { valid, rejected } = validatePage(schema, mapped)
  const { wanted } = select(lane.stream, valid)
  if (rejected.length > 0) {
    held.hold(lane.stream, row.itemHash)
    if (rejected[0]?.sourceId === undefined) lane.scanBroken = true
    return
  }
  const counts = await job.run.write({
    stream: stream.name,
    schema,
    records: await withContents(store, job, slice, lane.stream, wanted),
    deletedSourceIds: [],
    deletedDocumentIds: [],
  })
  const documentIds = wanted.map((record) => job.run.documentId(schema, stream.name, record.sourceId))
  if (stream.deletes !== 'none') slice.see(lane, documentIds)
  slice.quarantineAs(lane.stream, row.itemHash, undefined)
  slice.add({ released: 1, written: counts.written, unchanged: counts.unchanged }, counts.bytes)
}

function openItem(job: SyncJob, lane: Lane, row: QuarantinedItem): { readonly value: unknown } | undefined {
  try {
    return {
      value: job.run
        .box(lane.stream.schema, 'quarantine')
        .open(row.sealed, itemContext(row.stream, row.itemHash)),
    }
  } catch (error) {
    // One unreadable row must not stop every sync: it is counted, and goes when its time is over.
    if (error instanceof NodeError && error.code === 'SEAL_FAILED') return undefined
    throw error
  }
}

/** The quarantine's part of a slice's commit. */
export async function commitQuarantine(tx: Tx, job: SyncJob, slice: Slice): Promise<void> {
  const nowMs = job.clock.now()
  for (const [{ stream, schema }, entries] of slice.quarantine) {
    const of = { database: job.run.database(schema), stream: stream.name }
    const released: string[] = []
    for (const [hash, entry] of entries) {
      if (entry === undefined) {
        released.push(hash)
        continue
      }
      const { lane, rejected } = entry
      const row = {
        ...of,
        connectionId: job.connectionId,
        partition: lane.partition,
        itemHash: hash,
        sealed: job.run.box(schema, 'quarantine').seal(rejected.item, itemContext(stream.name, hash)),
        reason: rejected.reason,
        expiresAtMs: nowMs + QUARANTINE_DAYS * DAY_MS,
      }
      await quarantine.upsert(tx, row, nowMs)
    }
    await quarantine.remove(tx, of, released)
  }
}
