/** Reads which leaves a storage node holds (protocol.md 2.3): one scan of a small database, pages of ids of a large one. */
import type { ChangeRow, CouchDatabase } from './couch-database.js'
import { copyRevisions } from './copy-revisions.js'
import type { Target } from './target.js'

/** Up to this many documents a database is read at once when it is opened. */
export const SCAN_LIMIT = 50_000
/** More ids than these turn CouchDB's filter into a scan of the whole database. */
const IDS_AT_ONCE = 500
const ROWS_AT_ONCE = 10_000
/** Ids in one `_revs_diff`. */
export const REVISIONS_AT_ONCE = 5_000

export type LeafRows = ReadonlyMap<string, ChangeRow>

/** One scan of a whole database, tombstones included. */
export async function scanLeaves(
  node: CouchDatabase,
  limit: number,
): Promise<LeafRows | 'large' | 'missing'> {
  const page = await node.changes('0', limit)
  if (page === undefined) return 'missing'
  return page.pending > 0 ? 'large' : rowsById(page.rows)
}

/** The leaves of some documents; unknown ones have no row. */
export async function leavesOf(node: CouchDatabase, ids: readonly string[]): Promise<LeafRows> {
  const rows: ChangeRow[] = []
  for (const part of chunksOf(ids, IDS_AT_ONCE)) rows.push(...(await node.changesOf(part)))
  return rowsById(rows)
}

/** Every leaf of a database of any size, page by page; nothing when there is no such database. */
export async function* pagesOfLeaves(node: CouchDatabase): AsyncGenerator<readonly ChangeRow[]> {
  for (let since = '0'; ;) {
    const page = await node.changes(since, ROWS_AT_ONCE)
    if (page === undefined) return
    yield page.rows
    if (page.pending === 0 || page.lastSeq === since) return
    since = page.lastSeq
  }
}

/**
 * Brings `to` up to `from`, page by page, for databases too large to be held in memory: what `to` does not name is
 * copied with its path. Gives how many revisions were copied; a node that fails gets a fault.
 */
export async function copyMissing(from: Target, to: Target): Promise<number> {
  let copied = 0
  await from.attempt(async () => {
    for await (const rows of pagesOfLeaves(from.couch)) {
      for (const part of chunksOf(rows, REVISIONS_AT_ONCE)) {
        const leaves = new Map(part.map(({ id, revs }) => [id, revs]))
        const missing = await to.attempt(() => to.couch.revsDiff(leaves))
        if (missing !== undefined) copied += await copyRevisions(from, to, missing)
        if (from.fault !== undefined || to.fault !== undefined) return
      }
    }
  })
  return copied
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}

const rowsById = (rows: readonly ChangeRow[]): LeafRows => new Map(rows.map((row) => [row.id, row]))
