/** Revision ids as CouchDB orders them: reading, writing, and which leaf of a document wins. No keys, no I/O. */
import { NodeError } from '../errors.js'

/** Above this a generation is refused: nobody gets there by editing. */
export const MAX_GENERATION = 2 ** 31

export interface Rev {
  readonly generation: number
  /** 32 hex characters in what this node writes; other writers may use other text. */
  readonly hash: string
}

/** One leaf of a document's revision tree. */
export interface LeafRev {
  readonly rev: string
  readonly deleted: boolean
  /**
   * Hashes of its ancestors, newest first, as far as they were written in this run and may not be on every storage
   * node yet. Missing for a leaf that was read from the storage nodes.
   */
  readonly path?: readonly string[]
}

const REV = /^([1-9]\d{0,15})-([^\s]+)$/

/** @throws NodeError REVISION_REFUSED for text that is no revision, or a generation above 2^31 */
export function parseRev(rev: string): Rev {
  const match = REV.exec(rev)
  const generation = Number(match?.[1])
  const hash = match?.[2]
  if (hash === undefined) throw new NodeError('REVISION_REFUSED', { detail: 'not a revision id' })
  if (generation > MAX_GENERATION)
    throw new NodeError('REVISION_REFUSED', { detail: `generation ${generation}` })
  return { generation, hash }
}

/** @throws NodeError REVISION_REFUSED for a generation above 2^31 */
export function formatRev({ generation, hash }: Rev): string {
  if (generation > MAX_GENERATION)
    throw new NodeError('REVISION_REFUSED', { detail: `generation ${generation}` })
  return `${generation}-${hash}`
}

/**
 * CouchDB's rule, the same on every replica: a live leaf before a deleted one, then the higher generation, then the
 * greater hash as a string. `undefined` when there is no leaf.
 */
export function winnerOf(leaves: readonly LeafRev[]): LeafRev | undefined {
  const [first, ...rest] = leaves
  return rest.reduce((best, leaf) => (best !== undefined && wins(best, leaf) ? best : leaf), first)
}

function wins(a: LeafRev, b: LeafRev): boolean {
  if (a.deleted !== b.deleted) return b.deleted
  const revA = parseRev(a.rev)
  const revB = parseRev(b.rev)
  if (revA.generation !== revB.generation) return revA.generation > revB.generation
  return revA.hash >= revB.hash
}

/**
 * A leaf kept from a database that was deleted (protocol.md 2.6): the new database continues from it, and since the
 * record itself is gone, it counts as deleted whatever it was.
 */
export function carriedLeaf(rev: string): LeafRev {
  return { rev, deleted: true }
}
