import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { auditLog, connectors, openStore, settings, tenants, type Store } from '../../../src/store/index.js'
import { tableNames } from '../../../src/store/tables.js'
import { findServerFault, makeTestDatabase, testServer } from '../../support/database.js'
import { NOW } from '../../support/store-rows.js'
import { onEveryStore } from '../../support/store-suite.js'
import { addConnector, addTenantRows } from '../../support/tenant-rows.js'

interface Me {
  readonly role: string
  readonly unbound: boolean
  readonly owned: number
}

async function whoIs(store: Store): Promise<Me> {
  const { rows } = await sql<Me>`
    select current_user as role, rolsuper or rolbypassrls as unbound,
      (select count(*)::int from pg_class where relowner = pg_roles.oid) as owned
    from pg_roles where rolname = current_user`.execute(store.db)
  const [me] = rows
  if (me === undefined) throw new Error('nobody is logged in')
  return me
}

await onEveryStore('the role that a node works as', (store) => {
  beforeAll(() => addTenantRows(store(), 'one'))

  it('owns nothing and is bound by policies', async () => {
    expect(await whoIs(store())).toEqual({
      role: expect.stringMatching(/^connector_node_[0-9a-f]{12}$/) as string,
      unbound: false,
      owned: 0,
    })
  })

  it.each([
    'alter table records disable row level security',
    'alter table records no force row level security',
    'drop policy tenant_rows on records',
    'truncate records',
    'create table mine (id int)',
    'delete from connector_migrations',
    'update audit_log set actor = actor',
    'delete from audit_log',
    'update audit_heads set position = 0',
    "insert into audit_heads values ('one', 1, 'x')",
    'delete from audit_heads',
  ])('may not: %s', async (text) => {
    await expect(store().node((tx) => sql.raw(text).execute(tx))).rejects.toThrow(/42501/)
  })

  it('adds to the log of what was done, and reads it', async () => {
    const entry = { tenant: 'one', actor: 'a', action: 'x', subject: 's', facts: {}, nowMs: NOW }
    await store().tenant('one', (tx) => auditLog.append(tx, entry))
    const seen = await store().tenant('one', (tx) => auditLog.list(tx, { subject: 's' }))
    expect(seen).toHaveLength(1)
  })

  it('has the rights that every table needs', async () => {
    const refused: string[] = []
    for (const name of Object.values(tableNames))
      await sql`select 1 from ${sql.table(name)} limit 1`
        .execute(store().db)
        .catch((error: unknown) => refused.push(`${name}: ${String(error)}`))
    expect(refused).toEqual([])
  })

  it('is left for the statements of the job queue, in and out of a transaction, and taken again', async () => {
    const before = await whoIs(store())
    const { rows } = await store().raw('select current_user as role')
    expect(rows).not.toEqual([{ role: before.role }])
    expect(await whoIs(store())).toEqual(before)
    await expect(store().raw('begin; select 1 / 0')).rejects.toThrow()
    expect(await whoIs(store())).toEqual(before)
  })
})

const serverFault = await findServerFault()

describe.skipIf(serverFault !== undefined)(`a server (${serverFault ?? 'postgres'})`, () => {
  const cleanups: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (let last = cleanups.pop(); last !== undefined; last = cleanups.pop()) await last()
  })

  async function onServer(text: string): Promise<void> {
    const client = new Client({ connectionString: testServer })
    await client.connect()
    await client.query(text).finally(() => client.end())
  }

  /** A server address whose login has these attributes and owns its schema. */
  async function loginWith(attributes: string): Promise<{ url: string; folder: string }> {
    const login = `login_${randomBytes(4).toString('hex')}`
    await onServer(`create role ${login} login password 'x' ${attributes}`)
    const database = await makeTestDatabase('postgres')
    const url = new URL(database.options.databaseUrl ?? '')
    const schema = /search_path=(\w+)/.exec(url.searchParams.get('options') ?? '')?.[1] ?? ''
    await onServer(`alter schema ${schema} owner to ${login}`)
    cleanups.push(() => onServer(`drop owned by ${login} cascade; drop role ${login}`))
    cleanups.push(() => database.remove())
    Object.assign(url, { username: login, password: 'x' })
    return { url: url.href, folder: database.options.folder }
  }

  async function open(attributes: string): Promise<Store> {
    const { url, folder } = await loginWith(attributes)
    const store = await openStore({ folder, databaseUrl: url })
    cleanups.push(async () => {
      const { role } = await whoIs(store)
      await store.close()
      if (role.startsWith('connector_node_')) cleanups.unshift(() => onServer(`drop role if exists ${role}`))
    })
    return store
  }

  async function expectWall(store: Store): Promise<void> {
    const { id } = await addConnector(store, 'one')
    expect(await store.tenant('two', (tx) => connectors.get(tx, id))).toBeUndefined()
    expect(await store.tenant('one', (tx) => connectors.get(tx, id))).toMatchObject({ id })
    await expect(
      store.tenant('two', (tx) => tenants.create(tx, { id: 'one', name: '', nowMs: NOW })),
    ).rejects.toMatchObject({ code: 'INTERNAL' })
    await settings.put(store.db, 'open to all', true)
    expect(await settings.get(store.db, 'open to all')).toBe(true)
  }

  it('whose login may make roles gives the node one that owns nothing', async () => {
    const store = await open('createrole')
    expect(await whoIs(store)).toMatchObject({ unbound: false, owned: 0 })
    await expectWall(store)
  })

  it('whose login may pass policies by, and make roles, is walled by the role', async () => {
    const store = await open('createrole bypassrls')
    expect(await whoIs(store)).toMatchObject({ unbound: false, owned: 0 })
    await expectWall(store)
  })

  it('whose login may make no role is walled all the same: the policies bind the owner', async () => {
    const store = await open('nocreaterole')
    expect((await whoIs(store)).role).toMatch(/^login_/)
    await expectWall(store)
  })

  it('whose login passes policies by and may make no role is refused, with what to do', async () => {
    const { url, folder } = await loginWith('bypassrls nocreaterole')
    const refused = openStore({ folder, databaseUrl: url })
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(refused).rejects.toThrow(/CREATEROLE/)
  })

  it('that lost the role, as after a restore, gets it again at the next start', async () => {
    const { url, folder } = await loginWith('createrole')
    const first = await openStore({ folder, databaseUrl: url })
    const { role } = await whoIs(first)
    await addConnector(first, 'one')
    await first.close()
    await onServer(`drop owned by ${role}; drop role ${role}`)
    const second = await openStore({ folder, databaseUrl: url })
    cleanups.unshift(() => onServer(`drop role ${role}`)) // once its grants are gone
    cleanups.push(() => second.close())
    expect((await whoIs(second)).role).toBe(role)
    await expectWall(second)
  })
})
