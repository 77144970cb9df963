/** Fills an empty control plane with an export: whole, or not at all. */
import { sql, type RawBuilder } from 'kysely'
import { NodeError } from '../errors.js'
import { copiedTables, copyLines, type RowCounts } from './copy-format.js'
import type { Tx } from './handle.js'
import { rowBatches, type RowText } from './row-batches.js'
import { ownerQueries } from './queries.js'
import { openSource, prepare, type StoreOptions } from './store.js'
import { readColumns, type Column } from './table-columns.js'
import { asNode } from './tenant-scope.js'

/**
 * Reads the lines twice: first to see that they are whole, so that nothing is begun with a damaged file.
 * @throws NodeError REQUEST_INVALID for a damaged file, CONFIG_INVALID when the store holds anything or the export is
 * of another version, STORE_LOCKED, STORE_UNAVAILABLE
 */
export async function importStore(
  options: StoreOptions,
  lines: () => AsyncIterable<string>,
): Promise<RowCounts> {
  await check(lines())
  const source = await openSource(options)
  try {
    await prepare(source)
    const copy = copyLines()
    await ownerQueries(source)
      .transaction()
      .execute(async (tx) => {
        await asNode(tx)
        await refuseFilled(tx)
        const columns = new Map<string, readonly Column[]>()
        for (const table of copiedTables) columns.set(table, await readColumns(tx, table))
        for await (const batch of rowBatches(readRows(copy, lines())))
          await insert(tx, batch, columns.get(batch.table) ?? [])
        await setSequences(tx, columns)
      })
    return copy.rows()
  } finally {
    await source.close()
  }
}

async function check(lines: AsyncIterable<string>): Promise<void> {
  const rows = readRows(copyLines(), lines)
  while ((await rows.next()).done !== true);
}

async function* readRows(
  copy: ReturnType<typeof copyLines>,
  lines: AsyncIterable<string>,
): AsyncGenerator<RowText> {
  let first = true
  for await (const line of lines) {
    if (first) {
      copy.readHead(line)
      first = false
      continue
    }
    const row = copy.readRow(line)
    if (row === undefined) return
    yield row
  }
  throw copy.torn()
}

async function refuseFilled(tx: Tx): Promise<void> {
  for (const table of copiedTables) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(tx)
    if (rows.length === 0) continue
    throw new NodeError('CONFIG_INVALID', {
      detail: `the store is not empty (it has rows of ${table}): import into a new DATA_DIR or database, before the node's first start`,
    })
  }
}

async function insert(tx: Tx, { table, json }: RowText, columns: readonly Column[]): Promise<void> {
  const names = columns.map(({ name }) => sql.ref(name))
  const values = columns.map(
    ({ name, type }): RawBuilder<unknown> => sql`(row ->> ${sql.lit(name)})::${sql.raw(type)}`,
  )
  await sql`
    insert into ${sql.table(table)} (${sql.join(names)}) overriding system value
    select ${sql.join(values)} from json_array_elements(${json}::json) as row`.execute(tx)
}

/** New rows are numbered after those that came. */
async function setSequences(tx: Tx, columns: ReadonlyMap<string, readonly Column[]>): Promise<void> {
  for (const [table, { name, sequence }] of [...columns].flatMap(([table, all]) =>
    all.map((column) => [table, column] as const),
  )) {
    if (sequence === null) continue
    await sql`
      select setval(${sequence}::regclass, coalesce(max(${sql.ref(name)}), 0) + 1, false) from ${sql.table(table)}`.execute(
      tx,
    )
  }
}
