import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ConnectionSource } from '../../../src/store/engine/connection-source.js'
import { fileConnections, records, syncLogs, type Connector, type Store } from '../../../src/store/index.js'
import { ownerQueries } from '../../../src/store/queries.js'
import { createStore, prepare } from '../../../src/store/store.js'
import { tableNames } from '../../../src/store/tables.js'
import { openServer } from '../../../src/store/engine/postgres.js'
import { makeOwnDatabase, makeServerRoles, openEmptySource, type StoreKind } from '../../support/database.js'
import { onEveryEngine } from '../../support/store-suite.js'
import { NOW } from '../../support/store-rows.js'
import { addConnector, FILE_FACTS, someRecord, someSyncLog } from '../../support/tenant-rows.js'

// As a project of Supabase has them: https://supabase.com/docs/guides/database/postgres/row-level-security
const ROLES = { anon: '', authenticated: '', authenticator: 'login noinherit' }
const GATEWAY = [
  'grant anon, authenticated to authenticator',
  'create schema auth',
  'grant usage on schema auth to anon, authenticated',
  `create function auth.uid() returns uuid language sql stable as
    $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$`,
  'alter default privileges grant all on tables to anon, authenticated',
  'alter default privileges grant all on sequences to anon, authenticated',
]
const FILE = 'https://common.schemas.verida.io/file/v0.1.0/schema.json'
const [ann, bob] = [randomUUID(), randomUUID()]

interface Place {
  /** As the owner of the database. */
  readonly source: ConnectionSource
  /** As the gateway logs in. */
  readonly gateway: ConnectionSource
  remove(): Promise<void>
}

async function openPlace(kind: StoreKind): Promise<Place> {
  if (kind === 'pglite') {
    const source = await openEmptySource('pglite')
    for (const [role, options] of Object.entries(ROLES))
      await sql.raw(`create role ${role} ${options}`).execute(ownerQueries(source))
    return { source, gateway: source, remove: () => source.close() }
  }
  const dropRoles = await makeServerRoles(ROLES)
  const database = await makeOwnDatabase()
  const [source, gateway] = [
    await openServer(database.url()),
    await openServer(database.url('authenticator')),
  ]
  return {
    source,
    gateway,
    async remove() {
      await gateway.close()
      await source.close()
      await database.remove()
      await dropRoles()
    },
  }
}

await onEveryEngine('a database with a gateway', (kind) => {
  let place: Place
  let source: ConnectionSource
  let store: Store
  let own: Connector

  /** As the gateway asks: its login, the claims of who is signed in, and the role that they name. */
  const asks = async (role: string, text: string, sub?: string): Promise<readonly unknown[]> =>
    ownerQueries(place.gateway)
      .transaction()
      .execute(async (tx) => {
        const claims = sub === undefined ? '' : JSON.stringify({ sub, role })
        await sql`select set_config('request.jwt.claims', ${claims}, true)`.execute(tx)
        await sql`set local role ${sql.id(role)}`.execute(tx)
        const { rows } = await sql.raw(text).execute(tx)
        return rows
      })

  beforeAll(async () => {
    place = await openPlace(kind)
    ;({ source } = place)
    const owner = ownerQueries(source)
    const schema = await sql<{ name: string }>`select current_schema() as name`.execute(owner)
    await sql`grant usage on schema ${sql.id(schema.rows[0]?.name ?? '')} to anon, authenticated`.execute(
      owner,
    )
    for (const statement of GATEWAY) await sql.raw(statement).execute(owner)
    store = await createStore(source)
    for (const subject of [ann, bob]) {
      const connector = await addConnector(store, 'acme', { subject, displayName: `files of ${subject}` })
      if (subject === ann) own = connector
      await store.tenant('acme', async (tx) => {
        await fileConnections.create(tx, { connectorId: connector.id, tenant: 'acme' }, FILE_FACTS)
        await syncLogs.add(tx, someSyncLog(connector))
        const data = { name: 'plan.pdf', mimeType: 'application/pdf', size: 1 }
        await records.upsertMany(tx, [someRecord(connector, { schemaUri: FILE, data })], NOW)
      })
    }
  })
  afterAll(async () => {
    await store.close()
    await place.remove()
  })

  it.each(['endpoints', 'files', 'sync_logs', 'file_connections', 'records'])(
    'shows in %s only what is one’s own',
    async (table) => {
      for (const sub of [ann, bob])
        expect(await asks('authenticated', `select count(*)::int as n from ${table}`, sub)).toEqual([
          { n: 1 },
        ])
      expect(await asks('authenticated', `select * from ${table}`, randomUUID())).toEqual([])
      expect(await asks('authenticated', `select * from ${table}`)).toEqual([])
    },
  )

  it('answers the seed’s queries', async () => {
    expect(
      await asks('authenticated', 'select name, user_id, enabled, last_sync_status from endpoints', ann),
    ).toEqual([{ name: `files of ${ann}`, userId: ann, enabled: true, lastSyncStatus: 'pending' }])
    const statistics =
      'select endpoint_id, count(*)::int as total_files, sum(file_size)::int as total_size from files group by 1'
    expect(await asks('authenticated', statistics, ann)).toEqual([
      { endpointId: own.id, totalFiles: 1, totalSize: 1 },
    ])
  })

  it('shows nobody’s rows to who is not signed in, and no other table to anybody', async () => {
    const readable = ['file_connections', 'records', 'sync_logs']
    for (const name of [...Object.values(tableNames), 'files', 'endpoints', 'connector_migrations'])
      await expect(asks('anon', `select * from ${name}`), name).rejects.toThrow(/permission denied/)
    for (const name of [...Object.values(tableNames), 'connector_migrations'].filter(
      (table) => !readable.includes(table),
    ))
      await expect(asks('authenticated', `select * from ${name}`, ann), name).rejects.toThrow(
        /permission denied/,
      )
  })

  it.each([
    `update endpoints set description = 'mine'`,
    `update file_connections set max_files_per_sync = 1000000`,
    `delete from records`,
    `insert into sync_logs select * from sync_logs`,
    `truncate file_connections cascade`,
  ])('takes no %s', async (text) => {
    await expect(asks('authenticated', text, ann)).rejects.toThrow(
      /permission denied|must be owner|cannot update/,
    )
  })

  it('keeps others’ rows away also from who names a tenant or takes the node’s scope', async () => {
    const settings = `set_config('app.scope', 'node', true), set_config('app.tenant', 'acme', true)`
    // The settings are made first: the count has to wait for them.
    const text = `with made as materialized (select ${settings})
      select (select count(*)::int from records) as n from made`
    expect(await asks('authenticated', text, bob)).toEqual([{ n: 1 }])
  })

  it('leaves the node its work, and takes back what the gateway gives itself later', async () => {
    const seen = await store.tenant('acme', (tx) => fileConnections.list(tx, { tenant: 'acme', limit: 10 }))
    expect(seen).toHaveLength(2)
    await sql
      .raw('grant all on settings, connectors, files to anon, authenticated')
      .execute(ownerQueries(source))
    await prepare(source)
    await expect(asks('authenticated', 'select * from settings', ann)).rejects.toThrow(/permission denied/)
    await expect(asks('anon', 'select * from files')).rejects.toThrow(/permission denied/)
    expect(await asks('authenticated', 'select count(*)::int as n from files', ann)).toEqual([{ n: 1 }])
  })

  it('is prepared once: the next start writes nothing', async () => {
    const oids = () => sql`select oid from pg_policy order by 1`.execute(ownerQueries(source))
    const before = await oids()
    await prepare(source)
    expect((await oids()).rows).toEqual(before.rows)
  })
})
