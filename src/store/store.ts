/** Opens the control-plane database: embedded in a folder, or a PostgreSQL server. One SQL for both. */
import { CamelCasePlugin, Kysely, sql } from 'kysely'
import { NodeError } from '../errors.js'
import type { ConnectionSource } from './engine/connection-source.js'
import { insideTransaction, refuseInsideTransaction, StoreDialect } from './engine/dialect.js'
import { openFolder } from './engine/pglite-folder.js'
import { openServer } from './engine/postgres.js'
import { storeFault } from './engine/store-fault.js'
import type { Db, Tx } from './handle.js'
import { migrate } from './migrate.js'
import { migrations } from './migrations/index.js'
import type { Tables } from './tables.js'

/**
 * The control plane. Repositories take `store.db` or the transaction of a callback as their first argument.
 * Inside a callback use only that transaction: the store itself throws there (it would wait for itself).
 * Every call may throw NodeError STORE_UNAVAILABLE, or WRITE_CONFLICT when it lost against another transaction.
 */
export interface Store {
  readonly dialect: 'pglite' | 'postgres'
  readonly db: Db
  /** All or nothing. Durable when it returns (embedded: against a killed process, not against a power loss). */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** @throws NodeError STORE_UNAVAILABLE, STORE_LOCKED */
  ready(): Promise<void>
  /** Waits for what is under way. */
  close(): Promise<void>
}

export interface StoreOptions {
  /** Of the embedded database; made when missing. Not touched with `databaseUrl`. */
  readonly folder: string
  /** `postgres://...`; a direct or session-pooled connection. */
  readonly databaseUrl?: string | undefined
}

/** @throws NodeError STORE_UNAVAILABLE, STORE_LOCKED, CONFIG_INVALID */
export async function openStore({ folder, databaseUrl }: StoreOptions): Promise<Store> {
  if (databaseUrl === undefined) return createStore(await openFolder(folder))
  const patient = queriesOn(await openServer(databaseUrl, { patient: true }))
  try {
    await migrate(patient, migrations)
  } finally {
    await patient.destroy()
  }
  const source = await openServer(databaseUrl)
  return storeOn(queriesOn(source), source)
}

/** A migrated store on any source of connections; closes the source when that fails. */
export async function createStore(source: ConnectionSource): Promise<Store> {
  const db = queriesOn(source)
  try {
    await migrate(db, migrations)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return storeOn(db, source)
}

function queriesOn(source: ConnectionSource): Db {
  const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })]
  return new Kysely<Tables>({ dialect: new StoreDialect(source), plugins })
}

const READY_MS = 5_000

function storeOn(db: Db, source: ConnectionSource): Store {
  return {
    dialect: source.dialect,
    db,
    async transaction(work) {
      refuseInsideTransaction()
      return db.transaction().execute((tx) => insideTransaction(() => work(tx)))
    },
    async ready() {
      try {
        await within(READY_MS, sql`select 1`.execute(db))
      } catch (error) {
        throw storeFault(error) // a closed store throws an error of Kysely's own
      }
    },
    async close() {
      await db.destroy()
      // Kysely leaves a source open that it has not used yet.
      await source.close()
    },
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new NodeError('STORE_UNAVAILABLE', { detail: `no answer within ${ms} ms` })),
      ms,
    )
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
