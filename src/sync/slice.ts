/** What one slice has gathered between two commits, and when it is full. */
import type { ContentRow } from './content-state.js'
import { addCounts, NO_COUNTS, type SliceLimits, type SyncCounts, type SyncStream } from './job.js'
import type { Lane } from './lane.js'
import type { Rejected } from './map-page.js'

export interface QuarantineEntry {
  readonly lane: Lane
  readonly rejected: Rejected
}

export class Slice {
  counts: SyncCounts = NO_COUNTS
  bytes = 0
  /** Lanes that moved: their cursors are committed with this slice. */
  readonly lanes = new Set<Lane>()
  /** By stream and item hash, the last word of this slice: an item to be set aside, or `undefined` for one to be let go. */
  readonly quarantine = new Map<SyncStream, Map<string, QuarantineEntry | undefined>>()
  /** By stream and file: what is known of its content after this slice, or `undefined` for nothing. */
  readonly contents = new Map<SyncStream, Map<string, ContentRow | undefined>>()
  readonly seen = new Map<Lane, Set<string>>()
  /** Deleted documents: what scans noted of them goes in the same commit. */
  readonly scanDeleted: { readonly lane: Lane; readonly documentIds: readonly string[] }[] = []

  constructor(
    private readonly limits: SliceLimits,
    private readonly endMs: number,
  ) {}

  add(counts: Partial<SyncCounts>, bytes = 0): void {
    this.counts = addCounts(this.counts, counts)
    this.bytes += bytes
  }

  see(lane: Lane, documentIds: Iterable<string>): void {
    const ids = this.seen.get(lane) ?? new Set<string>()
    for (const id of documentIds) ids.add(id)
    this.seen.set(lane, ids)
  }

  quarantineAs(stream: SyncStream, itemHash: string, entry: QuarantineEntry | undefined): void {
    const entries = this.quarantine.get(stream) ?? new Map<string, QuarantineEntry | undefined>()
    this.quarantine.set(stream, entries.set(itemHash, entry))
  }

  contentAs(stream: SyncStream, fileId: string, row: ContentRow | undefined): void {
    const rows = this.contents.get(stream) ?? new Map<string, ContentRow | undefined>()
    this.contents.set(stream, rows.set(fileId, row))
  }

  isFull(nowMs: number): boolean {
    return (
      nowMs >= this.endMs || this.counts.fetched >= this.limits.records || this.bytes >= this.limits.bytes
    )
  }
}
