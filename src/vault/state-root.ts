/** Roots over revisions (protocol.md 5.2, 5.3): of one slice, and of the live winners of a whole database. */
import { MerkleFold, merkleRoot, type Leaf } from '../lib/merkle.js'
import type { CouchDatabase } from './couch-database.js'
import { winnerOf, type LeafRev } from './rev.js'

export interface DatabaseState {
  /** Hex root over the live winners, sorted by id. */
  readonly root: string
  readonly liveCount: number
}

const ROWS_AT_ONCE = 10_000

/** The state of a database whose leaves are all in memory. */
export function stateOf(
  documents: Iterable<readonly [id: string, leaves: readonly LeafRev[]]>,
): DatabaseState {
  const live: Leaf[] = []
  for (const [id, leaves] of documents) {
    const winner = winnerOf(leaves)
    if (winner !== undefined && !winner.deleted) live.push({ id, rev: winner.rev, deleted: false })
  }
  return { root: merkleRoot(live), liveCount: live.length }
}

/** The state of a large database without one document, streamed from one storage node in order of id, with memory for one page. */
export async function streamState(node: CouchDatabase, without: string): Promise<DatabaseState> {
  const fold = new MerkleFold()
  for (let last: string | undefined; ;) {
    const rows = await node.liveWinners(last, ROWS_AT_ONCE)
    for (const { id, rev } of rows) {
      if (id !== without && !id.startsWith('_design/')) fold.add({ id, rev, deleted: false })
    }
    last = rows.at(-1)?.id
    if (last === undefined || rows.length < ROWS_AT_ONCE) return { root: fold.root(), liveCount: fold.count }
  }
}
