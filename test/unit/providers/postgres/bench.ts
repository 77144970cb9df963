/** The provider against a real PostgreSQL server: a schema and a role of its own, and the node's own client. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Client } from 'pg'
import { madeUpIdentity } from '../../../../providers/postgres/fixtures/identity.js'
import { provider } from '../../../../providers/postgres/index.js'
import { systemClock } from '../../../../src/lib/clock.js'
import type { Json } from '../../../../src/lib/canonical-json.js'
import { silentLog } from '../../../../src/lib/log.js'
import { createBudgets, createProviderHttp } from '../../../../src/outbound/index.js'
import {
  Redacted,
  type Account,
  type AnyStream,
  type FetchContext,
  type FieldValues,
  type ProviderHttp,
} from '../../../../src/provider/index.js'
import { testServer } from '../../../support/database.js'

export type Texts = Readonly<Record<string, string>>

export interface Item {
  readonly id: string
  readonly collection: string
  readonly changed?: string
  readonly row: Readonly<Record<string, Json>>
}

export interface Read {
  readonly items: readonly Item[]
  readonly pages: number
  /** Where the next run begins. */
  readonly cursor: Json
}

export interface PostgresBench {
  readonly schema: string
  readonly role: string
  readonly admin: Client
  readonly server: string
  /** Runs statements as the owner of the schema, which is where their names are looked for. */
  run(statements: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  fields(texts: Texts): FieldValues
  http(fields: FieldValues, signal?: AbortSignal): ProviderHttp
  context(fields: FieldValues): FetchContext
  account(texts: Texts): Promise<Account>
  /** A whole run of one stream over one table. */
  read(stream: 'rows' | 'changes', texts: Texts, from?: Json, context?: Partial<FetchContext>): Promise<Read>
  close(): Promise<void>
}

const PASSWORD = 'canary-password-5d21'
const MAX_PAGES = 100

export async function openPostgres(): Promise<PostgresBench> {
  const admin = new Client({ connectionString: testServer })
  await admin.connect()
  const suffix = `${process.pid}_${randomBytes(4).toString('hex')}`
  const [schema, role] = [`provider_${suffix}`, `reader_${suffix}`]
  await admin.query(`create schema ${schema}; set search_path = ${schema}, public;
    create role ${role} login password '${PASSWORD}';
    grant usage on schema ${schema} to ${role};
    alter default privileges in schema ${schema} grant select on tables to ${role}`)
  const { hostname, port, pathname } = new URL(testServer)
  const server = `${hostname}:${port}`
  const settings = { allowPrivateOrigins: server }
  const bench: PostgresBench = {
    schema,
    role,
    admin,
    server,
    async run(statements) {
      const results = await admin.query<Record<string, unknown>>(statements)
      return Array.isArray(results) ? [] : results.rows
    },
    fields: (texts) => ({
      texts: {
        address: server,
        database: pathname.slice(1),
        username: role,
        queryName: 'query',
        tls: 'none',
        timeout: '15',
        pageRows: '1000',
        ...texts,
      },
      secrets: { password: new Redacted(PASSWORD) },
    }),
    http: (fields, signal = new AbortController().signal) =>
      createProviderHttp({
        provider,
        settings: { allowPrivateOrigins: `${server} ${fields.texts['address'] ?? ''}` },
        tokenSource: {
          current: async () => new Redacted(''),
          refresh: async () => new Redacted(''),
          tokens: () => ({ kind: 'basic', fields }),
        },
        clock: systemClock,
        log: silentLog,
        budgets: createBudgets(systemClock),
        signal,
      }),
    context: (fields) => ({
      settings,
      fields,
      account: { id: 'account', name: 'Account' },
      now: systemClock.now(),
      signal: new AbortController().signal,
      partition: '',
    }),
    account(texts) {
      const fields = bench.fields(texts)
      return provider.account(bench.http(fields), { settings, fields })
    },
    async read(name, texts, from, more = {}) {
      const stream = streamOf(name)
      const fields = bench.fields(texts)
      const http = bench.http(fields, more.signal)
      const context = { ...bench.context(fields), ...more }
      const partitions = more.partition ? [more.partition] : await stream.partitions?.(http, context)
      const [partition] = partitions ?? []
      if (partition === undefined) return { items: [], pages: 0, cursor: null }
      const items: Item[] = []
      let cursor = from
      for (let pages = 1; pages <= MAX_PAGES; pages++) {
        const stored =
          cursor === undefined ? undefined : stream.cursor.parse(JSON.parse(JSON.stringify(cursor)))
        const page = await stream.fetchPage(http, stored, { ...context, partition })
        items.push(...(page.items as readonly Item[]))
        cursor = page.cursor
        if (!page.more) return { items, pages, cursor }
      }
      throw new Error('paging does not end')
    },
    async close() {
      await admin.query(`drop schema ${schema} cascade; drop owned by ${role}; drop role ${role}`)
      await admin.end()
    },
  }
  return bench
}

export function streamOf(name: string): AnyStream {
  const stream = provider.streams.find((one) => one.name === name)
  if (stream === undefined) throw new Error(`no stream ${name}`)
  return stream
}

export const ids = ({ items }: Read): readonly string[] => items.map(({ id }) => id)

/** Speaks TLS, as the server itself may not, and passes on to it what comes. */
export async function startTlsFront(server: string) {
  const identity = await madeUpIdentity()
  const [host = '', port] = server.split(':')
  const open = new Set<Socket>()
  const held = (socket: Socket): Socket => {
    open.add(socket)
    return socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket))
  }
  const front = createServer((socket) => {
    held(socket).once('data', () => {
      socket.write('S')
      const inside = held(new TLSSocket(socket, { isServer: true, ...identity }))
      const behind = held(connect(Number(port), host))
      inside.pipe(behind).pipe(inside)
    })
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  return {
    ca: identity.cert,
    port: (front.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy()
      front.close()
      await once(front, 'close')
    },
  }
}
