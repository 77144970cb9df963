/** What a node remembers of capsules it gave out: never the Vault's key, tokens only sealed and only until a capsule has them. */
import { sql, type Selectable } from 'kysely'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Handle } from '../handle.js'
import { jsonb } from '../sql-values.js'
import type { GrantsTable } from '../tables.js'

export type Grant = Readonly<Selectable<GrantsTable>>

export interface NewGrant {
  readonly id: string
  readonly provider: string
  readonly did: string
  readonly accountHash: string
  /** `null`: pinned at the first sync. */
  readonly keyFingerprint: string | null
  /** Only for tokens too large for capsules: they stay here. */
  readonly tokensSealed?: string
  readonly nowMs: number
}

/** The generation of the capsules that a new grant starts with. */
export const FIRST_GENERATION = 1

export async function create(handle: Handle, grant: NewGrant): Promise<void> {
  const { nowMs, tokensSealed, ...rest } = grant
  await handle
    .insertInto('grants')
    .values({
      ...rest,
      tokensSealed: tokensSealed ?? null,
      generation: FIRST_GENERATION,
      presentedGeneration: 0,
      createdAtMs: nowMs,
    })
    .execute()
}

export async function get(handle: Handle, id: string): Promise<Grant | undefined> {
  return handle.selectFrom('grants').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function listByOwner(handle: Handle, did: string, provider: string): Promise<readonly Grant[]> {
  return handle
    .selectFrom('grants')
    .selectAll()
    .where('did', '=', did)
    .where('provider', '=', provider)
    .orderBy('createdAtMs')
    .orderBy('id')
    .execute()
}

/** Pins the first fingerprint that comes. `false`: another one is pinned, or there is no such grant. */
export async function pinFingerprint(handle: Handle, id: string, fingerprint: string): Promise<boolean> {
  const { numUpdatedRows } = await handle
    .updateTable('grants')
    .set({ keyFingerprint: fingerprint })
    .where('id', '=', id)
    .where((row) => row.or([row('keyFingerprint', 'is', null), row('keyFingerprint', '=', fingerprint)]))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Keeps refreshed tokens and counts the generation up. Gives the new generation, or `undefined` when the grant is not
 * at `generation` any more (another run refreshed first: read again) or was revoked.
 */
export async function advance(
  handle: Handle,
  id: string,
  generation: number,
  tokensSealed: string,
): Promise<number | undefined> {
  const row = await handle
    .updateTable('grants')
    .set({ generation: generation + 1, tokensSealed })
    .where('id', '=', id)
    .where('generation', '=', generation)
    .where('revokedAtMs', 'is', null)
    .returning('generation')
    .executeTakeFirst()
  return row?.generation
}

/**
 * A capsule of this generation was presented. `erase`: it carries the tokens itself, so ours go, but only those of
 * that generation or older. A capsule newer than what is kept (a restored backup) wins: its generation is taken over.
 */
export async function markPresented(
  handle: Handle,
  id: string,
  generation: number,
  options: { readonly erase: boolean },
): Promise<Grant | undefined> {
  return handle
    .updateTable('grants')
    .set({
      presentedGeneration: sql<number>`greatest(presented_generation, ${generation}::int)`,
      generation: sql<number>`greatest(generation, ${generation}::int)`,
      tokensSealed: sql<
        string | null
      >`case when ${options.erase}::boolean and generation <= ${generation}::int then null else tokens_sealed end`,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}

export type RunClaim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'recent'; readonly lastRunAtMs: number; readonly lastRequest: JsonObject | null }
  | { readonly kind: 'unknown' }

/** One run per grant and interval (protocol.md 4.4): of any number of callers one gets `claimed`. */
export async function claimRun(
  handle: Handle,
  id: string,
  nowMs: number,
  intervalMs: number,
): Promise<RunClaim> {
  const { numUpdatedRows } = await handle
    .updateTable('grants')
    .set({ lastRunAtMs: nowMs, lastRequest: null })
    .where('id', '=', id)
    .where('revokedAtMs', 'is', null)
    .where((row) =>
      row.or([
        row('lastRunAtMs', 'is', null),
        row('lastRunAtMs', '<=', nowMs - intervalMs),
        // The clock was set back: a run of the future must not block for long.
        row('lastRunAtMs', '>', nowMs + intervalMs),
      ]),
    )
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return { kind: 'claimed' }
  const grant = await get(handle, id)
  if (grant === undefined || grant.revokedAtMs !== null || grant.lastRunAtMs === null)
    return { kind: 'unknown' }
  return { kind: 'recent', lastRunAtMs: grant.lastRunAtMs, lastRequest: grant.lastRequest }
}

/** Gives a claim back whose run never began, so that the next call may claim at once. */
export async function unclaimRun(handle: Handle, id: string, claimedAtMs: number): Promise<void> {
  await handle
    .updateTable('grants')
    .set({ lastRunAtMs: null })
    .where('id', '=', id)
    .where('lastRunAtMs', '=', claimedAtMs)
    .execute()
}

/** What the run that was claimed is answered with. */
export async function putLastRequest(handle: Handle, id: string, lastRequest: JsonObject): Promise<void> {
  await handle
    .updateTable('grants')
    .set({ lastRequest: jsonb(lastRequest) })
    .where('id', '=', id)
    .execute()
}

/** Ends a grant and forgets its tokens. `false`: there is none, or it was ended before. */
export async function revoke(handle: Handle, id: string, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await handle
    .updateTable('grants')
    .set({ revokedAtMs: nowMs, tokensSealed: null })
    .where('id', '=', id)
    .where('revokedAtMs', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
