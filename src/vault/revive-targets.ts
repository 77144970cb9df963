/** Brings storage nodes that failed during a run back in step before they are asked to prove anything; one that is still down stays out. */
import { alignNodes, type NodeLeaves } from './align-nodes.js'
import { within } from './deadline.js'
import { copiedNote } from './open-targets.js'
import { copyMissing, scanLeaves } from './read-leaves.js'
import type { Target } from './target.js'
import type { VaultDatabase } from './vault-database.js'

/** A node that is well answers this in milliseconds. */
const PING_MS = 3_000

/** Only while nothing is in flight. */
export async function reviveTargets(
  database: VaultDatabase,
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  const failed = database.targets.filter(({ fault }) => fault !== undefined)
  if (failed.length === 0) return
  const back = await Promise.all(failed.map((target) => ping(target, database.name, owner, signal)))
  if (!back.includes(true)) return
  if (database.isPaged) return bringAll(database, failed)
  const lists: NodeLeaves[] = []
  for (const target of database.targets) {
    if (target.fault !== undefined) continue
    const rows = await target.attempt(() => scanLeaves(target.couch, 2 * database.scanLimit))
    // Grown large during this slice: compared page by page instead.
    if (rows === 'large') return bringAll(database, failed)
    if (rows !== undefined && rows !== 'missing') lists.push({ target, rows })
  }
  if (lists.length === 0) return
  const { leaves, copied } = await alignNodes(lists)
  database.take(leaves)
  for (const [url, count] of copied) database.notes.push(copiedNote(url, count))
}

async function ping(target: Target, name: string, owner: string, signal: AbortSignal): Promise<boolean> {
  const { fault } = target
  target.fault = undefined
  await target.attempt(async () => {
    const found = await within(PING_MS, signal, async (limited) =>
      (await target.node.database(name, limited)).info(),
    )
    if (found === undefined) await target.node.createDatabase(name, [owner], signal)
  })
  if (!hasFault(target)) return true
  // The first fault says more than that it is still so.
  target.fault = fault
  return false
}

const hasFault = ({ fault }: Target): boolean => fault !== undefined

async function bringAll(database: VaultDatabase, failed: readonly Target[]): Promise<void> {
  const source = database.targets.find((target) => target.fault === undefined && !failed.includes(target))
  if (source === undefined) return
  for (const target of failed) {
    if (target.fault !== undefined) continue
    const count = await copyMissing(source, target)
    if (count > 0) database.notes.push(copiedNote(target.url, count))
  }
}
