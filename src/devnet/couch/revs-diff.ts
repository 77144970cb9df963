/** `_revs_diff`: which revisions a database does not name. It looks at revision trees only, never at a body. */
import { toCouchError } from './errors.js'
import type { Pouch, RevisionTree } from './pouch.js'
import { leavesOf, namesRevision } from './revision-tree.js'

export interface MissingRevisions {
  readonly missing: readonly string[]
  /** Leaves that may be ancestors of what is missing: of a lower generation. */
  readonly possible_ancestors?: readonly string[]
}

/** https://docs.couchdb.org/en/stable/api/database/misc.html#db-revs-diff */
export function missingRevisions(
  pouch: Pouch,
  asked: ReadonlyMap<string, readonly string[]>,
): Promise<Readonly<Record<string, MissingRevisions>>> {
  return new Promise((resolve, reject) => {
    const answer: Record<string, MissingRevisions> = {}
    let open = asked.size
    if (open === 0) resolve(answer)
    // Callbacks, not promises: thousands of documents per request.
    for (const [id, revs] of asked) {
      pouch._getRevisionTree(id, (error, tree) => {
        if (error !== null && error !== undefined && (error as { status?: unknown }).status !== 404)
          return reject(toCouchError(error))
        const row = missingOf(tree ?? [], revs)
        if (row !== undefined) answer[id] = row
        open -= 1
        if (open === 0) resolve(answer)
      })
    }
  })
}

function missingOf(tree: RevisionTree, revs: readonly string[]): MissingRevisions | undefined {
  const missing = tree.length === 0 ? revs : revs.filter((rev) => !namesRevision(tree, rev))
  if (missing.length === 0) return undefined
  const highest = Math.max(...missing.map((rev) => Number.parseInt(rev, 10)))
  const ancestors = leavesOf(tree).filter(({ generation }) => generation < highest)
  return ancestors.length === 0
    ? { missing }
    : { missing, possible_ancestors: ancestors.map(({ rev }) => rev) }
}
