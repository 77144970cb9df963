/** Deletes a connection's databases from every storage node and from this machine; only sealed leaves stay (protocol.md 2.6). */
import { toNodeError } from '../errors.js'
import type { OwnerRunContext } from '../sync/destination.js'
import type { SchemaUri } from '../sync/record.js'
import { keepLeaves } from './carried-leaves.js'
import { isLive } from './database-line.js'
import type { DestinationPorts } from './destination-ports.js'
import { discard } from './erase.js'
import type { DatabaseRow } from './ports.js'

type ForgetRun = Omit<OwnerRunContext, 'schemas' | 'ownerKey'>

/** Gives the schemas that were deleted. @throws NodeError STORAGE_UNREACHABLE when a node did not delete; it may be called again */
export async function forgetConnection(
  ports: DestinationPorts,
  run: ForgetRun,
): Promise<readonly SchemaUri[]> {
  const forgotten: SchemaUri[] = []
  for (const row of (await ports.rows.list(run.connectionId)).filter(isLive)) {
    await forgetDatabase(ports, run, row)
    forgotten.push(row.schemaUri)
  }
  for (const staging of await ports.area.leftovers(run.connectionId))
    await discard(ports.area, { kind: 'forgotten', staging })
  return [...new Set(forgotten)]
}

async function forgetDatabase(ports: DestinationPorts, run: ForgetRun, row: DatabaseRow): Promise<void> {
  const { owner, provider, accountId, signal, leaseNumber } = run
  await keepLeaves(ports, { owner, provider, accountId, schema: row.schemaUri }, row, run)
  signal.throwIfAborted()
  // Each is asked whatever another one says, so that one that is down keeps the data only on itself.
  const outcomes = await Promise.allSettled(ports.nodes.map((node) => node.deleteDatabase(row.name)))
  const [failed] = outcomes.filter((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw toNodeError(failed.reason)
  await ports.rows.markForgotten(row.name, leaseNumber)
}
