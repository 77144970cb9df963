/** What a database continues from: the leaves of its earlier life and of the databases that held these records before (protocol.md 2.6). */
import type { DestinationPorts } from './destination-ports.js'
import { targetsOf } from './destination-ports.js'
import { isLive, leavesKeyOf, type DatabaseLine } from './database-line.js'
import { mergeLeaves, NO_LEAVES, openLeaves, sealLeaves, type KeptLeaves } from './kept-leaves.js'
import type { DatabaseOwner } from './keys.js'
import type { DatabaseRow } from './ports.js'
import { pagesOfLeaves } from './read-leaves.js'
import { gravestFault } from './target.js'

const HOUR_MS = 3_600_000

export interface LeavesRun {
  readonly leaseNumber: number
  readonly signal: AbortSignal
}

/** @throws NodeError STORAGE_UNREACHABLE when a former database can be read nowhere */
export async function carriedLeaves(
  ports: DestinationPorts,
  line: DatabaseLine,
  run: LeavesRun,
): Promise<KeptLeaves> {
  let carried = NO_LEAVES
  const { row } = line
  if (row !== undefined) {
    // A live database without kept leaves was never forgotten: it has everything itself.
    if (row.leavesSealed !== null || !isLive(row)) carried = keptOf(ports, line.of, row)
  }
  for (const former of line.former) {
    const kept =
      isLive(former) && former.leavesSealed === null
        ? await keepLeaves(ports, line.of, former, run)
        : keptOf(ports, line.of, former)
    carried = mergeLeaves(carried, kept)
  }
  return carried
}

/** Reads the leaves of a database and keeps them sealed, with those that it was continued from. Nothing may be deleted before. */
export async function keepLeaves(
  ports: DestinationPorts,
  of: DatabaseOwner,
  row: DatabaseRow,
  run: LeavesRun,
): Promise<KeptLeaves> {
  const revs = new Map<string, string>()
  const targets = await targetsOf(ports, row.name, run.signal)
  const read = await Promise.all(
    targets.map((target) =>
      target.attempt(async () => {
        const found = new Map<string, string>()
        for await (const page of pagesOfLeaves(target.couch))
          // The change feed names the winner first; it is what the owner's readers have.
          for (const {
            id,
            revs: [winner],
          } of page)
            if (winner !== undefined) found.set(id, winner)
        return found
      }),
    ),
  )
  if (read.every((found) => found === undefined)) throw gravestFault(targets)
  let kept: KeptLeaves = row.leavesSealed === null ? { revs } : keptOf(ports, of, row)
  for (const found of read) if (found !== undefined) kept = mergeLeaves(kept, { revs: found })
  await ports.rows.keepLeaves(
    row.name,
    sealLeaves(leavesKeyOf(ports.secrets, of, row), row.name, kept),
    run.leaseNumber,
  )
  return kept
}

/** What is kept of a row. When it is lost, documents start where no earlier generation can have got to: at the hours since 1970. */
function keptOf(ports: DestinationPorts, of: DatabaseOwner, row: DatabaseRow): KeptLeaves {
  const key = leavesKeyOf(ports.secrets, of, row)
  const kept = row.leavesSealed === null ? undefined : openLeaves(key, row.name, row.leavesSealed)
  return kept ?? lostLeaves(ports)
}

export function lostLeaves({ clock }: Pick<DestinationPorts, 'clock'>): KeptLeaves {
  return { revs: new Map(), generationFloor: Math.floor(clock.now() / HOUR_MS) }
}
