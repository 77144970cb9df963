/** Ids of signed requests that were used: each passes once, in all processes, until the request expires. */
import type { Handle } from '../handle.js'

/**
 * `true` the first time. An owner chooses the ids of his requests, so the caller puts the owner into `jti`: nobody
 * can then use up another's.
 */
export async function use(handle: Handle, jti: string, expiresAtMs: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await handle
    .insertInto('usedJtis')
    .values({ jti, expiresAtMs })
    .onConflict((conflict) => conflict.column('jti').doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** Removes what expired; gives how many. A request past its time is refused by its time. */
export async function purge(handle: Handle, nowMs: number): Promise<number> {
  const { numDeletedRows } = await handle
    .deleteFrom('usedJtis')
    .where('expiresAtMs', '<=', nowMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
