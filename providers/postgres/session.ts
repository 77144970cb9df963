/** One connection, one transaction that may only read, and its end. Nothing of it outlives the page. */
import { Client } from 'pg'
import {
  NodeError,
  privateOrigins,
  reveal,
  type CallContext,
  type FieldValues,
  type ProviderHttp,
  type SettingsShape,
} from '../../src/provider/index.js'
import { failureOf, inRun, refused } from './failures.js'
import { readCertificates } from './certificates.js'

export type SessionContext = CallContext<SettingsShape> & { readonly signal?: AbortSignal }

/** Values as the server writes them. */
export type Texts = readonly (string | null)[]

export interface Answered {
  readonly columns: readonly { readonly name: string; readonly type: number }[]
  readonly rows: readonly Texts[]
}

export interface Session {
  /** One statement: the protocol takes no second one. @throws what the server says, as `pg` gives it */
  ask(statement: string, values?: readonly (string | number)[]): Promise<Answered>
}

/** Values come as their texts. */
const asText = { getTypeParser: () => (text: string) => text }
const LOCK_MS = 5_000
/** A node that was killed leaves no open transaction behind for longer. */
const IDLE_MS = 30_000
/** How soon the server notices that nobody waits for a statement any more, from version 14 on. */
const LOOK = '2s'

/**
 * Connects, begins, works, and ends. @throws NodeError: REQUEST_INVALID where what was entered is not on the server,
 * TOKEN_REVOKED, SCOPE_MISSING, RATE_LIMITED, PROVIDER_DOWN, PROVIDER_CHANGED, or the reason of an abort
 */
export async function inSession<T>(
  http: ProviderHttp,
  { settings, fields, signal }: SessionContext,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { texts } = fields
  const { host, port } = serverOf(texts)
  const ssl = tlsOf(texts, privateOrigins(settings))
  const socket = await http.socket(host, port)
  const first: { byte: number | undefined } = { byte: undefined }
  socket.once('data', (bytes: Buffer) => (first.byte = bytes[0]))
  const client = new Client({
    // The name that the certificate must be for.
    host: texts['serverName'] ?? host,
    port,
    user: texts['username'] ?? '',
    database: texts['database'] ?? '',
    password: passwordOf(fields),
    application_name: 'connector-node',
    ssl,
    stream: () => connected(socket),
  })
  // The statement under way fails by it too.
  client.on('error', () => socket.destroy())
  try {
    await client.connect()
    await client.query(beginning(Number(texts['timeout'] ?? '15') * 1_000))
    const done = await work(sessionOn(client))
    await client.end()
    return done
  } catch (cause) {
    socket.destroy()
    signal?.throwIfAborted()
    if (ssl !== false && first.byte === REFUSES_TLS) throw refused('tls', 'is not spoken by this server')
    if (ssl !== false && first.byte !== undefined && first.byte !== SPEAKS_TLS)
      throw new NodeError('PROVIDER_CHANGED', { detail: 'it is no PostgreSQL server' })
    throw failureOf(cause)
  }
}

/** As `inSession`, for what was entered and tested before. */
export const inRunSession: typeof inSession = async (http, context, work) => {
  try {
    return await inSession(http, context, work)
  } catch (error) {
    throw error instanceof NodeError ? inRun(error) : error
  }
}

/** The one byte that answers the question for TLS. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL */
const SPEAKS_TLS = 0x53
const REFUSES_TLS = 0x4e

type Socket = Awaited<ReturnType<ProviderHttp['socket']>>

/** `pg` connects what it is given, and waits for the event. */
function connected(socket: Socket): Socket {
  return Object.assign(socket, {
    connect() {
      queueMicrotask(() => socket.emit('connect'))
      return socket
    },
  })
}

/** Settings of this transaction only: behind a pooler, those of a session would reach its other clients. */
const beginning = (statementMs: number): string => `
  begin transaction isolation level read committed, read only;
  set local statement_timeout = ${statementMs};
  set local lock_timeout = ${LOCK_MS};
  set local idle_in_transaction_session_timeout = ${IDLE_MS};
  set local timezone = 'UTC';
  set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'iso_8601';
  set local bytea_output = 'hex';
  set local extra_float_digits = 3;
  select pg_catalog.set_config(name, '${LOOK}', true) from pg_catalog.pg_settings
  where name = 'client_connection_check_interval'`

function sessionOn(client: Client): Session {
  return {
    async ask(text, values = []) {
      const question = {
        text,
        values: [...values],
        queryMode: 'extended',
        rowMode: 'array' as const,
        types: asText,
      }
      const { fields, rows } = await client.query<(string | null)[]>(question)
      return { columns: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })), rows }
    },
  }
}

function serverOf({ address = '' }: FieldValues['texts']): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp-server://${address}`)
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

function passwordOf({ secrets: { password } }: FieldValues): string {
  if (password !== undefined) return reveal(password)
  throw new NodeError('TOKEN_REVOKED', { detail: 'there is no password' })
}

/** @throws NodeError REQUEST_INVALID */
function tlsOf({ address = '', tls, ca }: FieldValues['texts'], listed: readonly string[]) {
  if (tls !== 'none')
    return {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2' as const,
      ...(ca !== undefined && { ca: readCertificates(ca) }),
    }
  if (listed.includes(address)) return false
  throw refused('tls', 'can be left out only for servers that the operator of this node listed')
}
