/** Tokens of applications: only their hashes, with what each may do. */
import type { Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import { thisTenant } from '../tenant-scope.js'
import type { ServiceTokensTable } from '../tables.js'

export type ServiceToken = Readonly<Selectable<ServiceTokensTable>>

export interface NewServiceToken {
  /** A UUID. */
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly tokenHash: string
  readonly scopes: readonly string[]
  readonly expiresAtMs: number | null
  readonly nowMs: number
}

export async function create(tx: ScopedTx, token: NewServiceToken): Promise<ServiceToken> {
  const { nowMs, scopes, ...columns } = token
  return tx
    .insertInto('serviceTokens')
    .values({ ...columns, scopes: jsonb(scopes), createdAtMs: nowMs })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Revoked and expired ones too: the caller judges. Takes `store.node`, for the tenant is not known yet. */
export async function findByHash(tx: ScopedTx, tokenHash: string): Promise<ServiceToken | undefined> {
  return tx.selectFrom('serviceTokens').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst()
}

/** Of the transaction's tenant, oldest first, revoked ones too. */
export async function list(tx: ScopedTx): Promise<readonly ServiceToken[]> {
  return tx
    .selectFrom('serviceTokens')
    .selectAll()
    .where('tenant', '=', thisTenant)
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute()
}

/** `false`: there is none, or it was revoked before. */
export async function revoke(tx: ScopedTx, id: string, nowMs: number): Promise<boolean> {
  if (!isUuid(id)) return false
  const { numUpdatedRows } = await tx
    .updateTable('serviceTokens')
    .set({ revokedAtMs: nowMs })
    .where('id', '=', id)
    .where('revokedAtMs', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** It was used now. */
export async function touch(tx: ScopedTx, id: string, nowMs: number): Promise<void> {
  await tx.updateTable('serviceTokens').set({ lastUsedAtMs: nowMs }).where('id', '=', id).execute()
}
