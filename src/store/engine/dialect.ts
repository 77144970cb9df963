/** One Kysely dialect for both engines; the only place that knows how Kysely asks for connections. */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  PostgresAdapter,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import { NodeError } from '../../errors.js'
import type { ConnectionSource, SqlConnection, SqlResult } from './connection-source.js'
import { StoreIntrospector } from './introspector.js'
import { storeFault } from './store-fault.js'

interface OpenTransaction {
  open: boolean
}

const currentTransaction = new AsyncLocalStorage<OpenTransaction>()

/**
 * Marks everything `work` does as inside a transaction, until it ends. A statement on the root handle from in there
 * would wait for ever on PGlite (one connection) and escape the transaction on a server: it throws instead, on both.
 */
export async function insideTransaction<T>(work: () => Promise<T>): Promise<T> {
  const mark: OpenTransaction = { open: true }
  try {
    return await currentTransaction.run(mark, work)
  } finally {
    mark.open = false
  }
}

/** @throws NodeError INTERNAL when called from inside a transaction's callback */
export function refuseInsideTransaction(): void {
  if (currentTransaction.getStore()?.open !== true) return
  throw new NodeError('INTERNAL', {
    detail: 'the store was used beside an open transaction: use the transaction given to the callback',
  })
}

export class StoreDialect implements Dialect {
  constructor(private readonly source: ConnectionSource) {}
  createDriver(): Driver {
    return new StoreDriver(this.source)
  }
  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler()
  }
  createAdapter(): PostgresAdapter {
    return new StoreAdapter()
  }
  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new StoreIntrospector(db)
  }
}

/** Migrations run under our own lock, inside their transaction (migrate.ts), so that it works behind a pooler too. */
class StoreAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {
    return Promise.resolve()
  }
  override async releaseMigrationLock(): Promise<void> {
    return Promise.resolve()
  }
}

class StoreDriver implements Driver {
  constructor(private readonly source: ConnectionSource) {}
  async init(): Promise<void> {
    return Promise.resolve()
  }
  async acquireConnection(): Promise<StoreConnection> {
    refuseInsideTransaction()
    try {
      return new StoreConnection(await this.source.acquire())
    } catch (error) {
      throw storeFault(error)
    }
  }
  async beginTransaction(connection: StoreConnection, settings: TransactionSettings): Promise<void> {
    if (settings.isolationLevel ?? settings.accessMode)
      throw new TypeError('transaction settings are not supported')
    await connection.run(this.source.begin)
  }
  async commitTransaction(connection: StoreConnection): Promise<void> {
    const { command } = await connection.run('commit')
    // PostgreSQL answers the COMMIT of a failed transaction with a quiet ROLLBACK.
    if (command === 'ROLLBACK')
      throw new NodeError('INTERNAL', { detail: 'the transaction had failed and was rolled back' })
  }
  async rollbackTransaction(connection: StoreConnection): Promise<void> {
    try {
      await connection.run('rollback')
    } catch (error) {
      connection.broken = true
      throw error
    }
  }
  async releaseConnection(connection: StoreConnection): Promise<void> {
    connection.release()
    return Promise.resolve()
  }
  async destroy(): Promise<void> {
    await this.source.close()
  }
}

class StoreConnection implements DatabaseConnection {
  broken = false
  constructor(private readonly connection: SqlConnection) {}
  async run(text: string, parameters: readonly unknown[] = []): Promise<SqlResult> {
    try {
      return await this.connection.query(text, parameters)
    } catch (error) {
      const fault = storeFault(error)
      if (fault.code === 'STORE_UNAVAILABLE') this.broken = true
      throw fault
    }
  }
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.run(query.sql, query.parameters)
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount) }
  }
  streamQuery(): never {
    throw new TypeError('results are read in pages, not streamed')
  }
  release(): void {
    this.connection.release(this.broken)
  }
}
