import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openStore, settings, type Db } from '../../../src/store/index.js'
import { migrate } from '../../../src/store/migrate.js'
import { migrations } from '../../../src/store/migrations/index.js'
import { findServerFault, makeTestDatabase, openTestStore } from '../../support/database.js'
import { onEveryStore } from '../../support/store-suite.js'

/** Tables and columns of the store's schema, as text. */
async function shape(db: Db): Promise<string> {
  const { rows } = await sql`
    select table_name, column_name, data_type, is_nullable, column_default
    from information_schema.columns where table_schema = current_schema() and table_name not like 'connector_migrations%'
    order by 1, 2`.execute(db)
  return JSON.stringify(rows)
}

const done = async (db: Db): Promise<unknown[]> =>
  (await sql<{ name: string }>`select name from connector_migrations order by name`.execute(db)).rows.map(
    ({ name }) => name,
  )

await onEveryStore('migrations', (store, kind) => {
  it('have all run, in the order of their names', async () => {
    expect(await done(store().db)).toEqual(Object.keys(migrations).sort())
  })

  it('do nothing the second time', async () => {
    const before = await shape(store().db)
    await settings.put(store().db, 'kept', 1)
    expect(await migrate(store().db, migrations)).toEqual([])
    expect(await shape(store().db)).toBe(before)
    expect(await settings.get(store().db, 'kept')).toBe(1)
  })

  it('give the same tables on a second store: nothing depends on what was there', async () => {
    const other = await openTestStore(kind)
    try {
      expect(await shape(other.db)).toBe(await shape(store().db))
    } finally {
      await other.close()
    }
  })

  it('run together or not at all', async () => {
    const failing = {
      ...migrations,
      '0002-good': 'create table half_made (id int)',
      '0003-bad': 'create table half_made (id int)',
    }
    await expect(migrate(store().db, failing)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await done(store().db)).toEqual(Object.keys(migrations))
    expect(await shape(store().db)).not.toContain('half_made')
  })

  it('add what is new to what is there', async () => {
    const other = await openTestStore(kind)
    try {
      await settings.put(other.db, 'kept', 1)
      const more = { ...migrations, '0002-more': 'alter table settings add column note text' }
      expect(await migrate(other.db, more)).toEqual(['0002-more'])
      expect(await settings.get(other.db, 'kept')).toBe(1)
      // The older node would not know the new column's meaning.
      const refused = migrate(other.db, migrations)
      await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      await expect(refused).rejects.toThrow(/newer version.*0002-more/)
    } finally {
      await other.close()
    }
  })

  it('never slip in before one that has run', async () => {
    const before = { '0000-late': 'create table slipped_in (id int)', ...migrations }
    await expect(migrate(store().db, before)).rejects.toThrow()
    expect(await shape(store().db)).not.toContain('slipped_in')
  })
})

describe('a migration', () => {
  it('is named by a number and a word, without gaps', () => {
    const names = Object.keys(migrations)
    expect(names.map((name) => Number(/^(\d{4})-[a-z-]+$/.exec(name)?.[1]))).toEqual(
      names.map((_, index) => index + 1),
    )
  })
})

describe.skipIf((await findServerFault()) !== undefined)('nodes that start together on one server', () => {
  it('migrate one after the other, and all run', async () => {
    const database = await makeTestDatabase('postgres')
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(database.options)))
    try {
      await Promise.all(stores.map(({ db }, index) => settings.put(db, `seen by ${index}`, true)))
      const seen = await Promise.all(stores.map(({ db }, index) => settings.get(db, `seen by ${3 - index}`)))
      expect(seen).toEqual([true, true, true, true])
    } finally {
      await Promise.all(stores.map((store) => store.close()))
      await database.remove()
    }
  })
})
