/** Opens one database of a run: made and granted, aligned on all storage nodes, compared with what the last receipt says of it. */
import type { OwnerRunContext } from '../sync/destination.js'
import { carriedLeaves, lostLeaves } from './carried-leaves.js'
import { headId, judgeHead } from './chain-heads.js'
import { isLive, leavesKeyOf, ownerKeyHash, type DatabaseLine } from './database-line.js'
import { targetsOf, type DestinationPorts } from './destination-ports.js'
import { mergeLeaves, sealLeaves, type KeptLeaves } from './kept-leaves.js'
import { openTargets, type Opened } from './open-targets.js'
import type { LastReceipt } from './ports.js'
import { headKeys, publishHead } from './publish-head.js'
import { carriedLeaf, parseRev } from './rev.js'
import { stateOf } from './state-root.js'
import { VaultDatabase } from './vault-database.js'

/** @throws NodeError STORAGE_UNREACHABLE when no storage node can be used */
export async function openDatabase(
  ports: DestinationPorts,
  run: OwnerRunContext,
  line: DatabaseLine,
): Promise<VaultDatabase> {
  const { signal, leaseNumber, connectionId } = run
  const targets = await targetsOf(ports, line.name, signal)
  const carried = await carriedLeaves(ports, line, run)
  const last = await ports.chains.last(line.name)
  const opened = await openTargets(targets, {
    name: line.name,
    owner: run.owner,
    made: isLive(line.row),
    large: (last?.state?.liveCount ?? 0) > ports.scanLimit,
    scanLimit: ports.scanLimit,
    signal,
  })
  if (!isLive(line.row)) await ensureRow(ports, run, line)
  const lost = lossOf(line, last, opened)
  const continued = await keepFloor(ports, run, line, carried, lost !== undefined)
  const { area, scanLimit } = ports
  const isLost = lost !== undefined
  const facts = {
    line,
    targets,
    opened,
    carried: continued,
    connectionId,
    leaseNumber,
    area,
    scanLimit,
    isLost,
  }
  const database = new VaultDatabase(facts)
  // Of a database that was forgotten the last receipt says nothing any more.
  const isForgotten = line.row !== undefined && !isLive(line.row)
  await readHead(database, continued)
  if (isForgotten) return database
  await lookAtHead(database, run, last)
  if (lost !== undefined) database.notes.push(lost)
  return database
}

function ensureRow(ports: DestinationPorts, run: OwnerRunContext, line: DatabaseLine): Promise<void> {
  const facts = {
    name: line.name,
    connectionId: run.connectionId,
    schemaUri: line.row?.schemaUri ?? line.of.schema,
    secretVersion: line.secretVersion,
    grantFingerprint: ownerKeyHash(ports.secrets.secret(line.secretVersion), run.ownerKey),
  }
  return ports.rows.ensure(facts, run.leaseNumber)
}

/**
 * What the last receipt states and no storage node holds any more, in words: the database is empty everywhere, or the
 * nodes agree on another state and nothing newer than the receipt explains it (protocol.md 2.7).
 */
function lossOf(line: DatabaseLine, last: LastReceipt | undefined, opened: Opened): string | undefined {
  if (!isLive(line.row) || last === undefined || opened.kind !== 'whole') return undefined
  if (opened.leaves.size === 0) return `storage nodes hold nothing of receipt ${last.sequence}`
  if (last.state === undefined) return undefined
  const head = headId(line.idKey)
  const documents = [...opened.leaves].filter(([id]) => id !== head)
  if (stateOf(documents).root === last.state.root) return undefined
  const isExplained = documents.some(([, leaves]) =>
    leaves.some(({ rev }) => parseInt(parseRev(rev).hash.slice(0, 8), 16) > last.leaseNumber),
  )
  return isExplained ? undefined : `storage nodes hold another state than receipt ${last.sequence} states`
}

/** A floor outlives the run that found it necessary: later documents must not start below it either. */
async function keepFloor(
  { secrets, rows, clock }: DestinationPorts,
  run: OwnerRunContext,
  line: DatabaseLine,
  carried: KeptLeaves,
  isLost: boolean,
): Promise<KeptLeaves> {
  const { of, name, row } = line
  const continued = isLost ? mergeLeaves(carried, lostLeaves({ clock })) : carried
  const isKept = isLive(row) && row.leavesSealed !== null && !isLost
  if (continued.generationFloor === undefined || isKept) return continued
  const sealed = sealLeaves(leavesKeyOf(secrets, of, line), name, continued)
  await rows.keepLeaves(name, sealed, run.leaseNumber)
  return continued
}

async function readHead(database: VaultDatabase, carried: KeptLeaves): Promise<void> {
  const { headId } = database
  if (database.isPaged) await database.know([headId])
  const kept = carried.revs.get(headId)
  if (database.headLeaves.length === 0 && kept !== undefined) database.headLeaves = [carriedLeaf(kept)]
}

async function lookAtHead(
  database: VaultDatabase,
  run: OwnerRunContext,
  last: LastReceipt | undefined,
): Promise<void> {
  const keys = headKeys(database, run.leaseNumber)
  const { kind, notes } = await judgeHead(keys, database.headLeaves, last, database.targets)
  database.notes.push(...notes)
  if (kind === 'behind' && last !== undefined) await publishHead(database, run.leaseNumber, last)
}
