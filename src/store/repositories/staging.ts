/** The list of local sealed databases: a row is added before its folder is made and removed after the folder is gone. */
import type { Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import { jsonb } from '../sql-values.js'
import type { StagingTable } from '../tables.js'

export type StagedDatabase = Readonly<Selectable<StagingTable>>

export async function add(
  handle: Handle,
  staged: Omit<StagedDatabase, 'createdAtMs'>,
  nowMs: number,
): Promise<void> {
  const { nodes, ...columns } = staged
  await handle
    .insertInto('staging')
    .values({ ...columns, nodes: jsonb(nodes), createdAtMs: nowMs })
    .execute()
}

export async function remove(handle: Handle, id: string): Promise<void> {
  await handle.deleteFrom('staging').where('id', '=', id).execute()
}

/** Oldest first; of one connection when it is given. */
export async function list(handle: Handle, connectionId?: string): Promise<readonly StagedDatabase[]> {
  return handle
    .selectFrom('staging')
    .selectAll()
    .$if(connectionId !== undefined, (query) => query.where('connectionId', '=', connectionId ?? ''))
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute()
}
