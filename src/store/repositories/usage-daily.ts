/** What each connector used, by day (UTC). */
import { sql, type Selectable } from 'kysely'
import type { ScopedTx } from '../handle.js'
import { isUuid } from '../sql-values.js'
import type { UsageDailyTable } from '../tables.js'

export type DailyUsage = Readonly<Selectable<UsageDailyTable>>

/** Adds to the day's numbers. */
export async function add(tx: ScopedTx, usage: DailyUsage): Promise<void> {
  const sum = (column: 'calls' | 'records' | 'bytes' | 'errors') =>
    sql<number>`${sql.ref(`usage_daily.${column}`)} + ${sql.ref(`excluded.${column}`)}`
  await tx
    .insertInto('usageDaily')
    .values(usage)
    .onConflict((conflict) =>
      conflict.columns(['connectorId', 'day']).doUpdateSet({
        calls: sum('calls'),
        records: sum('records'),
        bytes: sum('bytes'),
        errors: sum('errors'),
      }),
    )
    .execute()
}

/** Days with any use, in order, from `fromDay` (`YYYY-MM-DD`) on. */
export async function list(
  tx: ScopedTx,
  connectorId: string,
  fromDay: string,
): Promise<readonly DailyUsage[]> {
  if (!isUuid(connectorId)) return []
  return tx
    .selectFrom('usageDaily')
    .selectAll()
    .where('connectorId', '=', connectorId)
    .where('day', '>=', fromDay)
    .orderBy('day')
    .execute()
}
