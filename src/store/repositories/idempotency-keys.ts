/** Requests that their callers may repeat: the first is done, and the same again gets the same answer. */
import type { Json } from '../../lib/canonical-json.js'
import type { ScopedTx } from '../handle.js'
import { jsonb, storableJson } from '../sql-values.js'

/** How long an answer is kept. */
export const KEPT_MS = 24 * 60 * 60_000
/** How long a request may run: one that a crash cut off blocks its key no longer. */
export const RUNNING_MS = 2 * 60_000

export interface IdempotencyClaim {
  readonly tenant: string
  readonly key: string
  /** Of all that makes the request: method, path and body. */
  readonly requestHash: string
  /** What the same request would have been kept as before a change of keys. */
  readonly earlierHashes?: readonly string[]
  readonly nowMs: number
}

export type ClaimResult =
  | 'new'
  | 'running'
  | 'other request'
  | { readonly kind: 'done'; readonly status: number; readonly body: Json }

/** Of any number of callers one gets `new`. Commit it before the work begins: what is not committed nobody else sees. */
export async function claim(tx: ScopedTx, claim: IdempotencyClaim): Promise<ClaimResult> {
  const { nowMs, earlierHashes = [], ...columns } = claim
  const fresh = { requestHash: claim.requestHash, status: null, body: null, expiresAtMs: nowMs + RUNNING_MS }
  const taken = await tx
    .insertInto('idempotencyKeys')
    .values({ ...columns, ...fresh })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'key'])
        .doUpdateSet(fresh)
        .where('idempotencyKeys.expiresAtMs', '<=', nowMs),
    )
    .returning('key')
    .executeTakeFirst()
  if (taken !== undefined) return 'new'
  const there = await tx
    .selectFrom('idempotencyKeys')
    .selectAll()
    .where('tenant', '=', claim.tenant)
    .where('key', '=', claim.key)
    .executeTakeFirst()
  // Given back between the two statements: its caller has failed, and this one may try again.
  if (there === undefined) return 'running'
  if (![claim.requestHash, ...earlierHashes].includes(there.requestHash)) return 'other request'
  return there.status === null ? 'running' : { kind: 'done', status: there.status, body: there.body }
}

/** Keeps the answer. */
export async function complete(
  tx: ScopedTx,
  answer: {
    readonly tenant: string
    readonly key: string
    readonly status: number
    readonly body: Json
    readonly nowMs: number
  },
): Promise<void> {
  const { tenant, key, status, body, nowMs } = answer
  await tx
    .updateTable('idempotencyKeys')
    .set({
      status,
      body: jsonb(storableJson(body)),
      expiresAtMs: nowMs + KEPT_MS,
    })
    .where('status', 'is', null)
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .execute()
}

/** Gives a key back whose request failed on our side, so that the same request may be tried again. */
export async function release(
  tx: ScopedTx,
  of: { readonly tenant: string; readonly key: string },
): Promise<void> {
  await tx
    .deleteFrom('idempotencyKeys')
    .where('tenant', '=', of.tenant)
    .where('key', '=', of.key)
    .where('status', 'is', null)
    .execute()
}

/** Removes what expired, of every tenant; gives how many. Takes `store.node`. */
export async function purge(tx: ScopedTx, nowMs: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('idempotencyKeys')
    .where('expiresAtMs', '<=', nowMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
