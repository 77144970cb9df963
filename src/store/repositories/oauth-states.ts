/** Sign-ins under way: one row per flow, used once, known only by hashes. */
import type { Insertable, Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import type { OauthStatesTable } from '../tables.js'

export type OauthState = Readonly<Selectable<OauthStatesTable>>

export async function put(handle: Handle, state: Readonly<Insertable<OauthStatesTable>>): Promise<void> {
  await handle.insertInto('oauthStates').values(state).execute()
}

/**
 * Takes a state out: of any number of callers one gets it. Another browser's cookie leaves it where it is.
 * `unknown`: never started here, already used, or another browser's.
 */
export async function take(
  handle: Handle,
  handleHash: string,
  cookieHash: string,
  nowMs: number,
): Promise<OauthState | 'unknown' | 'expired'> {
  const state = await handle
    .deleteFrom('oauthStates')
    .where('handleHash', '=', handleHash)
    .where('cookieHash', '=', cookieHash)
    .returningAll()
    .executeTakeFirst()
  if (state === undefined) return 'unknown'
  return state.expiresAtMs <= nowMs ? 'expired' : state
}

/** Removes what expired; gives how many. */
export async function purge(handle: Handle, nowMs: number): Promise<number> {
  const { numDeletedRows } = await handle
    .deleteFrom('oauthStates')
    .where('expiresAtMs', '<=', nowMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
