/** Connections: one account of one owner at one provider. Their leases are in leases.ts. */
import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import { isUuid } from '../sql-values.js'
import type { ConnectionStatus, ConnectionsTable } from '../tables.js'

export type Connection = Readonly<Selectable<ConnectionsTable>>

export interface ConnectionFacts {
  readonly owner: string
  readonly provider: string
  readonly accountHash: string
  readonly custody: ConnectionsTable['custody']
  readonly destination: ConnectionsTable['destination']
  readonly status: ConnectionStatus
  readonly nowMs: number
}

/** Makes the connection of this owner, provider and account, or brings the one that is there up to date. */
export async function upsert(handle: Handle, facts: ConnectionFacts): Promise<Connection> {
  const { nowMs, owner, provider, accountHash, ...changing } = facts
  return handle
    .insertInto('connections')
    .values({
      id: randomUUID(),
      owner,
      provider,
      accountHash,
      ...changing,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    .onConflict((conflict) =>
      conflict.columns(['owner', 'provider', 'accountHash']).doUpdateSet({ ...changing, updatedAtMs: nowMs }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function get(handle: Handle, id: string): Promise<Connection | undefined> {
  if (!isUuid(id)) return undefined
  return handle.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst()
}

/** By what makes it one: owner, provider and account. */
export async function find(
  handle: Handle,
  owner: string,
  provider: string,
  accountHash: string,
): Promise<Connection | undefined> {
  return handle
    .selectFrom('connections')
    .selectAll()
    .where('owner', '=', owner)
    .where('provider', '=', provider)
    .where('accountHash', '=', accountHash)
    .executeTakeFirst()
}

/** Oldest first; of one provider when it is given. */
export async function listByOwner(
  handle: Handle,
  owner: string,
  provider?: string,
): Promise<readonly Connection[]> {
  return handle
    .selectFrom('connections')
    .selectAll()
    .where('owner', '=', owner)
    .$if(provider !== undefined, (query) => query.where('provider', '=', provider ?? ''))
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute()
}

export async function setStatus(
  handle: Handle,
  id: string,
  status: ConnectionStatus,
  nowMs: number,
): Promise<void> {
  await handle.updateTable('connections').set({ status, updatedAtMs: nowMs }).where('id', '=', id).execute()
}
