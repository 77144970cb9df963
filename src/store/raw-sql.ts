/**
 * Statements as text on the store's connections, for the job queue: it brings its own SQL and its own tables. May not
 * be used for the tables of the node; those have repositories.
 */
import { CompiledQuery, sql } from 'kysely'
import type { ConnectionSource } from './engine/connection-source.js'
import { refuseInsideTransaction } from './engine/dialect.js'
import type { Tx } from './handle.js'

/**
 * Runs a text. Without values it may hold several statements, and then the rows of all of them are given. Errors are
 * the engine's own, with their SQLSTATE: who brings SQL acts on them.
 */
export type RunSql = (text: string, values?: readonly unknown[]) => Promise<{ readonly rows: unknown[] }>

export function rawSql(source: ConnectionSource): RunSql {
  return async (text, values = []) => {
    refuseInsideTransaction()
    const connection = await source.acquire()
    let broken = false
    try {
      const { rows } = await connection.query(text, values)
      return { rows: [...rows] }
    } catch (error) {
      // A text with a BEGIN of its own leaves its transaction open when it fails half way.
      broken = await connection.query('rollback', []).then(
        () => false,
        () => true,
      )
      throw error
    } finally {
      connection.release(broken)
    }
  }
}

/**
 * The same inside a transaction, one statement at a time; errors are NodeErrors here. The queue's tables are the
 * owner's: the transaction is the owner's for this statement.
 */
export function rawSqlIn(tx: Tx): RunSql {
  const plain = tx.withoutPlugins()
  return async (text, values = []) => {
    const before = await sql<{ role: string }>`
      select current_setting('role') as role, set_config('role', 'none', true)`.execute(plain)
    const { rows } = await plain.executeQuery(CompiledQuery.raw(text, [...values]))
    // After a failure the transaction takes no statement any more, and its end brings the role back.
    await sql`select set_config('role', ${before.rows[0]?.role ?? 'none'}, true)`.execute(plain)
    return { rows }
  }
}
