/** The leaves of what was put into a new staging, kept up while it is put there: reading them back would read every document. */
import type { RevisionRef } from './couch-database.js'
import { parseRev } from './rev.js'
import type { StagedDocument } from './staged-document.js'

/** A revision at the end of a staged document's line. */
export interface StagedLeaf extends RevisionRef {
  readonly deleted: boolean
}

export class StagedLeaves {
  readonly #byId = new Map<string, readonly StagedLeaf[]>()

  add(documents: readonly StagedDocument[]): void {
    for (const document of documents) {
      const { _id: id, _rev: rev } = document
      const before = this.#byId.get(id)
      const kept = before?.filter((leaf) => leaf.rev !== rev && !isAncestor(leaf, document)) ?? []
      this.#byId.set(id, [...kept, { id, rev, deleted: document._deleted === true }])
    }
  }

  all(): readonly StagedLeaf[] {
    return [...this.#byId.values()].flat()
  }
}

function isAncestor({ rev }: StagedLeaf, { _revisions: { start, ids } }: StagedDocument): boolean {
  const { generation, hash } = parseRev(rev)
  return generation < start && ids[start - generation] === hash
}
