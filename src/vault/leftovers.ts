/**
 * Finishes what a former run left staged: sent where it still may be, verified, erased (protocol.md 3.4). It needs no
 * key, makes no database, and runs under the connection's lease only.
 */
import { NodeError, toNodeError } from '../errors.js'
import { alignNodes, type NodeLeaves } from './align-nodes.js'
import { isLive } from './database-line.js'
import { targetsOf, type DestinationPorts } from './destination-ports.js'
import { discard, release } from './erase.js'
import { supersededOf } from './judge-leftover.js'
import type { DatabaseRow } from './ports.js'
import { chunksOf, leavesOf } from './read-leaves.js'
import type { StagedDocument } from './staged-document.js'
import type { StagedLeaf } from './staged-leaves.js'
import type { Staging } from './staging.js'
import { isNodeFault } from './target.js'
import { proofOf, verifyStaging } from './verify.js'

export interface LeftoverCounts {
  /** Sent if need be, seen on the storage nodes, erased. */
  readonly finished: number
  /** Erased without sending: of a forgotten database, or damaged. */
  readonly dropped: number
  /** Still here, since a storage node does not play its part. */
  readonly kept: number
}

const DOCUMENTS_AT_ONCE = 500

/** Who holds the connection's lease; what it staged itself, under this number, is none of the leftovers. */
export interface LeaseHolder {
  readonly connectionId: string
  readonly leaseNumber?: number
  readonly signal: AbortSignal
}

/** @throws NodeError ERASE_INCOMPLETE, or what is not a storage node's failure */
export async function finishLeftovers(
  ports: DestinationPorts,
  { connectionId, leaseNumber, signal }: LeaseHolder,
  rows: readonly DatabaseRow[],
): Promise<LeftoverCounts> {
  const counts = { finished: 0, dropped: 0, kept: 0 }
  const all = await ports.area.leftovers(connectionId)
  for (const staging of all.filter((one) => one.row.leaseNumber !== leaseNumber)) {
    const row = rows.find(({ name }) => name === staging.row.database)
    const outcome = await finishOne(ports, staging, isLive(row), signal)
    counts[outcome] += 1
    ports.log.info('staging.leftover', {
      outcome,
      database: staging.row.database,
      lease: staging.row.leaseNumber,
    })
  }
  return counts
}

async function finishOne(
  ports: DestinationPorts,
  staging: Staging,
  isWanted: boolean,
  signal: AbortSignal,
): Promise<keyof LeftoverCounts> {
  if (!isWanted) {
    await discard(ports.area, { kind: 'forgotten', staging })
    return 'dropped'
  }
  const documents = await readStaged(staging)
  if (documents === 'damaged') {
    await discard(ports.area, { kind: 'damaged', staging })
    return 'dropped'
  }
  try {
    const targets = await targetsOf(ports, staging.row.database, signal)
    const ids = documents.map(({ _id }) => _id)
    const lists = await Promise.all(
      targets.map(async (target): Promise<NodeLeaves | undefined> => {
        const found = await target.attempt(() => leavesOf(target.couch, ids))
        return found === undefined ? undefined : { target, rows: found }
      }),
    )
    const { leaves } = await alignNodes(lists.filter((list) => list !== undefined))
    const superseded = supersededOf(documents, leaves)
    const options = { targets, required: ports.required, full: ports.verifyFull, superseded }
    await release(ports.area, proofOf([[staging, await verifyStaging(staging, options)]], []))
    return 'finished'
  } catch (error) {
    await staging.close()
    if (isNodeFault(toNodeError(error))) return 'kept'
    throw error
  }
}

/** Every staged leaf with its path. */
async function readStaged(staging: Staging): Promise<readonly StagedDocument[] | 'damaged'> {
  const documents: StagedDocument[] = []
  try {
    const leaves: StagedLeaf[] = []
    for await (const page of staging.leaves()) leaves.push(...page)
    for (const part of chunksOf(leaves, DOCUMENTS_AT_ONCE))
      for (const { _id, _rev, _revisions } of await staging.read(part))
        documents.push({ _id, _rev, _revisions })
    return documents
  } catch (error) {
    if (isDamage(error)) return 'damaged'
    throw error
  }
}

/** LevelDB says it in words only. A folder that another process holds is not damaged. */
function isDamage(error: unknown): boolean {
  const words =
    error instanceof NodeError
      ? `${String(error.cause)} ${String((error.cause as Error | undefined)?.cause)}`
      : ''
  return (
    /corrupt|not an sstable|missing files|no such file|bad block|invalid/i.test(words) && !/lock/i.test(words)
  )
}
