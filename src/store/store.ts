/** Opens the control-plane database: embedded in a folder, or a PostgreSQL server. One SQL for both. */
import { sql } from 'kysely'
import { NodeError } from '../errors.js'
import type { ConnectionSource } from './engine/connection-source.js'
import { insideTransaction, refuseInsideTransaction } from './engine/dialect.js'
import { openFolder } from './engine/pglite-folder.js'
import { openServer } from './engine/postgres.js'
import { inRole } from './engine/role.js'
import { storeFault } from './engine/store-fault.js'
import type { Db, ScopedTx, Tx } from './handle.js'
import { prepareGateway } from './gateway.js'
import { migrate } from './migrate.js'
import { migrations } from './migrations/index.js'
import { prepareNodeRole } from './node-role.js'
import { ownerQueries, queriesOn } from './queries.js'
import { rawSql, type RunSql } from './raw-sql.js'
import { checkPrepared, mayMakeTables } from './server-login.js'
import { asNode, asTenant } from './tenant-scope.js'

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
  /** A transaction that sees and writes the rows of this tenant only; elsewhere no tenant's row is to be seen. */
  tenant<T>(tenant: string, work: (tx: ScopedTx) => Promise<T>): Promise<T>
  /** A transaction that sees and writes the rows of all tenants: for the scheduler, sign-in and the operator. */
  node<T>(work: (tx: ScopedTx) => Promise<T>): Promise<T>
  /** For the job queue's own tables only. */
  readonly raw: RunSql
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
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.databaseUrl === undefined) return createStore(await openSource(options))
  const patient = await openSource(options)
  let role: string | undefined
  try {
    role = await prepare(patient)
  } finally {
    await patient.close()
  }
  return storeOn(await openServer(options.databaseUrl), role)
}

/** Connections for work that may take its time; nothing is prepared on them. */
export const openSource = ({ folder, databaseUrl }: StoreOptions): Promise<ConnectionSource> =>
  databaseUrl === undefined ? openFolder(folder) : openServer(databaseUrl, { patient: true })

/** A migrated store on any source of connections; closes the source when that fails. */
export async function createStore(source: ConnectionSource): Promise<Store> {
  try {
    return storeOn(source, await prepare(source))
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Brings the database to its newest form; gives the role to work as. */
export async function prepare(source: ConnectionSource): Promise<string | undefined> {
  const owner = ownerQueries(source)
  if (!(await mayMakeTables(owner))) {
    // Prepared by another login (server-login.ts): this one owns nothing, and works as itself.
    await checkPrepared(owner, migrations)
    return undefined
  }
  await migrate(owner, migrations)
  await prepareGateway(owner)
  return prepareNodeRole(owner)
}

const READY_MS = 5_000

function storeOn(source: ConnectionSource, role: string | undefined): Store {
  const db = queriesOn(inRole(source, role))
  const transaction = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    refuseInsideTransaction()
    return db.transaction().execute((tx) => insideTransaction(() => work(tx)))
  }
  return {
    dialect: source.dialect,
    db,
    raw: rawSql(inRole(source)),
    transaction,
    tenant: (tenant, work) => transaction(async (tx) => work(await asTenant(tx, tenant))),
    node: (work) => transaction(async (tx) => work(await asNode(tx))),
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
