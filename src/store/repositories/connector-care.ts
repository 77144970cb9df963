/** What the node does for connectors unasked: when they are tested, and when their grants are renewed. Neither counts as a change. */
import { sql } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { textArray } from '../sql-values.js'
import type { Connector } from './connectors.js'

type Cared = Pick<Connector, 'id' | 'tenant'>

/** What a decision about the next probe is made of. */
export type ProbeFacts = Cared &
  Pick<Connector, 'nextProbeAtMs' | 'probedAtMs' | 'lastSuccessAtMs' | 'createdAtMs'>

/** Those whose probe is due or not planned yet, of every tenant; nobody else gets them in this transaction. Takes `store.node`. */
export async function lockForProbe(
  tx: ScopedTx,
  nowMs: number,
  limit: number,
): Promise<readonly ProbeFacts[]> {
  return tx
    .selectFrom('connectors')
    .select(['id', 'tenant', 'nextProbeAtMs', 'probedAtMs', 'lastSuccessAtMs', 'createdAtMs'])
    .where('status', 'in', ['active', 'error', 'tested'])
    .where((is) => is.or([is('nextProbeAtMs', 'is', null), is('nextProbeAtMs', '<=', nowMs)]))
    .orderBy('nextProbeAtMs', (order) => order.asc().nullsFirst())
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
}

export interface PlannedCare {
  readonly id: string
  readonly atMs: number
}

export async function planProbes(tx: ScopedTx, plans: readonly PlannedCare[]): Promise<void> {
  await plan(tx, 'next_probe_at_ms', plans)
}

async function plan(
  tx: ScopedTx,
  column: 'next_probe_at_ms' | 'next_renewal_at_ms',
  plans: readonly PlannedCare[],
): Promise<void> {
  if (plans.length === 0) return
  const ids = textArray(plans.map(({ id }) => id))
  const times = textArray(plans.map(({ atMs }) => String(atMs)))
  await sql`
    update connectors set ${sql.id(column)} = plan.at_ms::bigint
    from unnest(${ids}, ${times}) as plan (id, at_ms) where connectors.id = plan.id::uuid`.execute(tx)
}

/** How the last probe ended; `null`: well. */
export async function noteProbe(
  tx: ScopedTx,
  id: string,
  { errorCode, nowMs }: { readonly errorCode: string | null; readonly nowMs: number },
): Promise<void> {
  await tx
    .updateTable('connectors')
    .set({ probedAtMs: nowMs, probeErrorCode: errorCode })
    .where('id', '=', id)
    .execute()
}

/** Connectors of a type whose tokens were not renewed since then; they come again at `againAtMs` unless they are by then. Takes `store.node`. */
export async function claimRenewals(
  tx: ScopedTx,
  type: string,
  facts: {
    readonly beforeMs: number
    readonly nowMs: number
    readonly againAtMs: number
    readonly limit: number
  },
): Promise<readonly Cared[]> {
  const { beforeMs, nowMs, againAtMs, limit } = facts
  const due = await tx
    .selectFrom('connectors as c')
    .innerJoin('connectorCredentials as k', 'k.connectorId', 'c.id')
    .select(['c.id', 'c.tenant'])
    .where('c.type', '=', type)
    .where('c.status', 'in', ['active', 'paused', 'error', 'tested'])
    .where('k.field', '=', 'tokens')
    .where('k.updatedAtMs', '<=', beforeMs)
    .where((is) => is.or([is('c.nextRenewalAtMs', 'is', null), is('c.nextRenewalAtMs', '<=', nowMs)]))
    .limit(limit)
    .forUpdate('c')
    .skipLocked()
    .execute()
  await plan(
    tx,
    'next_renewal_at_ms',
    due.map(({ id }) => ({ id, atMs: againAtMs })),
  )
  return due
}
