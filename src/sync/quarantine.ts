/** Items that did not pass: kept sealed, tried again at the owner's next sync, gone after 30 days or when a newer form passes. */
import { NodeError } from '../errors.js'
import { canonicalJson } from '../lib/canonical-json.js'
import { sha256 } from '../lib/keyed-hash.js'
import { quarantine, type QuarantinedItem, type Store, type Tx } from '../store/index.js'
import type { SyncJob } from './job.js'
import type { Lane } from './lane.js'
import { mapPage, type Rejected } from './map-page.js'
import type { Slice } from './slice.js'
import { validatePage } from './validate-page.js'

export const QUARANTINE_DAYS = 30
const DAY_MS = 86_400_000

const itemContext = (stream: string, itemHash: string): readonly string[] => ['quarantine', stream, itemHash]

/**
 * The name of a quarantined item: of its document when the source id is known, so that a newer form that passes takes
 * its place; of its content otherwise.
 */
export function itemHash(job: SyncJob, lane: Lane, rejected: Rejected): string {
  const { stream, schema } = lane.stream
  if (rejected.sourceId !== undefined) return job.run.documentId(schema, stream.name, rejected.sourceId)
  return job.run.documentId(
    schema,
    stream.name,
    `item:${sha256(canonicalJson(rejected.item)).toString('hex')}`,
  )
}

/** Rows of earlier runs by lane and item hash: what passes now, or comes in a newer form that passes, is released. */
export class HeldItems {
  readonly #rows = new Map<Lane, Map<string, string>>()

  hold(lane: Lane, row: QuarantinedItem): void {
    const rows = this.#rows.get(lane) ?? new Map<string, string>()
    this.#rows.set(lane, rows.set(row.itemHash, row.id))
  }

  /** Row ids that these documents release; the ids are only made when something is held. */
  release(lane: Lane, documentIds: () => readonly string[]): string[] {
    const rows = this.#rows.get(lane)
    if (rows === undefined || rows.size === 0) return []
    return documentIds().flatMap((id) => {
      const row = rows.get(id)
      rows.delete(id)
      return row === undefined ? [] : [row]
    })
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
      for (const row of rows) await retryItem(job, slice, lanes, held, row)
      afterId = rows.at(-1)?.id
      if (afterId === undefined) break
    }
  }
  return held
}

async function retryItem(
  job: SyncJob,
  slice: Slice,
  lanes: readonly Lane[],
  held: HeldItems,
  row: QuarantinedItem,
): Promise<void> {
  const lane = lanes.find(
    ({ stream, partition }) => stream.stream.name === row.stream && partition === row.partition,
  )
  if (lane === undefined) return
  const { stream, schema } = lane.stream
  const item = openItem(job, lane, row)
  if (item === undefined) return slice.add({ skipped: { quarantine_unreadable: 1 } })
  const mapped = mapPage(job, lane.stream, [item.value])
  const { valid, rejected } = validatePage(schema, mapped)
  if (rejected.length > 0) {
    held.hold(lane, row)
    if (rejected[0]?.sourceId === undefined) lane.scanBroken = true
    return
  }
  const counts = await job.run.write({
    stream: stream.name,
    schema,
    records: valid,
    deletedSourceIds: [],
    deletedDocumentIds: [],
  })
  const documentIds = valid.map((record) => job.run.documentId(schema, stream.name, record.sourceId))
  if (stream.deletes !== 'none') slice.see(lane, documentIds)
  slice.released.push(row.id)
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
  for (const { lane, rejected } of slice.quarantined) {
    const { stream, schema } = lane.stream
    const hash = itemHash(job, lane, rejected)
    const row = {
      connectionId: job.connectionId,
      database: job.run.database(schema),
      stream: stream.name,
      partition: lane.partition,
      itemHash: hash,
      sealed: job.run.box(schema, 'quarantine').seal(rejected.item, itemContext(stream.name, hash)),
      reason: rejected.reason,
      expiresAtMs: nowMs + QUARANTINE_DAYS * DAY_MS,
    }
    await quarantine.upsert(tx, row, nowMs)
  }
  await quarantine.remove(tx, slice.released)
}
