/** Brings one database in step on all storage nodes at the start of a run: made where it is missing, read, aligned. Judges nothing in it. */
import { alignNodes, type NodeLeaves } from './align-nodes.js'
import type { LeafRev } from './rev.js'
import { copyMissing, scanLeaves, type LeafRows } from './read-leaves.js'
import { gravestFault, type Target } from './target.js'

/** `whole`: every leaf is known; `paged`: too many for memory, they are read page by page. */
export type Opened =
  | {
      readonly kind: 'whole'
      readonly leaves: ReadonlyMap<string, readonly LeafRev[]>
      readonly notes: readonly string[]
    }
  | { readonly kind: 'paged'; readonly notes: readonly string[] }

export interface OpenFacts {
  readonly name: string
  readonly owner: string
  /** Whether the database is known to have been made everywhere. */
  readonly made: boolean
  /** Whether it is known to be too large to be read at once. */
  readonly large: boolean
  readonly signal: AbortSignal
  /** Documents read at once. */
  readonly scanLimit: number
}

type Seen = LeafRows | 'large'

/** @throws NodeError STORAGE_UNREACHABLE, REPLICATION_STALLED when no storage node can be used; faults of single ones stay with their target */
export async function openTargets(targets: readonly Target[], facts: OpenFacts): Promise<Opened> {
  const notes: string[] = []
  if (!facts.made) await Promise.all(targets.map((target) => target.attempt(() => make(target, facts))))
  const seen = new Map<Target, Seen>()
  await Promise.all(
    targets.map(async (target) => {
      if (target.fault !== undefined) return
      const found = await target.attempt(() => look(target, facts, notes))
      if (found !== undefined) seen.set(target, found)
    }),
  )
  if (seen.size === 0) throw gravestFault(targets)
  if ([...seen.values()].includes('large')) {
    await alignLarge([...seen], notes)
    if (targets.every(({ fault }) => fault !== undefined)) throw gravestFault(targets)
    return { kind: 'paged', notes }
  }
  const lists = [...seen].flatMap(([target, rows]): NodeLeaves[] =>
    rows === 'large' ? [] : [{ target, rows }],
  )
  const { leaves, copied } = await alignNodes(lists)
  for (const [url, count] of copied) notes.push(copiedNote(url, count))
  return { kind: 'whole', leaves, notes }
}

/** Nodes that were found to hold less than others. */
export const copiedNote = (url: string, count: number): string => `brought ${count} revisions to ${url}`

const make = (target: Target, { name, owner, signal }: OpenFacts): Promise<void> =>
  target.node.createDatabase(name, [owner], signal)

async function look(target: Target, facts: OpenFacts, notes: string[]): Promise<Seen> {
  if (facts.large && (await target.couch.info()) !== undefined) return 'large'
  const found = facts.large ? 'missing' : await scanLeaves(target.couch, facts.scanLimit)
  if (found !== 'missing') return found
  await make(target, facts)
  notes.push(`made again at ${target.url}`)
  return new Map()
}

/** A node that was found small beside large ones lost data, or was away: it gets what it lacks before anything is written. */
async function alignLarge(seen: readonly (readonly [Target, Seen])[], notes: string[]): Promise<void> {
  const [source] = seen.find(([, found]) => found === 'large') ?? []
  if (source === undefined) return
  for (const [target, found] of seen) {
    if (found === 'large') continue
    const count = await copyMissing(source, target)
    if (count > 0) notes.push(copiedNote(target.url, count))
  }
}
