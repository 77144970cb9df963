/** Grants of connectors that are gone, kept sealed until their provider has ended them or the time for that is over. */
import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid } from '../sql-values.js'
import type { RevocationsTable } from '../tables.js'

export type Revocation = Readonly<Selectable<RevocationsTable>>

export interface NewRevocation {
  readonly tenant: string
  readonly connectorId: string
  readonly type: string
  readonly tokensSealed: string
  readonly nextTryAtMs: number
  readonly untilMs: number
  readonly nowMs: number
}

/** A queued one that was not tried for so long was lost on its way. */
const LOST_MS = 15 * 60_000

export async function create(tx: ScopedTx, { nowMs, ...columns }: NewRevocation): Promise<void> {
  await tx
    .insertInto('revocations')
    .values({ id: randomUUID(), ...columns, createdAtMs: nowMs })
    .execute()
}

export async function get(tx: ScopedTx, id: string): Promise<Revocation | undefined> {
  if (!isUuid(id)) return undefined
  return tx.selectFrom('revocations').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Marks those whose time has come as queued and gives them, of every tenant. Takes `store.node`. */
export async function claimDue(tx: ScopedTx, nowMs: number, limit: number): Promise<readonly Revocation[]> {
  return tx
    .updateTable('revocations')
    .set({ queuedAtMs: nowMs })
    .where('id', 'in', (due) =>
      due
        .selectFrom('revocations')
        .select('id')
        .where('nextTryAtMs', '<=', nowMs)
        .where((is) => is.or([is('queuedAtMs', 'is', null), is('queuedAtMs', '<', nowMs - LOST_MS)]))
        .orderBy('nextTryAtMs')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute()
}

/** Of every tenant. Takes `store.node`. */
export async function listAll(
  tx: ScopedTx,
  page: { readonly afterId?: string | undefined; readonly limit: number },
): Promise<readonly Revocation[]> {
  let query = tx.selectFrom('revocations').selectAll()
  if (page.afterId !== undefined) query = query.where('id', '>', page.afterId)
  return query.orderBy('id').limit(page.limit).execute()
}

/** Seals again what nobody has written since. `false`: somebody has. */
export async function reseal(
  tx: ScopedTx,
  id: string,
  sealed: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('revocations')
    .set({ tokensSealed: sealed.to })
    .where('id', '=', id)
    .where('tokensSealed', '=', sealed.from)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function setTokens(tx: ScopedTx, id: string, tokensSealed: string): Promise<void> {
  await tx.updateTable('revocations').set({ tokensSealed }).where('id', '=', id).execute()
}

/** It is tried again then. */
export async function putOff(
  tx: ScopedTx,
  id: string,
  facts: Pick<Revocation, 'tries' | 'nextTryAtMs' | 'lastErrorCode'>,
): Promise<void> {
  await tx
    .updateTable('revocations')
    .set({ ...facts, queuedAtMs: null })
    .where('id', '=', id)
    .execute()
}

export async function remove(tx: ScopedTx, id: string): Promise<void> {
  await tx.deleteFrom('revocations').where('id', '=', id).execute()
}
