/** Writes the whole control plane as text, as it is at one moment; changes nothing. */
import { stat } from 'node:fs/promises'
import { sql } from 'kysely'
import { NodeError } from '../errors.js'
import { copiedTables, copyLines, type RowCounts } from './copy-format.js'
import type { Tx } from './handle.js'
import { migrationsDone } from './migrate.js'
import { migrations } from './migrations/index.js'
import { ownerQueries } from './queries.js'
import { openSource, type StoreOptions } from './store.js'
import { readColumns, type Column } from './table-columns.js'
import { asNode } from './tenant-scope.js'

const PAGE = 200

/**
 * Gives `write` line after line. Secrets in it are sealed or hashed as in the store.
 * @throws NodeError CONFIG_INVALID when there is no store of this version, STORE_LOCKED, STORE_UNAVAILABLE
 */
export async function exportStore(
  options: StoreOptions,
  nowMs: number,
  write: (line: string) => Promise<void>,
): Promise<RowCounts> {
  // Opening a folder that is not there would make a database in it.
  if (options.databaseUrl === undefined) await stat(options.folder).catch((cause: unknown) => missing(cause))
  const source = await openSource(options)
  try {
    const lines = copyLines()
    await ownerQueries(source)
      .transaction()
      .execute(async (tx) => {
        // One moment for all tables; the node may go on meanwhile.
        await sql`set transaction isolation level repeatable read, read only`.execute(tx)
        await asNode(tx)
        await refuseOther(tx)
        await write(lines.writeHead(nowMs))
        for (const table of copiedTables)
          for await (const json of rowsOf(tx, table)) await write(lines.writeRow(table, json))
      })
    await write(lines.writeEnd())
    return lines.rows()
  } finally {
    await source.close()
  }
}

function missing(cause: unknown): never {
  throw new NodeError('CONFIG_INVALID', { detail: 'DATA_DIR: there is no store to export', cause })
}

async function refuseOther(tx: Tx): Promise<void> {
  const done = await migrationsDone(tx)
  if (done.join() === Object.keys(migrations).join()) return
  throw new NodeError('CONFIG_INVALID', {
    detail: 'the store is not in the form of this version: start the node once, then export',
  })
}

async function* rowsOf(tx: Tx, table: string): AsyncGenerator<string> {
  const columns = (await readColumns(tx, table)).map(asShown)
  await sql`
    declare copied no scroll cursor for
    select row_to_json(shown)::text as json from (select ${sql.join(columns)} from ${sql.table(table)}) as shown`.execute(
    tx,
  )
  for (;;) {
    const { rows } = await sql<{ json: string }>`fetch ${sql.lit(PAGE)} from copied`.execute(tx)
    for (const { json } of rows) yield json
    if (rows.length < PAGE) break
  }
  await sql`close copied`.execute(tx)
}

const asShown = ({ name, type }: Column) =>
  type === 'jsonb' ? sql`${sql.ref(name)}::text as ${sql.ref(name)}` : sql.ref(name)
