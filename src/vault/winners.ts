/** The leaves of documents as this run knows them, in memory; one settled live leaf, the usual case, costs one string. */
import { parseRev, type LeafRev } from './rev.js'
import type { DeletePlan, PlannedRev, WritePlan } from './revision.js'

/** A string: the one leaf of the document, live, on every storage node. */
type Entry = string | readonly LeafRev[]

/**
 * Leaves by document id. Loaded from the storage nodes, and kept up when a page is sealed: what is still in flight
 * carries the path of this run (protocol.md 2.4) until `settle`.
 */
export class WinnerMap {
  readonly #entries = new Map<string, Entry>()
  readonly #inFlight = new Set<string>()

  /** Documents that are known, those without a leaf too. */
  get size(): number {
    return this.#entries.size
  }

  /** Whether the leaves of a document are known; one that was looked for and not found is known, with no leaves. */
  has(id: string): boolean {
    return this.#entries.has(id)
  }

  /** Takes what the storage nodes hold. Does not replace a document that this run has written. */
  load(id: string, leaves: readonly LeafRev[]): void {
    if (!this.#inFlight.has(id)) this.#entries.set(id, compact(leaves))
  }

  leaves(id: string): readonly LeafRev[] {
    const entry = this.#entries.get(id)
    return typeof entry === 'string' ? [{ rev: entry, deleted: false }] : (entry ?? [])
  }

  /** Records what was sealed by a plan made from `leaves(id)`. */
  apply(id: string, plan: WritePlan | DeletePlan): void {
    const tombstones = plan.kind === 'unchanged' && !('tombstones' in plan) ? [] : plan.tombstones
    if (plan.kind !== 'write' && tombstones.length === 0) return
    const added = tombstones.map((planned) => leafOf(planned, true))
    if (plan.kind === 'write') added.push(leafOf(plan, false))
    const kept = this.leaves(id).filter((leaf) => !added.some((newer) => continues(newer, leaf)))
    this.#entries.set(id, [...kept, ...added])
    this.#inFlight.add(id)
  }

  /** Everything written so far was proven to be on every storage node: paths are dropped. */
  settle(): void {
    for (const id of this.#inFlight) {
      const leaves = this.leaves(id).map(({ rev, deleted }) => ({ rev, deleted }))
      this.#entries.set(id, compact(leaves))
    }
    this.#inFlight.clear()
  }

  /** Forgets every document; for databases that are read page by page. Only after `settle`. */
  clear(): void {
    if (this.#inFlight.size > 0) throw new RangeError('documents are still in flight')
    this.#entries.clear()
  }

  /** Every known document and its leaves. */
  *[Symbol.iterator](): IterableIterator<readonly [id: string, leaves: readonly LeafRev[]]> {
    for (const id of this.#entries.keys()) yield [id, this.leaves(id)]
  }
}

function compact(leaves: readonly LeafRev[]): Entry {
  const [only] = leaves
  return leaves.length === 1 && only !== undefined && !only.deleted && only.path === undefined
    ? only.rev
    : leaves
}

function leafOf({ rev, path }: PlannedRev, deleted: boolean): LeafRev {
  return { rev, deleted, path: path.slice(1) }
}

/** Whether `newer` has `leaf` among its ancestors. */
function continues(newer: LeafRev, leaf: LeafRev): boolean {
  const { generation, hash } = parseRev(leaf.rev)
  return newer.path?.[parseRev(newer.rev).generation - generation - 1] === hash
}
