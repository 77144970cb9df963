/** PostgreSQL by `pg`: a pool of connections as a ConnectionSource. */
import { Pool, types, type CustomTypesConfig } from 'pg'
import { NodeError } from '../../errors.js'
import type { ConnectionSource, SqlConnection } from './connection-source.js'
import { exactInteger } from './exact-integer.js'

const CONNECT_MS = 5_000
const STATEMENT_MS = 30_000
const POOL_SIZE = 10
const OLDEST_VERSION = 150_000

/** Limits travel with BEGIN, not with the connection: a pooler in front of the server may refuse those. */
const BEGIN = `begin; set local lock_timeout = '10s'; set local statement_timeout = '30s'; set local idle_in_transaction_session_timeout = '60s'`

const columnTypes: CustomTypesConfig = {
  getTypeParser: (id: Parameters<typeof types.getTypeParser>[0], format?: 'text' | 'binary') =>
    id === types.builtins.INT8
      ? exactInteger
      : (types.getTypeParser(id, format) as (text: string) => unknown),
}

/**
 * `patient`: statements may take as long as they need (migrations). `anySchema`: also where no schema may be used yet.
 * @throws NodeError STORE_UNAVAILABLE when the server does not answer, CONFIG_INVALID when it is too old
 */
export async function openServer(
  databaseUrl: string,
  { patient = false, anySchema = false } = {},
): Promise<ConnectionSource> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_MS,
    // For a server that went silent; one that answers ends a statement by itself, after BEGIN's 30 s.
    ...(patient ? {} : { query_timeout: STATEMENT_MS + 1_000 }),
    keepAlive: true,
    application_name: 'connector-node',
    types: columnTypes,
  })
  // Without a listener a connection that breaks ends the process. Nothing to do here: the pool drops an idle one,
  // and a statement on a held one fails by itself.
  const ignore = () => undefined
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  try {
    await checkVersion(pool, anySchema)
  } catch (error) {
    await pool.end()
    throw unavailable(error, databaseUrl)
  }
  return {
    dialect: 'postgres',
    begin: BEGIN,
    acquire: () => acquire(pool),
    async close() {
      if (!pool.ending) await pool.end()
    },
  }
}

async function acquire(pool: Pool): Promise<SqlConnection> {
  const client = await pool.connect()
  return {
    session: client,
    async query(text, parameters) {
      const answer = await client.query<Record<string, unknown>>(text, [...parameters])
      // Several statements in one text give several results.
      const results = Array.isArray(answer) ? (answer as (typeof answer)[]) : [answer]
      const last = results.at(-1)
      const rows = results.flatMap((result) => result.rows)
      return { rows, rowCount: last?.rowCount ?? 0, command: last?.command }
    },
    release: (broken) => client.release(broken),
  }
}

async function checkVersion(pool: Pool, anySchema: boolean): Promise<void> {
  const { rows } = await pool.query<{ version: number; schema: string | null }>(
    `select current_setting('server_version_num')::int as version, current_schema() as schema`,
  )
  const [row] = rows
  if (row === undefined || row.version < OLDEST_VERSION) {
    throw new NodeError('CONFIG_INVALID', { detail: 'DATABASE_URL: PostgreSQL 15 or newer is needed' })
  }
  if (row.schema === null && !anySchema) {
    throw new NodeError('CONFIG_INVALID', { detail: 'DATABASE_URL: no schema of the search path exists' })
  }
}

/** Says where, never with which password. */
function unavailable(error: unknown, databaseUrl: string): NodeError {
  if (error instanceof NodeError) return error
  const { hostname, port, pathname } = new URL(databaseUrl)
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
  return new NodeError('STORE_UNAVAILABLE', {
    detail: `PostgreSQL at ${hostname}:${port || '5432'}${pathname} does not answer (${reason}). Check DATABASE_URL and that the server runs.`,
    cause: error,
  })
}
