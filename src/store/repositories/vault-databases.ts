/** The databases that this node made on the storage nodes: one per owner, provider, account and schema. */
import type { Selectable } from 'kysely'
import { NodeError } from '../../errors.js'
import type { Handle } from '../handle.js'
import type { VaultDatabasesTable } from '../tables.js'

export type VaultDatabase = Readonly<Selectable<VaultDatabasesTable>>

export interface NewVaultDatabase {
  readonly name: string
  readonly connectionId: string
  readonly schemaUri: string
  readonly secretVersion: number
  /** Of whom it was granted to. */
  readonly grantFingerprint: string
  readonly nowMs: number
}

/**
 * The row of this database, made when missing; a forgotten one lives again and keeps its sequence and leaves.
 * @throws NodeError WRITE_CONFLICT when the name is another connection's or schema's
 */
export async function ensure(handle: Handle, facts: NewVaultDatabase): Promise<VaultDatabase> {
  const { nowMs, ...columns } = facts
  const row = await handle
    .insertInto('vaultDatabases')
    .values({ ...columns, createdAtMs: nowMs })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ forgottenAtMs: null }))
    .returningAll()
    .executeTakeFirstOrThrow()
  if (row.connectionId === facts.connectionId && row.schemaUri === facts.schemaUri) return row
  throw new NodeError('WRITE_CONFLICT', {
    detail: 'this database name belongs to another connection or schema',
  })
}

export async function get(handle: Handle, name: string): Promise<VaultDatabase | undefined> {
  return handle.selectFrom('vaultDatabases').selectAll().where('name', '=', name).executeTakeFirst()
}

/** Oldest first, forgotten ones too: their leaves and sequence count when the schema is written again. */
export async function listByConnection(
  handle: Handle,
  connectionId: string,
): Promise<readonly VaultDatabase[]> {
  return handle
    .selectFrom('vaultDatabases')
    .selectAll()
    .where('connectionId', '=', connectionId)
    .orderBy('createdAtMs')
    .orderBy('name')
    .execute()
}

/** Node secret versions that some database still needs. */
export async function secretVersions(handle: Handle): Promise<readonly number[]> {
  const rows = await handle
    .selectFrom('vaultDatabases')
    .select('secretVersion')
    .distinct()
    .orderBy('secretVersion')
    .execute()
  return rows.map((row) => row.secretVersion)
}

/** What the last proof said of the whole database. */
export async function setState(
  handle: Handle,
  name: string,
  state: { readonly stateRoot: string; readonly liveCount: number },
): Promise<void> {
  await handle.updateTable('vaultDatabases').set(state).where('name', '=', name).execute()
}

export async function setGrantFingerprint(
  handle: Handle,
  name: string,
  grantFingerprint: string,
): Promise<void> {
  await handle.updateTable('vaultDatabases').set({ grantFingerprint }).where('name', '=', name).execute()
}

/** Keeps the leaves before anything is deleted (protocol.md 2.6). */
export async function keepLeaves(handle: Handle, name: string, leavesSealed: string | null): Promise<void> {
  await handle.updateTable('vaultDatabases').set({ leavesSealed }).where('name', '=', name).execute()
}

/** The database is gone from the storage nodes. Its row stays: sequence, receipts and leaves go on from here. */
export async function markForgotten(handle: Handle, name: string, nowMs: number): Promise<void> {
  await handle
    .updateTable('vaultDatabases')
    .set({ forgottenAtMs: nowMs, stateRoot: null, liveCount: 0 })
    .where('name', '=', name)
    .execute()
}
