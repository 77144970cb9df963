import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  connectorCredentials,
  connectors,
  records,
  serviceTokens,
  tenants,
  usageDaily,
  type Connector,
  type Handle,
} from '../../../src/store/index.js'
import { NOW, someHash } from '../../support/store-rows.js'
import { onEveryStore } from '../../support/store-suite.js'
import { addTenantRows, makeConnector, someRecord } from '../../support/tenant-rows.js'

/** With the column that names the tenant. */
const TENANT_TABLES = {
  tenants: 'id',
  connectors: 'tenant',
  connector_credentials: 'tenant',
  service_tokens: 'tenant',
  audit_log: 'tenant',
  audit_heads: 'tenant',
  records: 'tenant',
  usage_daily: 'tenant',
  idempotency_keys: 'tenant',
  webhooks: 'tenant',
  webhook_events: 'tenant',
  webhook_deliveries: 'tenant',
  revocations: 'tenant',
  subaccount_connectors: 'tenant',
  subaccount_calendars: 'tenant',
  calendar_outbox: 'tenant',
  file_connections: 'tenant',
  sync_logs: 'tenant',
  inbound_webhooks: 'tenant',
  inbound_changes: 'tenant',
} as const
const tables = Object.entries(TENANT_TABLES)

async function tenantsSeen(handle: Handle, table: string, column: string): Promise<readonly string[]> {
  const { rows } = await sql<{ tenant: string }>`
    select distinct ${sql.id(column)} as tenant from ${sql.table(table)} order by 1`.execute(handle)
  return rows.map(({ tenant }) => tenant)
}

const run = async (handle: Handle, text: string): Promise<bigint | undefined> =>
  (await sql.raw(text).execute(handle)).numAffectedRows

await onEveryStore('the wall between tenants', (store) => {
  let ours: Connector
  let theirs: Connector
  beforeAll(async () => {
    ours = await addTenantRows(store(), 'ours')
    theirs = await addTenantRows(store(), 'theirs')
  })

  it('stands on every table with a tenant, for the owner of the tables too', async () => {
    const { rows } = await store().raw(`
      select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as walled,
        (select count(*)::int from pg_policy where polrelid = c.oid) as policies
      from pg_class c
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and (c.relname = 'tenants' or exists
        (select from pg_attribute where attrelid = c.oid and attname = 'tenant' and not attisdropped))
      order by 1`)
    expect(rows).toEqual(
      Object.keys(TENANT_TABLES)
        .sort()
        .map((name) => ({ name, walled: true, policies: 1 })),
    )
  })

  describe.each(tables)('in %s', (table, column) => {
    it('shows a tenant its own rows only', async () => {
      for (const tenant of ['ours', 'theirs'])
        expect(await store().tenant(tenant, (tx) => tenantsSeen(tx, table, column))).toEqual([tenant])
      expect(await store().tenant('nobody', (tx) => tenantsSeen(tx, table, column))).toEqual([])
    })

    it('shows the node every row, and nothing outside of the two scopes', async () => {
      expect(await store().node((tx) => tenantsSeen(tx, table, column))).toEqual(['ours', 'theirs'])
      expect(await tenantsSeen(store().db, table, column)).toEqual([])
      expect(await store().transaction((tx) => tenantsSeen(tx, table, column))).toEqual([])
    })

    it('takes no row in the name of another tenant', async () => {
      const copy = `insert into ${table} overriding system value
        select (jsonb_populate_record(t, '{"${column}": "theirs"}')).* from ${table} t`
      await expect(store().tenant('ours', (tx) => run(tx, copy))).rejects.toThrow(
        // Heads take rows from the database alone.
        table === 'audit_heads' ? /permission denied/ : /row-level security/,
      )
    })
  })

  // The log takes no change from anybody: node-role.test.ts.
  describe.each(tables.filter(([table]) => !table.startsWith('audit_')))('in %s', (table, column) => {
    it("keeps a tenant from changing or removing another's rows, even by a statement without any condition", async () => {
      const before = await store().raw(`select to_jsonb(t) as row from ${table} t where ${column} = 'theirs'`)
      expect(before.rows).toHaveLength(1)
      const failed = new Error('undone')
      const tried = store().tenant('ours', async (tx) => {
        expect(await run(tx, `update ${table} set ${column} = ${column}`)).toBe(1n)
        expect(await run(tx, `delete from ${table} where ${column} = 'theirs'`)).toBe(0n)
        expect(await run(tx, `delete from ${table}`)).toBe(1n)
        throw failed
      })
      await expect(tried).rejects.toBe(failed)
      const after = await store().raw(`select to_jsonb(t) as row from ${table} t where ${column} = 'theirs'`)
      expect(after.rows).toEqual(before.rows)
    })

    it('lets no row be moved to another tenant', async () => {
      const move = `update ${table} set ${column} = 'theirs'`
      await expect(store().tenant('ours', (tx) => run(tx, move))).rejects.toThrow(/row-level security/)
    })
  })

  it("answers for another tenant's connector as for one that never was, in every repository", async () => {
    const nobody = randomUUID()
    await store().tenant('ours', async (tx) => {
      const facts = async (id: string): Promise<unknown> => ({
        get: await connectors.get(tx, id),
        update: await connectors.update(tx, id, { displayName: 'x', nowMs: NOW }),
        updateAt: await connectors.update(tx, id, { displayName: 'x', nowMs: NOW }, 7),
        remove: await connectors.remove(tx, id),
        run: await connectors.markRun(tx, id, { ok: true, nowMs: NOW }),
        credential: await connectorCredentials.get(tx, id, 'tokens'),
        locked: await connectorCredentials.lock(tx, id),
        credentials: await connectorCredentials.list(tx, id),
        unsealed: await connectorCredentials.remove(tx, id),
        records: await records.list(tx, { connectorId: id, limit: 10, includeDeleted: true }),
        count: await records.count(tx, id),
        erased: await records.removeByConnector(tx, id),
        usage: await usageDaily.list(tx, id, '2000-01-01'),
      })
      expect(await facts(theirs.id)).toEqual(await facts(nobody))
    })
    const there = await store().tenant('theirs', (tx) => connectors.get(tx, theirs.id))
    expect(there).toEqual(theirs)
  })

  it("hangs nothing on another tenant's connector, not even by the node's own hand", async () => {
    const sealed = { connectorId: theirs.id, field: 'f', sealed: 's', nowMs: NOW }
    const numbers = { calls: 1, records: 1, bytes: 1, errors: 0 }
    for (const scope of [store().node.bind(store()), store().tenant.bind(store(), 'ours')]) {
      await expect(
        scope((tx) => connectorCredentials.put(tx, { ...sealed, tenant: 'ours' })),
      ).rejects.toMatchObject({ code: 'INTERNAL' })
      await expect(
        scope((tx) => records.upsertMany(tx, [someRecord(theirs, { tenant: 'ours' })], NOW)),
      ).rejects.toMatchObject({ code: 'INTERNAL' })
      await expect(
        scope((tx) =>
          usageDaily.add(tx, { connectorId: theirs.id, tenant: 'ours', day: '2024-05-30', ...numbers }),
        ),
      ).rejects.toMatchObject({ code: 'INTERNAL' })
    }
  })

  it('says INTERNAL, with no value of a row, when a row of another tenant is written', async () => {
    const foreign = store().tenant('ours', (tx) => makeConnector(tx, 'theirs'))
    await expect(foreign).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('ends with the transaction: the next one on the same session sees nothing', async () => {
    for (let count = 0; count < 12; count += 1) {
      await store().tenant('ours', (tx) => connectors.get(tx, ours.id))
      await store().node((tx) => connectors.get(tx, ours.id))
      expect(await tenantsSeen(store().db, 'connectors', 'tenant')).toEqual([])
    }
  })

  it('holds when tenants work at the same time', async () => {
    const seen = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const tenant = index % 2 === 0 ? 'ours' : 'theirs'
        return store().tenant(tenant, async (tx) => [tenant, ...(await tenantsSeen(tx, 'records', 'tenant'))])
      }),
    )
    for (const [tenant, ...others] of seen) expect(others).toEqual([tenant])
  })

  it('lets no tenant in without a name', async () => {
    await expect(store().tenant('', (tx) => tenants.list(tx))).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('finds a token by its hash only for the node: nobody has signed in yet', async () => {
    const tokenHash = someHash()
    const token = { id: randomUUID(), tenant: 'ours', name: 'x', tokenHash, scopes: [], expiresAtMs: null }
    await store().tenant('ours', (tx) => serviceTokens.create(tx, { ...token, nowMs: NOW }))
    expect(await store().tenant('theirs', (tx) => serviceTokens.findByHash(tx, tokenHash))).toBeUndefined()
    expect(await store().node((tx) => serviceTokens.findByHash(tx, tokenHash))).toMatchObject({
      tenant: 'ours',
    })
  })
})
