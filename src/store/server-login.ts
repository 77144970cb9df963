/** A server on which the node logs in as who owns nothing: an administrator's login makes the tables, and grants what a running node needs. */
import { sql } from 'kysely'
import { NodeError } from '../errors.js'
import { openServer } from './engine/postgres.js'
import type { Db } from './handle.js'
import { migrationsDone } from './migrate.js'
import { grantRights } from './node-role.js'
import { ownerQueries } from './queries.js'

/** Whether the login may make tables where the node's are: then it prepares them itself, as on the embedded database. */
export async function mayMakeTables(db: Db): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select has_schema_privilege(current_schema(), 'create') as may`.execute(db)
  return rows[0]?.may === true
}

/** @throws NodeError CONFIG_INVALID: the tables are not of this version, or the login passes the policies by */
export async function checkPrepared(db: Db, migrations: Readonly<Record<string, string>>): Promise<void> {
  const { rows } = await sql<{ name: string; unbound: boolean }>`
    select rolname as name, rolsuper or rolbypassrls as unbound from pg_roles where rolname = current_user`.execute(
    db,
  )
  if (rows[0]?.unbound !== false)
    throw fault(`DATABASE_URL: the login ${rows[0]?.name ?? ''} passes row level security by (BYPASSRLS)`)
  const wanted = Object.keys(migrations)
  const done = await migrationsDone(db).catch((cause: unknown) => {
    throw fault(`DATABASE_URL: the login may not read what was prepared. ${ASK}`, cause)
  })
  const missing = wanted.filter((name) => !done.includes(name))
  if (missing.length > 0) throw fault(`the database lacks ${missing.join(', ')}. ${ASK}`)
  const newer = done.filter((name) => !wanted.includes(name))
  if (newer.length > 0)
    throw fault(
      `the database was made by a newer version of this node (it has ${newer.join(', ')}). Start that version.`,
    )
}

const ASK = 'Run `connector-node migrate` with DATABASE_ADMIN_URL, or start the node with it once.'

export interface LoginGrant {
  readonly adminUrl: string
  /** As the node logs in. */
  readonly databaseUrl: string
  /** Of the job queue's tables. */
  readonly queueSchema: string
}

/**
 * Gives the node's login what a running node does, and no more: rows of our tables and of the queue's, no change of form.
 * @throws NodeError CONFIG_INVALID, STORE_UNAVAILABLE
 */
export async function grantLogin({
  adminUrl,
  databaseUrl,
  queueSchema,
}: LoginGrant): Promise<{ readonly login: string }> {
  const login = await loginOf(databaseUrl)
  const source = await openServer(adminUrl, { patient: true })
  try {
    const admin = ownerQueries(source)
    await admin.transaction().execute(async (tx) => {
      const { rows } = await sql<{ same: boolean }>`select current_user = ${login} as same`.execute(tx)
      if (rows[0]?.same === true)
        throw fault('DATABASE_ADMIN_URL: is the login of DATABASE_URL; give the node one that owns nothing')
      await grantRights(tx, login)
      const [to, queue] = [sql.id(login), sql.id(queueSchema)]
      await sql`grant select on connector_migrations to ${to}`.execute(tx)
      await sql`grant usage on schema ${queue} to ${to}`.execute(tx)
      await sql`grant select, insert, update, delete on all tables in schema ${queue} to ${to}`.execute(tx)
      await sql`grant usage on all sequences in schema ${queue} to ${to}`.execute(tx)
      await sql`grant execute on all functions in schema ${queue} to ${to}`.execute(tx)
    })
  } finally {
    await source.close()
  }
  return { login }
}

async function loginOf(databaseUrl: string): Promise<string> {
  // Nothing is granted yet, and so no schema may be its own.
  const source = await openServer(databaseUrl, { anySchema: true })
  try {
    const { rows } = await sql<{ name: string }>`select current_user as name`.execute(ownerQueries(source))
    if (rows[0] === undefined)
      throw new NodeError('INTERNAL', { detail: 'the database does not know its login' })
    return rows[0].name
  } finally {
    await source.close()
  }
}

const fault = (detail: string, cause?: unknown): NodeError =>
  new NodeError('CONFIG_INVALID', { detail, cause })
