/** The vault destination: a connection's records in encrypted databases on storage nodes. One run of a connection at a time, under its lease. */
import type { Destination, GrantedDatabase, OwnerRunContext } from '../sync/destination.js'
import type { SchemaUri } from '../sync/record.js'
import { findLine, isLive } from './database-line.js'
import type { DestinationPorts } from './destination-ports.js'
import { forgetConnection } from './forget.js'
import { finishLeftovers } from './leftovers.js'
import { openDatabase } from './open-database.js'
import type { DatabaseRow } from './ports.js'
import { schemaName } from './schema-name.js'
import type { VaultDatabase } from './vault-database.js'
import { VaultRun } from './vault-run.js'
import type { VaultProof } from './verify.js'

export function createVaultDestination(ports: DestinationPorts): Destination<VaultProof> {
  return {
    async open(run) {
      const rows = await ports.rows.list(run.connectionId)
      // First: what is written next must stand on top of it.
      const { kept } = await finishLeftovers(ports, run, rows)
      const databases: VaultDatabase[] = []
      try {
        const opening = run.schemas.map(async (schema) => {
          databases.push(await openDatabase(ports, run, lineOf(ports, rows, run, schema)))
        })
        const [failed] = (await Promise.allSettled(opening)).filter(
          (outcome) => outcome.status === 'rejected',
        )
        if (failed !== undefined) throw failed.reason
      } catch (error) {
        await Promise.all(databases.map((database) => database.close()))
        throw error
      }
      return new VaultRun(ports, run, databases, { others: othersOf(ports, rows, run), leftovers: kept })
    },
    forget: (run) => forgetConnection(ports, run),
  }
}

export type ConnectionOf = Whose & Pick<OwnerRunContext, 'connectionId'>

/** Tells without opening anything; under another key there are none. */
export async function grantedDatabases(
  ports: DestinationPorts,
  of: ConnectionOf,
): Promise<Readonly<Record<SchemaUri, GrantedDatabase>>> {
  return othersOf(ports, await ports.rows.list(of.connectionId), { ...of, schemas: [] })
}

type Whose = Pick<OwnerRunContext, 'owner' | 'provider' | 'accountId' | 'ownerKey'>

function lineOf({ secrets }: DestinationPorts, rows: readonly DatabaseRow[], run: Whose, schema: SchemaUri) {
  const { owner, provider, accountId, ownerKey } = run
  return findLine(rows, secrets, { owner, provider, accountId, schema }, ownerKey)
}

/** Live databases that this run does not open; those under another key of the owner cannot be told. */
function othersOf(
  ports: DestinationPorts,
  rows: readonly DatabaseRow[],
  run: Whose & Pick<OwnerRunContext, 'schemas'>,
): Readonly<Record<SchemaUri, GrantedDatabase>> {
  const open = new Set(run.schemas.map(schemaName))
  const others: Record<SchemaUri, GrantedDatabase> = {}
  for (const { schemaUri } of rows.filter(isLive)) {
    if (open.has(schemaName(schemaUri)) || schemaUri in others) continue
    const { row, name, key } = lineOf(ports, rows, run, schemaUri)
    if (isLive(row)) others[schemaUri] = { databaseName: name, encryptionKey: key.toString('hex') }
  }
  return others
}
