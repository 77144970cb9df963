/** Questions to a document's revision tree: which revisions it names, its leaves, its winner. Reads only. */
import type { RevisionTree, TreeNode } from './pouch.js'

export interface Leaf {
  readonly rev: string
  readonly generation: number
  readonly deleted: boolean
}

/** Whether the tree names a revision, as a leaf or on the way to one, with or without its body. */
export function namesRevision(tree: RevisionTree, rev: string): boolean {
  return some(tree, (node, generation) => `${generation}-${node[0]}` === rev)
}

/** Leaves in CouchDB's order, the winner first: live before deleted, then the higher generation, then the higher hash. */
export function leavesOf(tree: RevisionTree): readonly Leaf[] {
  const leaves: Leaf[] = []
  some(tree, ([hash, facts, children], generation) => {
    if (children.length === 0)
      leaves.push({ rev: `${generation}-${hash}`, generation, deleted: facts.deleted === true })
    return false
  })
  return leaves.sort(byRank)
}

function byRank(a: Leaf, b: Leaf): number {
  if (a.deleted !== b.deleted) return a.deleted ? 1 : -1
  if (a.generation !== b.generation) return b.generation - a.generation
  return a.rev < b.rev ? 1 : -1
}

/** Walks every node until `test` holds; a list instead of recursion, for trees a thousand deep. */
function some(tree: RevisionTree, test: (node: TreeNode, generation: number) => boolean): boolean {
  const open = tree.map(({ pos, ids }) => ({ node: ids, generation: pos }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, generation } = next
    if (test(node, generation)) return true
    for (const child of node[2]) open.push({ node: child, generation: generation + 1 })
  }
  return false
}
