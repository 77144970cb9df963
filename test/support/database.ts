/** Fast, separate databases for tests; suites over every engine: store-suite.ts. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import type { ConnectionSource } from '../../src/store/engine/connection-source.js'
import { createInChild, pgliteVersion } from '../../src/store/engine/pglite-folder.js'
import { connectionOn, openPglite } from '../../src/store/engine/pglite.js'
import { openServer } from '../../src/store/engine/postgres.js'
import { inRole } from '../../src/store/engine/role.js'
import { turns } from '../../src/store/engine/turns.js'
import { openStore, type Store, type StoreOptions } from '../../src/store/index.js'
import { createStore } from '../../src/store/store.js'

export type StoreKind = Store['dialect']

/** Where schemas for tests are made. */
export const testServer = process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test'

/**
 * Why PostgreSQL cannot be tested on, or `undefined` when it can. It may be missing only when nobody asked for it: with
 * TEST_DATABASE_URL or CI=true it must answer.
 */
export async function findServerFault(): Promise<string | undefined> {
  const fault = await onServer(async () => Promise.resolve()).then(
    () => undefined,
    (error: unknown) => String(error),
  )
  if (fault === undefined) return undefined
  const reason = `PostgreSQL at ${new URL(testServer).host} does not answer: ${fault}`
  if (process.env['TEST_DATABASE_URL'] !== undefined || process.env['CI'] === 'true') throw new Error(reason)
  return reason
}

/** Says it plainly; for one test of a whole run, not for each file. */
export function sayServerFault(fault: string): void {
  console.warn(`${fault}. The store's tests on it are skipped; set TEST_DATABASE_URL to run them.`)
}

/** An empty, migrated store. `close` drops it. About 10 ms on PostgreSQL and, after the first in a file, on PGlite. */
export async function openTestStore(kind: StoreKind): Promise<Store> {
  if (kind === 'pglite') return createStore(await memorySchema())
  const database = await makeTestDatabase(kind)
  const store = await openStore(database.options)
  return {
    ...store,
    async close() {
      await store.close()
      await database.remove()
    },
  }
}

/** Connections to a place without any table yet, for tests of how stores are made. `close` drops it. */
export async function openEmptySource(kind: StoreKind): Promise<ConnectionSource> {
  if (kind === 'pglite') return memorySchema()
  const database = await makeTestDatabase(kind)
  const source = await openServer(database.options.databaseUrl ?? '')
  return {
    ...source,
    async close() {
      await source.close()
      await database.remove()
    },
  }
}

export interface TestDatabase {
  /** For `openStore`, here or in other processes (DATA_DIR is the folder's parent). */
  readonly options: StoreOptions
  remove(): Promise<void>
}

/** A place for a store of its own: a ready-made PGlite folder (no creation costs), or a fresh schema of the server. */
export async function makeTestDatabase(kind: StoreKind): Promise<TestDatabase> {
  const parent = await mkdtemp(join(tmpdir(), 'connector-node-store-'))
  const folder = join(parent, 'store')
  const removeFolder = () => rm(parent, { recursive: true, force: true })
  if (kind === 'pglite') {
    await prepareStoreFolder(folder)
    return { options: { folder }, remove: removeFolder }
  }
  const schema = newSchemaName()
  await onServer((client) => client.query(`create schema ${schema}`))
  const url = new URL(testServer)
  url.searchParams.set('options', `-c search_path=${schema}`)
  return {
    options: { folder, databaseUrl: url.href },
    async remove() {
      await onServer((client) => client.query(dropBoth(schema)))
      await removeFolder()
    },
  }
}

export interface OwnDatabase {
  /** As the server's own login, or another. */
  url(login?: string): string
  remove(): Promise<void>
}

/** A whole database of the server, for tests of what belongs to one; it goes with the role that a node makes for it. */
export async function makeOwnDatabase(): Promise<OwnDatabase> {
  const name = newSchemaName()
  await onServer((client) => client.query(`create database ${name}`))
  return {
    url(login) {
      const url = new URL(testServer)
      url.pathname = `/${name}`
      if (login !== undefined) url.username = login
      return url.href
    },
    remove: () =>
      onServer(async (client) => {
        await client.query(`drop database ${name} with (force)`)
        const { rows } = await client.query<{ role: string }>(
          `select rolname as role from pg_roles
          where rolname = 'connector_node_' || substr(md5($1 || ' ' || current_user), 1, 12)`,
          [name],
        )
        for (const { role } of rows) await client.query(`drop role ${role}`)
      }),
  }
}

/** Makes roles of the whole server where they are missing. The result drops those, unless somebody uses them by then. */
export async function makeServerRoles(roles: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  const made: string[] = []
  await onServer(async (client) => {
    for (const [name, options] of Object.entries(roles)) {
      const isNew = await client.query(`create role ${name} ${options}`).then(() => true, onCode('42710'))
      if (isNew) made.push(name)
    }
  })
  return () =>
    onServer(async (client) => {
      for (const name of made) await client.query(`drop role ${name}`).then(() => true, onCode('2BP01'))
    })
}

const onCode =
  (expected: string) =>
  (error: unknown): false => {
    if ((error as { readonly code?: unknown }).code !== expected) throw error
    return false
  }

/** Puts an empty embedded database into a folder, so that a node started on it does not have to make one (4 s, 800 MB). */
export async function prepareStoreFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await cp(await cached('folder', createInChild), join(folder, 'pg'), { recursive: true })
}

async function onServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: testServer, connectionTimeoutMillis: 3_000 })
  // The server may end a connection at any moment; the statement that needed it reports that.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

let shared: Promise<PGlite> | undefined
/** Stores share the one session of the shared PGlite: one statement or transaction of one of them at a time. */
const sharedTurn = turns()

/** One PGlite in memory for a test file (300 MB), one schema in it for each store. */
async function memorySchema(): Promise<ConnectionSource> {
  shared ??= cached('memory.tar', dumpInChild)
    .then((path) => readFile(path))
    .then((bytes) => openPglite({ loadDataDir: new Blob([bytes]) }))
  const pglite = await shared
  const schema = newSchemaName()
  let closed = false
  const source: ConnectionSource = {
    dialect: 'pglite',
    begin: 'begin',
    async acquire() {
      if (closed) throw new Error('this store is closed')
      const done = await sharedTurn()
      await pglite.exec(`set search_path to ${schema}`)
      return connectionOn(pglite, done)
    },
    async close() {
      if (!closed) await asOwner(dropBoth(schema))
      closed = true
    },
  }
  const asOwner = async (text: string) => {
    const connection = await inRole(source).acquire()
    await connection.query(text, []).finally(() => connection.release(false))
  }
  await asOwner(`create schema ${schema}`)
  return source
}

/** The store's schema and, beside it, the job queue's. */
const dropBoth = (schema: string): string =>
  `drop schema if exists ${schema} cascade; drop schema if exists ${schema}_jobs cascade`

const newSchemaName = (): string => `test_${process.pid}_${randomBytes(4).toString('hex')}`

/** Makes a thing once per machine and PGlite version; two that make it at the same time both succeed. */
async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const folder = join(
    import.meta.dirname,
    '../../node_modules/.cache/connector-node',
    `pglite-${pgliteVersion()}`,
  )
  const path = join(folder, name)
  if (await exists(path)) return path
  await mkdir(folder, { recursive: true })
  const half = `${path}.${process.pid}`
  await make(half)
  try {
    await rename(half, path)
  } catch (error) {
    if (!(await exists(path))) throw error
    await rm(half, { recursive: true, force: true })
  }
  return path
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function dumpInChild(path: string): Promise<void> {
  const program = `
    const { PGlite } = require(process.argv[1])
    PGlite.create()
      .then(async (db) => {
        const dump = await db.dumpDataDir('none')
        require('node:fs').writeFileSync(process.argv[2], Buffer.from(await dump.arrayBuffer()))
        await db.close()
      })
      .catch((error) => {
        console.error(error)
        process.exitCode = 1
      })`
  const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  await promisify(execFile)(process.execPath, ['-e', program, pglite, path], { timeout: 120_000 })
}
