/** A server with two logins: the administrator's makes the tables, the node's works on their rows and can do nothing else. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.js'
import { silentLog } from '../../src/lib/log.js'
import { prepareServer } from '../../src/prepare-server.js'
import { connectors, openStore, tenants, type Store } from '../../src/store/index.js'
import { findServerFault, makeTestDatabase, testServer, type TestDatabase } from '../support/database.js'
import { heldRuns, openJobs, untilTold } from '../support/job-bench.js'
import { NOW } from '../support/store-rows.js'
import { addConnector } from '../support/tenant-rows.js'

const serverFault = await findServerFault()

describe.skipIf(serverFault !== undefined)(
  `a server with a login for migrations (${serverFault ?? 'postgres'})`,
  () => {
    let database: TestDatabase
    let schema = ''
    let admin = ''
    let login = ''
    const ends: (() => Promise<unknown>)[] = []

    beforeEach(async () => {
      database = await makeTestDatabase('postgres')
      schema = /search_path=(\w+)/.exec(optionsOf())?.[1] ?? ''
      const name = randomBytes(4).toString('hex')
      admin = `admin_${name}`
      login = `node_${name}`
      const { pathname } = new URL(testServer)
      await onServer(`
      create role ${admin} login password 'a' createrole;
      create role ${login} login password 'n' noinherit;
      grant create on database "${pathname.slice(1)}" to ${admin};
      alter schema ${schema} owner to ${admin};
      grant usage on schema ${schema} to ${login}`)
    })
    afterEach(async () => {
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end()
      await database.remove()
      const roles =
        await onServer(`select made.rolname from pg_roles made join pg_auth_members m on m.roleid = made.oid
      join pg_roles member on member.oid = m.member where member.rolname = '${admin}'`)
      for (const { rolname } of [...roles, { rolname: login }, { rolname: admin }])
        await onServer(`drop owned by ${String(rolname)} cascade; drop role ${String(rolname)}`)
    })

    const optionsOf = (): string =>
      new URL(database.options.databaseUrl ?? '').searchParams.get('options') ?? ''
    function urlOf(username: string, password: string): string {
      const url = new URL(database.options.databaseUrl ?? '')
      Object.assign(url, { username, password })
      return url.href
    }
    const config = (adminName = admin, adminPassword = 'a') =>
      readConfig({ DATABASE_URL: urlOf(login, 'n'), DATABASE_ADMIN_URL: urlOf(adminName, adminPassword) })
    async function open(): Promise<Store> {
      const store = await openStore({ folder: database.options.folder, databaseUrl: urlOf(login, 'n') })
      ends.push(() => store.close())
      return store
    }

    it('refuses the node before it is prepared, and says what to run', async () => {
      await expect(open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      await expect(open()).rejects.toThrow('Run `connector-node migrate` with DATABASE_ADMIN_URL')
    })

    it('gives the node a login that owns nothing, is bound by the policies, and sees no other tenant’s row', async () => {
      expect(await prepareServer(config(), silentLog)).toEqual({ login })
      const store = await open()
      const { rows } = await sql<object>`
      select current_user::text as role, rolsuper or rolbypassrls as unbound,
        (select count(*)::int from pg_class where relowner = pg_roles.oid) as owned
      from pg_roles where rolname = current_user`.execute(store.db)
      expect(rows).toEqual([{ role: login, unbound: false, owned: 0 }])
      const { id } = await addConnector(store, 'one')
      expect(await store.tenant('one', (tx) => connectors.get(tx, id))).toMatchObject({ id })
      expect(await store.tenant('two', (tx) => connectors.get(tx, id))).toBeUndefined()
      await expect(
        store.tenant('two', (tx) => tenants.create(tx, { id: 'one', name: '', nowMs: NOW })),
      ).rejects.toMatchObject({ code: 'INTERNAL' })
      // Without a tenant, and past the store: by the login's own hand.
      expect(await asNode('select count(*)::int as seen from connectors')).toEqual([{ seen: 0 }])
    })

    it.each([
      'create table mine (id int)',
      'create schema mine',
      'alter table records disable row level security',
      'drop policy tenant_rows on records',
      'truncate records',
      'drop table records',
      'delete from connector_migrations',
      'update audit_log set actor = actor',
      'create role another',
      'set role postgres',
    ])('does not let it: %s', async (text) => {
      await prepareServer(config(), silentLog)
      await expect(asNode(text)).rejects.toMatchObject({ code: '42501' })
    })

    it('does not let it become the administrator, nor change the queue’s form', async () => {
      await prepareServer(config(), silentLog)
      await expect(asNode(`set role ${admin}`)).rejects.toMatchObject({ code: '42501' })
      await expect(asNode(`drop table ${schema}_jobs.job`)).rejects.toMatchObject({ code: '42501' })
      await expect(asNode(`alter role ${login} bypassrls`)).rejects.toMatchObject({ code: '42501' })
    })

    it('runs its queue of syncs all the same', async () => {
      await prepareServer(config(), silentLog)
      const store = await open()
      const runs = heldRuns()
      const jobs = await openJobs(store, runs.runSync)
      ends.push(() => jobs.stop())
      await jobs.start()
      const { id } = await addConnector(store, 'one', { nextRunAtMs: null, syncFrequency: null })
      await jobs.enqueueSync(id, 'request')
      await runs.untilBegun(1)
      const finished = untilTold(jobs, id, 'finished')
      runs.endOne()
      await finished
      expect(await jobs.stats()).toMatchObject({ waiting: 0, running: 0, dead: 0 })
    })

    it('is prepared again without harm, and a database that lacks a migration is refused', async () => {
      await prepareServer(config(), silentLog)
      await prepareServer(config(), silentLog)
      await onServer(`delete from ${schema}.connector_migrations where name = '0005-owned-connectors'`)
      await expect(open()).rejects.toThrow('the database lacks 0005-owned-connectors')
    })

    it('takes no administrator who is the node itself, and no administrator alone', async () => {
      const itself = readConfig({ DATABASE_URL: urlOf(admin, 'a'), DATABASE_ADMIN_URL: urlOf(admin, 'a') })
      await expect(prepareServer(itself, silentLog)).rejects.toThrow('give the node one that owns nothing')
      expect(() => readConfig({ DATABASE_ADMIN_URL: urlOf(admin, 'a') })).toThrow('goes with DATABASE_URL')
    })

    async function asNode(text: string): Promise<readonly object[]> {
      return query(urlOf(login, 'n'), text)
    }
  },
)

const onServer = (text: string): Promise<readonly Record<string, unknown>[]> => query(testServer, text)

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}
