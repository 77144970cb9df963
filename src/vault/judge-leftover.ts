/** Which revisions that a former run left staged may still be sent (protocol.md 3.4). Pure, no I/O. */
import { parseRev, winnerOf, type LeafRev } from './rev.js'
import type { StagedDocument } from './staged-document.js'
import type { Superseded } from './verify.js'

/** What this node puts in front of the tombstone of a losing leaf (protocol.md 2.5). */
const LOSING = /^\d+-00000000/

/**
 * Those whose parent is the winner no more: somebody wrote in their place. Dropping them loses nothing, since their
 * cursor was not committed, and their items are fetched again.
 */
export function supersededOf(
  staged: readonly StagedDocument[],
  leaves: ReadonlyMap<string, readonly LeafRev[]>,
): Superseded {
  return new Set(
    staged.filter((document) => !continuesLine(document, leaves.get(document._id) ?? [])).map(keyOf),
  )
}

function continuesLine(document: StagedDocument, leaves: readonly LeafRev[]): boolean {
  // Nothing there: nothing that it could contradict.
  if (leaves.length === 0) return true
  if (LOSING.test(document._rev)) return leaves.some(({ rev }) => isInPath(document, rev))
  const winner = winnerOf(leaves)
  return winner !== undefined && isInPath(document, winner.rev)
}

/** Whether `rev` is the document's own revision or one of its ancestors. */
function isInPath({ _revisions: { start, ids } }: StagedDocument, rev: string): boolean {
  const { generation, hash } = parseRev(rev)
  return ids[start - generation] === hash
}

const keyOf = ({ _id, _rev }: StagedDocument): string => `${_id} ${_rev}`
