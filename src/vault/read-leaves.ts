/** Reads which leaves the storage nodes hold (protocol.md 2.3): one scan each of a small database, pages of ids of a large one. */
import type { ChangeRow, CouchDatabase } from './couch-database.js'
import { copyRevisions } from './copy-revisions.js'
import type { NodeLeaves } from './align-nodes.js'

/** Up to this many documents a database is read at once when it is opened. */
export const SCAN_LIMIT = 50_000
/** More ids than these turn CouchDB's filter into a scan of the whole database. */
const IDS_AT_ONCE = 500
const ROWS_AT_ONCE = 10_000

/** A whole node's leaves, and the place in its change feed up to which they were read. */
export interface Scan extends NodeLeaves {
  readonly lastSeq: string
}

/** One scan of a whole database, tombstones included. */
export async function scanLeaves(node: CouchDatabase): Promise<Scan> {
  const rows = new Map<string, ChangeRow>()
  for (let since = '0'; ;) {
    const page = await node.changes(since, SCAN_LIMIT)
    for (const row of page.rows) rows.set(row.id, row)
    if (page.pending === 0 || page.lastSeq === since) return { node, rows, lastSeq: page.lastSeq }
    since = page.lastSeq
  }
}

/** The leaves of some documents; unknown ones have no row. */
export async function leavesOf(node: CouchDatabase, ids: readonly string[]): Promise<NodeLeaves> {
  const rows = new Map<string, ChangeRow>()
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
    for (const row of await node.changesOf(ids.slice(start, start + IDS_AT_ONCE))) rows.set(row.id, row)
  }
  return { node, rows }
}

/**
 * Brings `to` up to `from`, page by page, for databases too large to be held in memory: what `to` does not name is
 * copied with its path. Gives how many revisions were copied.
 */
export async function copyMissing(from: CouchDatabase, to: CouchDatabase): Promise<number> {
  let copied = 0
  for (let since = '0'; ;) {
    const page = await from.changes(since, ROWS_AT_ONCE)
    const leaves = new Map(page.rows.map(({ id, revs }) => [id, revs]))
    for (const part of chunksOf([...leaves], REVISIONS_AT_ONCE)) {
      copied += await copyRevisions(from, to, await to.revsDiff(new Map(part)))
    }
    if (page.pending === 0 || page.lastSeq === since) return copied
    since = page.lastSeq
  }
}

/** Ids in one `_revs_diff`. */
export const REVISIONS_AT_ONCE = 5_000

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}
