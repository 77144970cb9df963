/** What one slice has gathered between two commits, and when it is full. */
import { addCounts, NO_COUNTS, type SliceLimits, type SyncCounts } from './job.js'
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
  readonly quarantined: QuarantineEntry[] = []
  /** Quarantine rows whose items now pass, by row id. */
  readonly released: string[] = []
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

  isFull(nowMs: number): boolean {
    return (
      nowMs >= this.endMs || this.counts.fetched >= this.limits.records || this.bytes >= this.limits.bytes
    )
  }
}
