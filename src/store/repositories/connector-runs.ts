/** When connectors run next and how their runs ended; neither counts as a change of the connector. */
import { sql, type Selectable } from 'kysely'
import type { ErrorCode } from '../../errors.js'
import type { ScopedTx } from '../handle.js'
import { textArray } from '../sql-values.js'
import type { ConnectorsTable } from '../tables.js'

type Row = Readonly<Selectable<ConnectorsTable>>

export interface RunEnd {
  /** Left out: stays as it is. */
  readonly nextRunAtMs?: number | null
  readonly ok: boolean
  readonly errorCode?: ErrorCode
  readonly nowMs: number
}

/** Active ones whose time has come, of every tenant, the longest waiting first. Takes `store.node`. */
export async function due(tx: ScopedTx, nowMs: number, limit: number): Promise<readonly Row[]> {
  return tx
    .selectFrom('connectors')
    .selectAll()
    .where('status', '=', 'active')
    .where('nextRunAtMs', '<=', nowMs)
    .orderBy('nextRunAtMs')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Notes the end of a run. `false`: there is no such connector. */
export async function markRun(tx: ScopedTx, id: string, end: RunEnd): Promise<boolean> {
  const outcome = end.ok
    ? { lastSuccessAtMs: end.nowMs, consecutiveFailures: 0 }
    : {
        lastErrorAtMs: end.nowMs,
        lastErrorCode: end.errorCode ?? null,
        consecutiveFailures: sql<number>`consecutive_failures + 1`,
      }
  const schedule = end.nextRunAtMs === undefined ? {} : { nextRunAtMs: end.nextRunAtMs }
  const { numUpdatedRows } = await tx
    .updateTable('connectors')
    .set({ ...outcome, ...schedule })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** For a run that was handed on: it is not due again before that time. */
export async function setNextRun(tx: ScopedTx, id: string, nextRunAtMs: number | null): Promise<void> {
  await tx.updateTable('connectors').set({ nextRunAtMs }).where('id', '=', id).execute()
}

/** Where a planned run goes. */
export interface MovedRun {
  readonly id: string
  readonly fromMs: number | null
  readonly toMs: number | null
}

/** The same for many; one whose time was changed since it was read stays. */
export async function moveNextRuns(tx: ScopedTx, moves: readonly MovedRun[]): Promise<void> {
  const texts = (member: keyof MovedRun) => textArray(moves.map((move) => String(move[member] ?? '')))
  await sql`
    update connectors set next_run_at_ms = nullif(move.to_ms, '')::bigint
    from unnest(${texts('id')}, ${texts('fromMs')}, ${texts('toMs')}) as move (id, from_ms, to_ms)
    where connectors.id = move.id::uuid
      and connectors.next_run_at_ms is not distinct from nullif(move.from_ms, '')::bigint
  `.execute(tx)
}

/** Active ones whose time is after `fromMs`, of every tenant, in pages. Takes `store.node`. */
export async function plannedAfter(
  tx: ScopedTx,
  fromMs: number,
  after: Pick<Row, 'id' | 'nextRunAtMs'> | undefined,
  limit: number,
): Promise<readonly Row[]> {
  let query = tx
    .selectFrom('connectors')
    .selectAll()
    .where('status', '=', 'active')
    .where('nextRunAtMs', '>', fromMs)
  if (after !== undefined)
    query = query.where(
      sql<boolean>`(next_run_at_ms, id) > (${after.nextRunAtMs}::bigint, ${after.id}::uuid)`,
    )
  return query.orderBy('nextRunAtMs').orderBy('id').limit(limit).execute()
}
