import { afterAll, beforeAll, expect, it } from 'vitest'
import { verifyAudit } from '../../../src/connectors/index.js'
import {
  auditLog,
  connectors,
  exportStore,
  idempotencyKeys,
  importStore,
  openStore,
  quarantine,
  records,
  settings,
  syncEvents,
  type Connector,
  type Store,
} from '../../../src/store/index.js'
import { tableNames } from '../../../src/store/tables.js'
import { makeTestDatabase, type StoreKind, type TestDatabase } from '../../support/database.js'
import { addConnection, addDatabase, addGrant, addSync, NOW, someHash } from '../../support/store-rows.js'
import { onEveryEngine } from '../../support/store-suite.js'
import { addTenantRows, someRecord } from '../../support/tenant-rows.js'

const ODD = { text: 'żółć 👩 "quoted" \\ \n line', list: [null, 0.1, 1e21, -1], none: null }

async function fill(store: Store): Promise<Connector> {
  await settings.put(store.db, 'null', null)
  await settings.put(store.db, 'odd', ODD)
  const connection = await addConnection(store)
  await addDatabase(store, connection)
  await addGrant(store)
  const sync = await addSync(store, connection)
  await syncEvents.append(store.db, sync.id, { kind: 'started', data: {}, nowMs: NOW })
  const item = { database: 'd', stream: 's', partition: '', itemHash: someHash(), sealed: 'x', reason: 'r' }
  await quarantine.upsert(store.db, { ...item, connectionId: connection.id, expiresAtMs: NOW + 1 }, NOW)
  const ours = await addTenantRows(store, 'ours')
  await addTenantRows(store, 'theirs')
  const many = Array.from({ length: 1_200 }, () => someRecord(ours, { data: ODD }))
  await store.tenant('ours', (tx) => records.upsertMany(tx, many, NOW))
  await store.tenant('ours', (tx) =>
    idempotencyKeys.complete(tx, { tenant: 'ours', key: 'once', status: 204, body: null, nowMs: NOW }),
  )
  return ours
}

/** Every row of every table, as the database tells it. */
async function everything(store: Store): Promise<Record<string, readonly unknown[]>> {
  const all: Record<string, readonly unknown[]> = {}
  for (const table of Object.values(tableNames)) {
    const { rows } = await store.raw(`select to_jsonb(t)::text as row from ${table} t order by 1`)
    all[table] = rows
  }
  return all
}

async function linesOf(database: TestDatabase): Promise<string[]> {
  const lines: string[] = []
  await exportStore(database.options, NOW, async (line) => {
    lines.push(line)
    return Promise.resolve()
  })
  return lines
}

const given = (lines: readonly string[]) =>
  async function* (): AsyncGenerator<string> {
    yield* lines
  }

await onEveryEngine('an export', (kind) => {
  const databases: TestDatabase[] = []
  const empty = async (engine: StoreKind = kind): Promise<TestDatabase> => {
    const database = await makeTestDatabase(engine)
    databases.push(database)
    return database
  }
  let lines: string[] = []
  let ours: Connector
  let before: Record<string, readonly unknown[]> = {}
  beforeAll(async () => {
    const database = await empty()
    const store = await openStore(database.options)
    ours = await fill(store)
    before = await everything(store)
    await store.close()
    lines = await linesOf(database)
  })
  afterAll(() => Promise.all(databases.map((database) => database.remove())))

  const imported = async (database: TestDatabase): Promise<Store> => {
    await importStore(database.options, given(lines))
    return openStore(database.options)
  }

  it('holds every row of every table, and an import gives them all back as they were', async () => {
    const store = await imported(await empty())
    try {
      expect(await everything(store)).toEqual(before)
      expect(await settings.get(store.db, 'null')).toBeNull()
      expect(await settings.get(store.db, 'odd')).toEqual(ODD)
    } finally {
      await store.close()
    }
  })

  it('opens on embedded stores, wherever it was made, and is the same when exported again', async () => {
    const other = await empty('pglite')
    const store = await imported(other)
    await store.close()
    const again = await linesOf(other)
    expect(again.slice(0, -1).sort()).toEqual(lines.slice(0, -1).sort())
  })

  it('goes on with numbers that nobody has had', async () => {
    const store = await imported(await empty())
    try {
      const page = { connectorId: ours.id, limit: 2_000 }
      const last = (await store.tenant('ours', (tx) => records.list(tx, page))).at(-1)?.sequence ?? 0
      await store.tenant('ours', (tx) => records.upsertMany(tx, [someRecord(ours)], NOW))
      const next = await store.tenant('ours', (tx) => records.list(tx, { ...page, afterSequence: last }))
      expect(next).toHaveLength(1)
      const entry = { tenant: 'ours', actor: 'a', action: 'x', subject: 'new', facts: {}, nowMs: NOW }
      await store.tenant('ours', (tx) => auditLog.append(tx, entry))
      expect((await store.tenant('ours', (tx) => auditLog.list(tx))).at(-1)).toMatchObject({ subject: 'new' })
      // The chain came along whole, and goes on.
      expect(await verifyAudit(store, 'ours')).toMatchObject({ valid: true, rows: 2, head: { position: 2 } })
      expect(await store.tenant('theirs', (tx) => connectors.get(tx, ours.id))).toBeUndefined()
    } finally {
      await store.close()
    }
  })

  it('is refused by a store that holds anything, and leaves it alone', async () => {
    const database = await empty()
    const store = await openStore(database.options)
    await settings.put(store.db, 'mine', 1)
    const mine = await everything(store)
    await store.close()
    const refused = importStore(database.options, given(lines))
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(refused).rejects.toThrow(/not empty.*settings/)
    const again = await openStore(database.options)
    expect(await everything(again)).toEqual(mine)
    await again.close()
  })

  it('that was torn, changed or is no export imports nothing', async () => {
    const database = await empty()
    const changed = lines.map((line) => line.replace('My account', 'My bccount'))
    const damaged: [readonly string[], RegExp][] = [
      [lines.slice(0, -1), /torn/],
      [changed, /not those that were exported/],
      [lines.filter((_, index) => index !== 5), /not those that were exported/],
      [lines.slice(1), /no export/],
      [['{}'], /no export/],
      [[], /torn/],
      [[...lines.slice(0, 3), 'rubbish', ...lines.slice(3)], /damaged/],
    ]
    for (const [text, message] of damaged) {
      const refused = importStore(database.options, given(text))
      await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
      await expect(refused).rejects.toThrow(message)
    }
    const store = await openStore(database.options)
    expect(Object.values(await everything(store)).flat()).toEqual([])
    await store.close()
  })

  it('of another version says which one to start', async () => {
    const [head = '', ...rest] = lines
    const newer = [head.replace('"0001-journey"', '"0001-journey","9999-later"'), ...rest]
    const refused = importStore((await empty()).options, given(newer))
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('is not made of nothing', async () => {
    const { options } = await empty()
    await expect(exportStore(options, NOW, () => Promise.resolve())).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })
})
