/**
 * A database that people reach by a gateway of its own too (Supabase: PostgREST, with the roles `anon` and `authenticated`
 * and the function `auth.uid()`): whoever is signed in there sees their own file connections, files and logs, and
 * nobody sees anything else of the node's. The node alone writes. Looked at on each start: a gateway gives its roles every
 * right on each new table of its schema.
 */
import { sql } from 'kysely'
import type { Db, Tx } from './handle.js'
import { takeMigrationLock } from './migrate.js'
import { tableNames, viewNames } from './tables.js'

const ROLES = ['anon', 'authenticated']
const SIGNED_IN = 'authenticated'
/** Another text of the policies is another name. */
const POLICY = 'gateway_own_1'
const OWN = `exists (select from connectors c where c.id = connector_id and c.subject = (select auth.uid())::text)`

/** Tables behind the views, with what must hold for a row to be one's own. */
const own: Readonly<Record<string, string>> = {
  connectors: `subject = (select auth.uid())::text`,
  file_connections: OWN,
  records: OWN,
  sync_logs: OWN,
}
/** Of connectors, what the view of file connections shows. */
const CONNECTOR_COLUMNS = [
  ...[
    'id',
    'tenant',
    'subject',
    'type',
    'display_name',
    'config',
    'status',
    'sync_frequency',
    'last_error_code',
  ],
  ...[
    'next_run_at_ms',
    'last_success_at_ms',
    'version',
    'created_at_ms',
    'updated_at_ms',
    'destination',
    'owner_did',
  ],
]
const readable = ['file_connections', 'records', 'sync_logs', ...Object.values(viewNames)]
const ours = [
  ...Object.values(tableNames),
  ...Object.values(viewNames),
  'connector_migrations',
  'connector_migrations_lock',
]

/** Takes the owner's handle; does nothing where there is no gateway, and writes nothing when all is as it has to be. */
export async function prepareGateway(owner: Db): Promise<void> {
  if (!(await hasGateway(owner))) return
  await owner.transaction().execute(async (tx) => {
    await takeMigrationLock(tx)
    if (await isPrepared(tx)) return
    const list = sql.raw(ours.join(', '))
    const roles = sql.raw(ROLES.join(', '))
    await sql`revoke all on ${list} from ${roles}`.execute(tx)
    await sql`revoke all on sequence record_sequence from ${roles}`.execute(tx)
    await addPolicies(tx)
    const to = sql.raw(SIGNED_IN)
    await sql`grant select on ${sql.raw(readable.join(', '))} to ${to}`.execute(tx)
    await sql`grant select (${sql.raw(CONNECTOR_COLUMNS.join(', '))}) on connectors to ${to}`.execute(tx)
  })
}

async function hasGateway(db: Db): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regprocedure('auth.uid()') is not null
      and (select count(*) from pg_roles where rolname = any(${ROLES}::text[])) = ${ROLES.length}::int as there`.execute(
    db,
  )
  return rows[0]?.there === true
}

async function isPrepared(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ prepared: boolean }>`
    select not exists (
      select from unnest(${ours}::text[]) as name, unnest(${ROLES}::text[]) as role
      where has_table_privilege(role, format('%I', name), 'insert, update, delete, truncate, references, trigger')
        or has_table_privilege(role, format('%I', name), 'select')
          <> (role = ${SIGNED_IN} and name = any(${readable}::text[]))
    ) and (
      select bool_and(has_column_privilege(${SIGNED_IN}, 'connectors', name, 'select'))
      from unnest(${CONNECTOR_COLUMNS}::text[]) as name
    ) and (
      select count(*) from pg_policy where polname = ${POLICY} and polrelid = any(${Object.keys(own)}::regclass[])
    ) = ${Object.keys(own).length}::int as prepared`.execute(tx)
  return rows[0]?.prepared === true
}

/** One lets rows in and one keeps the others out, whatever another policy would say. */
async function addPolicies(tx: Tx): Promise<void> {
  for (const [table, condition] of Object.entries(own)) {
    for (const [name, kind] of [
      [POLICY, 'permissive'],
      [`${POLICY}_only`, 'restrictive'],
    ] as const) {
      await sql`drop policy if exists ${sql.id(name)} on ${sql.id(table)}`.execute(tx)
      await sql`
        create policy ${sql.id(name)} on ${sql.id(table)} as ${sql.raw(kind)} for all to ${sql.raw(SIGNED_IN)}
        using (${sql.raw(condition)})`.execute(tx)
    }
  }
}
