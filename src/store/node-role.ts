/**
 * The role that a running node works as: it owns nothing, so the policies on tenants' rows bind it, and it cannot change
 * them. Made at each start when missing (a restored dump brings no roles), with the rights that the tables need.
 */
import { sql } from 'kysely'
import { NodeError } from '../errors.js'
import type { Db, Tx } from './handle.js'
import { takeMigrationLock } from './migrate.js'
import { tableNames, viewNames, type Tables } from './tables.js'

const ALL = ['select', 'insert', 'update', 'delete'] as const
/** The log of what was done is added to and read. */
const ADD_ONLY: Partial<Record<keyof Tables, readonly (typeof ALL)[number][]>> = {
  auditLog: ['select', 'insert'],
  auditHeads: ['select'],
}

/**
 * Takes the owner's handle. `undefined`: the login may make no role; then it is bound by the policies itself.
 * @throws NodeError CONFIG_INVALID when the login would pass them by
 */
export async function prepareNodeRole(owner: Db): Promise<string | undefined> {
  return owner.transaction().execute(async (tx) => {
    await takeMigrationLock(tx)
    const login = await readLogin(tx)
    if (!(await takeRole(tx, login.role))) {
      if (!login.unbound) return undefined
      throw new NodeError('CONFIG_INVALID', {
        detail:
          `DATABASE_URL: the login ${login.name} passes row level security by (BYPASSRLS) and may not make the role ` +
          `that would not. Give it CREATEROLE, or log in as an owner without BYPASSRLS.`,
      })
    }
    await grantRights(tx, login.role)
    return login.role
  })
}

interface Login {
  readonly name: string
  /** Policies do not bind it. */
  readonly unbound: boolean
  /** Of this login and database alone: roles are shared by all databases of a server. */
  readonly role: string
}

async function readLogin(tx: Tx): Promise<Login> {
  const { rows } = await sql<Login>`
    select rolname as name, rolsuper or rolbypassrls as unbound,
      'connector_node_' || substr(md5(current_database() || ' ' || rolname), 1, 12) as role
    from pg_roles where rolname = current_user`.execute(tx)
  const [login] = rows
  if (login === undefined) throw new NodeError('INTERNAL', { detail: 'the database does not know its login' })
  return login
}

/** Makes the role when missing, and finds whether the login may work as it. */
async function takeRole(tx: Tx, role: string): Promise<boolean> {
  const [name, text] = [sql.id(role), sql.lit(role)]
  await sql`
    do $$
    begin
      if not exists (select from pg_roles where rolname = ${text}) then
        begin
          create role ${name} nologin;
        exception when duplicate_object or unique_violation then
          null; -- a node on another database of this server was faster
        end;
      end if;
      begin
        perform set_config('role', ${text}, true);
      exception when insufficient_privilege then
        grant ${name} to current_user;
        perform set_config('role', ${text}, true);
      end;
      perform set_config('role', 'none', true);
      perform set_config('app.role', ${text}, true);
    exception when insufficient_privilege then
      perform set_config('app.role', '', true);
    end $$`.execute(tx)
  const { rows } = await sql<{ role: string }>`select current_setting('app.role') as role`.execute(tx)
  return rows[0]?.role === role
}

/** Grants what is missing; nothing is written when all is there. */
export async function grantRights(tx: Tx, role: string): Promise<void> {
  const wanted = [
    ...Object.entries(tableNames).flatMap(([table, name]) =>
      (ADD_ONLY[table as keyof Tables] ?? ALL).map((right) => ({ name, right })),
    ),
    ...Object.values(viewNames).map((name) => ({ name, right: 'select' })),
  ]
  const { rows } = await sql<{ grant: string }>`
    select format('%s on table %I', "right", name) as grant
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as wanted(name text, "right" text)
    where not has_table_privilege(${role}, format('%I', name), "right")
    union all select format('usage on schema %I', current_schema())
    where not has_schema_privilege(${role}, current_schema(), 'usage')
    union all select 'usage on sequence record_sequence'
    where not has_sequence_privilege(${role}, 'record_sequence', 'usage')`.execute(tx)
  for (const { grant } of rows) await sql`grant ${sql.raw(grant)} to ${sql.id(role)}`.execute(tx)
}
