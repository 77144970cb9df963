/** Which keys of the ring hold what, over all tables: read from the key id in front of every sealed value. */
import { sql } from 'kysely'
import type { ScopedTx } from '../handle.js'

export interface SealedCount {
  readonly table: string
  readonly keyId: string
  readonly count: number
}

/** Values that the ring sealed; those that the keys of a database or a grant sealed have another form. */
const FORM = '^"?v1\\.[0-9a-f]{12}\\.'

/** Takes `store.node`: it counts everybody's rows. Columns are found by their name, so that a new table is not forgotten. */
export async function countByKey(tx: ScopedTx): Promise<readonly SealedCount[]> {
  const { rows: columns } = await sql<{ table: string; column: string }>`
    select relname as table, attname as column
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and (attname ~ '(^|_)sealed$' or (relname, attname) = ('idempotency_keys', 'body'))
    order by relname, attname`.execute(tx)
  const counts = new Map<string, SealedCount>()
  for (const { table, column } of columns) {
    const text = sql`${sql.ref(column)}::text`
    const { rows } = await sql<{ keyId: string; count: string }>`
      select substring(${text} from 'v1\\.([0-9a-f]{12})\\.') as "keyId", count(*)::text as count
      from ${sql.table(table)} where ${text} ~ ${FORM} group by 1`.execute(tx)
    for (const { keyId, count } of rows) {
      const before = counts.get(`${table} ${keyId}`)?.count ?? 0
      counts.set(`${table} ${keyId}`, { table, keyId, count: before + Number(count) })
    }
  }
  return [...counts.values()]
}
