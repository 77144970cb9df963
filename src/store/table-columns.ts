/** What the database says of the columns of our tables. */
import { sql } from 'kysely'
import type { Handle } from './handle.js'

export interface Column {
  readonly name: string
  /** As SQL names it. */
  readonly type: string
  /** The sequence that numbers it, if one does. */
  readonly sequence: string | null
}

/** In the order of the table. */
export async function readColumns(handle: Handle, table: string): Promise<readonly Column[]> {
  const { rows } = await sql<Column>`
    select attname as name, format_type(atttypid, atttypmod) as type,
      coalesce(pg_get_serial_sequence(${table}, attname),
        substring(pg_get_expr(adbin, adrelid) from 'nextval[(]''([^'']+)''')) as sequence
    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attrelid = to_regclass(${table}) and attnum > 0 and not attisdropped
    order by attnum`.execute(handle)
  return rows
}
