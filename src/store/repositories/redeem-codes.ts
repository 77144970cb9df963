/** One-time codes of the safer deep link: used once, burnt after five bad tries. */
import { sql, type Selectable } from 'kysely'
import { NodeError } from '../../errors.js'
import type { Db, Handle } from '../handle.js'
import type { RedeemCodesTable } from '../tables.js'

export type RedeemCode = Readonly<Selectable<RedeemCodesTable>>

/** Bad tries that burn a code. */
export const MAX_FAILURES = 5

export async function put(handle: Handle, code: Omit<RedeemCode, 'failures'>): Promise<void> {
  await handle.insertInto('redeemCodes').values(code).execute()
}

/**
 * Gives the row once, to a try that passes `check`. `refused`: the check failed and was counted.
 * A try is counted before it is checked, so that many at once cannot guess more often than five times. It takes
 * the root handle: a rolled-back transaction would forget the count.
 * @throws NodeError INTERNAL for a transaction
 */
export async function redeem(
  db: Db,
  codeHash: string,
  nowMs: number,
  check: (code: RedeemCode) => boolean,
): Promise<RedeemCode | 'unknown' | 'expired' | 'refused'> {
  if (db.isTransaction)
    throw new NodeError('INTERNAL', { detail: 'a code is redeemed outside of transactions' })
  const code = await db
    .updateTable('redeemCodes')
    .set({ failures: sql<number>`failures + 1` })
    .where('codeHash', '=', codeHash)
    .where('failures', '<', MAX_FAILURES)
    .returningAll()
    .executeTakeFirst()
  if (code === undefined) return 'unknown'
  const expired = code.expiresAtMs <= nowMs
  const good = !expired && check(code)
  if (!expired && !good && code.failures < MAX_FAILURES) return 'refused'
  const gone = await remove(db, codeHash)
  if (expired) return 'expired'
  if (!good) return 'refused'
  return gone ? code : 'unknown'
}

async function remove(db: Db, codeHash: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('redeemCodes')
    .where('codeHash', '=', codeHash)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Removes what expired; gives how many. */
export async function purge(handle: Handle, nowMs: number): Promise<number> {
  const { numDeletedRows } = await handle
    .deleteFrom('redeemCodes')
    .where('expiresAtMs', '<=', nowMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
