/**
 * Makes storage nodes that differ hold the same leaves, and gives the union (protocol.md 2.3). Writing on top of a
 * winner that one node lacks would leave a conflict there that no replication heals.
 */
import { copyRevisions } from './copy-revisions.js'
import type { ChangeRow, RevisionRef } from './couch-database.js'
import type { LeafRev } from './rev.js'
import { gravestFault, type Target } from './target.js'

/** One node's leaves by document id. */
export interface NodeLeaves {
  readonly target: Target
  readonly rows: ReadonlyMap<string, ChangeRow>
}

export interface Aligned {
  readonly leaves: ReadonlyMap<string, readonly LeafRev[]>
  /** How many revisions each node was given, by its URL; nodes that had all are left out. */
  readonly copied: ReadonlyMap<string, number>
}

/**
 * Over the nodes that have no fault; one that fails on the way gets a fault and does not count.
 * @throws NodeError STORAGE_UNREACHABLE, REPLICATION_STALLED when none is left
 */
export async function alignNodes(lists: readonly NodeLeaves[]): Promise<Aligned> {
  for (;;) {
    const sound = lists.filter(({ target }) => target.fault === undefined)
    if (sound.length === 0) throw gravestFault(lists.map(({ target }) => target))
    const aligned = await alignOnce(sound)
    // Leaves of a node that failed meanwhile may be nowhere else: the others are taken without it.
    if (aligned !== undefined && sound.every(({ target }) => target.fault === undefined)) return aligned
  }
}

async function alignOnce(lists: readonly NodeLeaves[]): Promise<Aligned | undefined> {
  const deleted = await deletedLeaves(lists)
  const leaves = new Map<string, LeafRev[]>()
  const uneven = new Set<string>()
  for (const { rows } of lists) {
    for (const { id, revs } of rows.values()) {
      if (leaves.has(id)) continue
      const union = unionOf(lists, id)
      if (lists.some((list) => (list.rows.get(id)?.revs.length ?? 0) !== union.length)) uneven.add(id)
      leaves.set(
        id,
        (union.length === revs.length ? revs : union).map((rev) => ({ rev, deleted: deleted(id, rev) })),
      )
    }
  }
  const copied = new Map<string, number>()
  if (uneven.size === 0) return { leaves, copied }

  // A revision that a node names but does not list as a leaf is an ancestor there: its descendant is listed instead.
  const lacking: (readonly RevisionRef[])[] = []
  const superseded = new Set<string>()
  for (const list of lists) {
    const asked = unlisted(list, uneven, leaves)
    const missing = await list.target.attempt(() => list.target.couch.revsDiff(asked))
    if (missing === undefined) return undefined
    lacking.push(missing)
    const named = new Set(missing.map(keyOf))
    for (const [id, revs] of asked)
      for (const rev of revs) if (!named.has(keyOf({ id, rev }))) superseded.add(keyOf({ id, rev }))
  }
  for (const id of uneven)
    leaves.set(
      id,
      (leaves.get(id) ?? []).filter(({ rev }) => !superseded.has(keyOf({ id, rev }))),
    )
  for (const [index, list] of lists.entries()) {
    const wanted = (lacking[index] ?? []).filter((ref) => !superseded.has(keyOf(ref)))
    if (wanted.length > 0) copied.set(list.target.url, await copyFromHolders(lists, list.target, wanted))
  }
  return { leaves, copied }
}

function unionOf(lists: readonly NodeLeaves[], id: string): readonly string[] {
  return [...new Set(lists.flatMap(({ rows }) => rows.get(id)?.revs ?? []))]
}

function unlisted(
  list: NodeLeaves,
  ids: ReadonlySet<string>,
  leaves: ReadonlyMap<string, readonly LeafRev[]>,
): Map<string, readonly string[]> {
  const asked = new Map<string, readonly string[]>()
  for (const id of ids) {
    const own = list.rows.get(id)?.revs ?? []
    const others = (leaves.get(id) ?? []).map(({ rev }) => rev).filter((rev) => !own.includes(rev))
    if (others.length > 0) asked.set(id, others)
  }
  return asked
}

async function copyFromHolders(
  lists: readonly NodeLeaves[],
  to: Target,
  refs: readonly RevisionRef[],
): Promise<number> {
  let count = 0
  for (const { target } of lists) {
    if (target === to) continue
    const held = refs.filter((ref) => holderOf(lists, to, ref) === target)
    count += await copyRevisions(target, to, held)
  }
  return count
}

function holderOf(lists: readonly NodeLeaves[], to: Target, { id, rev }: RevisionRef): Target | undefined {
  return lists.find(({ target, rows }) => target !== to && rows.get(id)?.revs.includes(rev))?.target
}

const LOSING = /^\d+-00000000/
const keyOf = ({ id, rev }: RevisionRef): string => `${id} ${rev}`

/**
 * Which leaves are deleted. The change feed says it of a document's winner only, so the leaves of a document that has
 * several are looked at one by one, except our own tombstones, which show by their hash.
 */
async function deletedLeaves(lists: readonly NodeLeaves[]): Promise<(id: string, rev: string) => boolean> {
  const dead = new Set<string>()
  const looked = new Set<string>()
  for (const { target, rows } of lists) {
    const unknown: RevisionRef[] = []
    for (const { id, revs, deleted } of rows.values()) {
      if (deleted) for (const rev of revs) dead.add(keyOf({ id, rev }))
      else if (revs.length > 1) {
        for (const rev of revs) {
          if (LOSING.test(rev)) dead.add(keyOf({ id, rev }))
          else if (!looked.has(keyOf({ id, rev }))) unknown.push({ id, rev })
        }
      }
    }
    for (let start = 0; start < unknown.length; start += 200) {
      const part = unknown.slice(start, start + 200)
      for (const document of (await target.attempt(() => target.couch.bulkGet(part, { revs: false }))) ??
        []) {
        const key = keyOf({ id: document._id, rev: document._rev })
        looked.add(key)
        if (document['_deleted'] === true) dead.add(key)
      }
    }
  }
  return (id, rev) => dead.has(keyOf({ id, rev }))
}
