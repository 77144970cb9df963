import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectionSource } from '../../../src/store/engine/connection-source.js'
import { openStore, settings, type Db } from '../../../src/store/index.js'
import { migrate } from '../../../src/store/migrate.js'
import { migrations } from '../../../src/store/migrations/index.js'
import { ownerQueries } from '../../../src/store/queries.js'
import { findServerFault, makeTestDatabase, openEmptySource } from '../../support/database.js'
import { onEveryEngine } from '../../support/store-suite.js'

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

await onEveryEngine('migrations', (kind) => {
  const sources: ConnectionSource[] = []
  /** A new database in its newest form. */
  const migrated = async (): Promise<Db> => {
    const source = await openEmptySource(kind)
    sources.push(source)
    const db = ownerQueries(source)
    await migrate(db, migrations)
    return db
  }
  let db: Db
  beforeAll(async () => {
    db = await migrated()
  })
  afterAll(() => Promise.all(sources.map((source) => source.close())))

  it('have all run, in the order of their names', async () => {
    expect(await done(db)).toEqual(Object.keys(migrations).sort())
  })

  it('do nothing the second time', async () => {
    const before = await shape(db)
    await settings.put(db, 'kept', 1)
    expect(await migrate(db, migrations)).toEqual([])
    expect(await shape(db)).toBe(before)
    expect(await settings.get(db, 'kept')).toBe(1)
  })

  it('give the same tables on a second store: nothing depends on what was there', async () => {
    expect(await shape(await migrated())).toBe(await shape(db))
  })

  it('run together or not at all', async () => {
    const failing = {
      ...migrations,
      '9998-good': 'create table half_made (id int)',
      '9999-bad': 'create table half_made (id int)',
    }
    await expect(migrate(db, failing)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await done(db)).toEqual(Object.keys(migrations))
    expect(await shape(db)).not.toContain('half_made')
  })

  it('add what is new to what is there', async () => {
    const other = await migrated()
    await settings.put(other, 'kept', 1)
    const more = { ...migrations, '9998-more': 'alter table settings add column note text' }
    expect(await migrate(other, more)).toEqual(['9998-more'])
    expect(await settings.get(other, 'kept')).toBe(1)
    // The older node would not know the new column's meaning.
    const refused = migrate(other, migrations)
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(refused).rejects.toThrow(/newer version.*9998-more/)
  })

  it('never slip in before one that has run', async () => {
    const before = { '0000-late': 'create table slipped_in (id int)', ...migrations }
    await expect(migrate(db, before)).rejects.toThrow()
    expect(await shape(db)).not.toContain('slipped_in')
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

const serverFault = await findServerFault()

describe.skipIf(serverFault !== undefined)(
  `nodes that start together on one server (${serverFault ?? 'postgres'})`,
  () => {
    it('migrate one after the other, and all run', async () => {
      const database = await makeTestDatabase('postgres')
      const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(database.options)))
      try {
        await Promise.all(stores.map(({ db }, index) => settings.put(db, `seen by ${index}`, true)))
        const seen = await Promise.all(
          stores.map(({ db }, index) => settings.get(db, `seen by ${3 - index}`)),
        )
        expect(seen).toEqual([true, true, true, true])
      } finally {
        await Promise.all(stores.map((store) => store.close()))
        await database.remove()
      }
    })
  },
)
