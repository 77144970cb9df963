/** The Merkle root over document revisions (protocol.md 5.2), shared by those who sign a state and those who check it. */
import { hash as digest } from 'node:crypto'
import type { Bytes } from './keyed-hash.js'

/** One revision at the end of a document's history. */
export interface Leaf {
  readonly id: string
  readonly rev: string
  readonly deleted: boolean
}

// Different first bytes, so that no inner node can be passed off as a leaf.
const LEAF = 0
const NODE = 1

/**
 * The root over a set of leaves in any order: sorted by the bytes of id, then of rev; a node without a partner moves
 * up unchanged; no leaves at all give SHA-256 of nothing. 64 hex. The number of leaves is not part of it: whoever signs
 * a root signs the count beside it.
 */
export function merkleRoot(leaves: readonly Leaf[]): string {
  const sorted = leaves.map((leaf) => ({ id: Buffer.from(leaf.id), rev: Buffer.from(leaf.rev), leaf }))
  sorted.sort((a, b) => Buffer.compare(a.id, b.id) || Buffer.compare(a.rev, b.rev))
  const fold = new MerkleFold()
  for (const { id, rev, leaf } of sorted) fold.addHash(leafHash(id, rev, leaf.deleted))
  return fold.root()
}

/** The same root over leaves that come in order, with memory for one hash a level. */
export class MerkleFold {
  /** Roots of full trees of falling size, left to right. */
  readonly #trees: { readonly height: number; readonly hash: Bytes }[] = []
  #count = 0

  /** Leaves so far. */
  get count(): number {
    return this.#count
  }

  /** Leaves must come sorted by the bytes of id, then of rev. */
  add({ id, rev, deleted }: Leaf): void {
    this.addHash(leafHash(Buffer.from(id), Buffer.from(rev), deleted))
  }

  addHash(hash: Bytes): void {
    let tree = { height: 0, hash }
    for (let left = this.#trees.at(-1); left?.height === tree.height; left = this.#trees.at(-1)) {
      tree = { height: tree.height + 1, hash: nodeHash(left.hash, tree.hash) }
      this.#trees.pop()
    }
    this.#trees.push(tree)
    this.#count += 1
  }

  /** 64 hex. */
  root(): string {
    const [first, ...rest] = this.#trees.map(({ hash }) => hash).reverse()
    const root = rest.reduce((right: Bytes, left) => nodeHash(left, right), first ?? sha256(Buffer.alloc(0)))
    return Buffer.from(root).toString('hex')
  }
}

/** One buffer and one call for each: a database has many thousands. */
function leafHash(id: Bytes, rev: Bytes, deleted: boolean): Bytes {
  const input = Buffer.allocUnsafe(1 + 4 + id.length + 4 + rev.length + 1)
  let at = input.writeUInt8(LEAF, 0)
  for (const part of [id, rev]) {
    at = input.writeUInt32BE(part.length, at)
    input.set(part, at)
    at += part.length
  }
  input.writeUInt8(deleted ? 1 : 0, at)
  return sha256(input)
}

function nodeHash(left: Bytes, right: Bytes): Bytes {
  const input = Buffer.allocUnsafe(1 + left.length + right.length)
  input.writeUInt8(NODE, 0)
  input.set(left, 1)
  input.set(right, 1 + left.length)
  return sha256(input)
}

const sha256 = (input: Buffer): Bytes => digest('sha256', input, 'buffer')
