/** Brings a database to the newest form, or finds that it already is. */
import { Migrator, sql, type Kysely, type Migration, type QueryExecutorProvider } from 'kysely'
import { NodeError } from '../errors.js'

const TABLE = 'connector_migrations'
const LOCK_TABLE = 'connector_migrations_lock'
/** Any fixed number: processes that start together migrate one after the other. */
const LOCK = 6_120_503_441

/**
 * All or nothing: everything pending runs in one transaction under one lock.
 * @throws NodeError CONFIG_INVALID when the database was made by a newer node
 */
export async function migrate<T>(
  db: Kysely<T>,
  migrations: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  // Kysely's migrator refuses a transaction of ours and takes its lock outside of its own: so one connection, and ours.
  return db.connection().execute(async (connection) => {
    await sql`begin`.execute(connection)
    try {
      const done = await migrateInside(connection, migrations)
      await sql`commit`.execute(connection)
      return done
    } catch (error) {
      await sql`rollback`.execute(connection)
      throw error
    }
  })
}

async function migrateInside<T>(
  db: Kysely<T>,
  migrations: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  // A large migration may take its time, and so may the process that is migrating before us.
  await sql`select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)`.execute(
    db,
  )
  await takeMigrationLock(db)
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => Promise.resolve(asMigrations(migrations)) },
    migrationTableName: TABLE,
    migrationLockTableName: LOCK_TABLE,
    // Without it a table of the same name in any other schema would be taken for ours.
    migrationTableSchema: rows[0]?.schema ?? 'public',
    disableTransactions: true,
  })
  await refuseNewer(db, migrations)
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) throw asError(error)
  return (results ?? []).map((result) => result.migrationName)
}

/** Until the transaction ends nobody else changes the form of the database. */
export async function takeMigrationLock(db: QueryExecutorProvider): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(db)
}

function asMigrations(migrations: Readonly<Record<string, string>>): Record<string, Migration> {
  const entries = Object.entries(migrations).map(([name, text]): [string, Migration] => [
    name,
    {
      async up(db) {
        await sql.raw(text).execute(db)
      },
    },
  ])
  return Object.fromEntries(entries)
}

async function refuseNewer<T>(db: Kysely<T>, migrations: Readonly<Record<string, string>>): Promise<void> {
  const unknown = (await migrationsDone(db)).filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length === 0) return
  throw new NodeError('CONFIG_INVALID', {
    detail: `the database was made by a newer version of this node (it has ${unknown.join(', ')}). Start that version.`,
  })
}

/** Names, in order; none of a database that was never ours. */
export async function migrationsDone(db: QueryExecutorProvider): Promise<readonly string[]> {
  const there = await sql<{ name: string | null }>`select to_regclass(${TABLE})::text as name`.execute(db)
  if ((there.rows[0]?.name ?? null) === null) return []
  const done = await sql<{ name: string }>`select name from ${sql.table(TABLE)} order by name`.execute(db)
  return done.rows.map(({ name }) => name)
}

function asError(error: unknown): Error {
  return error instanceof Error
    ? error
    : new NodeError('INTERNAL', { detail: 'a migration failed', cause: error })
}
