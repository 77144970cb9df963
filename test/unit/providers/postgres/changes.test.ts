/** Watermarks on a real server: none of a time is skipped or comes for ever, and what commits late is met. */
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findServerFault, testServer } from '../../../support/database.js'
import { ids, openPostgres, streamOf, type Item, type PostgresBench } from './bench.js'

const fault = await findServerFault()

describe.skipIf(fault !== undefined)(`changes of PostgreSQL tables (${fault ?? 'real server'})`, () => {
  let bench: PostgresBench
  beforeAll(async () => {
    bench = await openPostgres()
  })
  afterAll(() => bench.close())

  const orders = (table: string, more = {}) => ({
    tables: `${bench.schema}.${table}`,
    watermark: 'updated_at',
    pageRows: '7',
    ...more,
  })

  it('come once each where fifty rows have one watermark, and then no more', async () => {
    await bench.run(`create table same (id int8 primary key, updated_at timestamptz not null);
      insert into same select n, '2024-05-02 10:00:00.123456+02' from generate_series(1, 50) n`)
    const first = await bench.read('changes', orders('same'))
    expect(ids(first)).toEqual(Array.from({ length: 50 }, (_, at) => String(at + 1)))
    expect(first.items[0]?.changed).toBe('2024-05-02T08:00:00.123456Z')
    const second = await bench.read('changes', orders('same'), first.cursor)
    expect(ids(second)).toEqual([])
    await bench.run(`insert into same values (51, '2024-05-02 10:00:00.123456+02'), (52, '2024-05-03')`)
    const third = await bench.read('changes', orders('same'), second.cursor)
    expect(ids(third)).toEqual(['51', '52'])
  })

  it('resume after any page, and meet what changes while they are read', async () => {
    await bench.run(`create table moving (id int8 primary key, updated_at timestamptz not null);
      insert into moving select n, timestamptz '2024-01-01' + n * interval '1 hour' from generate_series(1, 20) n`)
    const fields = bench.fields(orders('moving'))
    const http = bench.http(fields)
    const context = { ...bench.context(fields), partition: `${bench.schema}.moving` }
    const first = await streamOf('changes').fetchPage(http, undefined, context)
    await bench.run(`update moving set updated_at = '2024-06-01' where id in (3, 20)`)
    const rest = await bench.read('changes', orders('moving'), first.cursor)
    const met = [...(first.items as readonly Item[]).map(({ id }) => id), ...ids(rest)]
    expect(met).toEqual([...Array.from({ length: 19 }, (_, at) => String(at + 1)), '3', '20'])
  })

  it('come again while they are young, and rest when they are not', async () => {
    await bench.run(`create table young (id int8 primary key, updated_at timestamptz not null);
      insert into young values (1, now() - interval '1 hour'), (2, now() - interval '1 minute'), (3, now() + interval '1 year')`)
    const first = await bench.read('changes', orders('young'))
    const second = await bench.read('changes', orders('young'), first.cursor)
    expect([ids(first), ids(second)]).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ])
  })

  it('are met though they commit after others with a later watermark', async () => {
    await bench.run(`create table late (id int8 primary key, updated_at timestamptz not null);
      insert into late values (1, now() - interval '3 hours')`)
    const slow = new Client({ connectionString: testServer })
    await slow.connect()
    await slow.query(`set search_path = ${bench.schema}; begin; insert into late values (2, now())`)
    await bench.run(`insert into late values (3, now() + interval '1 millisecond')`)
    const during = await bench.read('changes', orders('late'))
    expect(ids(during)).toEqual(['1', '3'])
    await slow.query('commit')
    await slow.end()
    const after = await bench.read('changes', orders('late'), during.cursor)
    expect(ids(after)).toEqual(['2', '3'])
  })

  it('read rows without a watermark in every run', async () => {
    await bench.run(`create table open_ended (id int8 primary key, updated_at timestamptz);
      insert into open_ended select n, case when n % 2 = 0 then timestamptz '2024-01-01' end from generate_series(1, 20) n;
      insert into open_ended values (21, 'infinity'), (22, '-infinity')`)
    const first = await bench.read('changes', orders('open_ended'))
    expect(new Set(ids(first)).size).toBe(22)
    expect(first.items).toHaveLength(22)
    const second = await bench.read('changes', orders('open_ended'), first.cursor)
    expect(ids(second)).toEqual(['1', '3', '5', '7', '9', '11', '13', '15', '17', '19', '21'])
    expect(second.items.at(-1)?.changed).toBeUndefined()
  })

  it.each([
    ['timestamp', `timestamp '2024-01-01 10:00'`],
    ['date', `date '2024-01-01'`],
  ])('go by a %s, which tells no moment', async (type, value) => {
    await bench.run(`create table by_${type} (id uuid primary key, updated_at ${type} not null);
      insert into by_${type} select gen_random_uuid(), ${value} from generate_series(1, 20)`)
    const first = await bench.read('changes', orders(`by_${type}`))
    const second = await bench.read('changes', orders(`by_${type}`), first.cursor)
    expect([new Set(ids(first)).size, ids(second)]).toEqual([20, []])
    expect(first.items[0]?.changed).toBeUndefined()
    await bench.run(`insert into by_${type} values (gen_random_uuid(), now())`)
    expect(ids(await bench.read('changes', orders(`by_${type}`), second.cursor))).toHaveLength(1)
  })

  it('go by whole numbers from a little below the highest one', async () => {
    await bench.run(`create table events (id int8 primary key, word text);
      insert into events select n, 'w' from generate_series(1, 3000) n where n <> 2500`)
    const texts = { tables: `${bench.schema}.events`, watermark: 'id' }
    const first = await bench.read('changes', texts)
    expect(first.items).toHaveLength(2_999)
    await bench.run(`insert into events values (2500, 'late'), (3001, 'new')`)
    const second = await bench.read('changes', texts, first.cursor)
    expect(ids(second)).toContain('2500')
    expect(second.items).toHaveLength(1_001)
    expect(second.cursor).toMatchObject({ mark: { from: ['2001'] } })
  })

  it('keep to a backfill window', async () => {
    const sinceMs = Date.UTC(2024, 0, 2)
    await bench.run(`create table windowed (id int8 primary key, updated_at timestamptz not null);
      insert into windowed values (1, '2024-01-01'), (2, '2024-01-02'), (3, '2024-01-03')`)
    const read = await bench.read('changes', orders('windowed'), undefined, { sinceMs })
    expect(ids(read)).toEqual(['2', '3'])
  })

  it('are read anew when the table is sorted by other columns', async () => {
    await bench.run(`create table changed (id int8 primary key, updated_at timestamptz not null);
      insert into changed values (1, '2024-01-01')`)
    const { cursor } = await bench.read('changes', orders('changed'))
    await bench.run('alter table changed alter column id type text using id::text')
    await expect(bench.read('changes', orders('changed'), cursor)).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
  })

  it('of a query, by its key', async () => {
    await bench.run(`create table lines (shop int, no int, updated_at timestamptz not null, note text);
      insert into lines select n % 3, n, '2024-05-02', 'n' from generate_series(1, 20) n`)
    const texts = {
      query: `select shop as "Shop", no, updated_at -- and no note
        from ${bench.schema}.lines -- all of them`,
      key: '"Shop", no',
      watermark: 'updated_at',
      pageRows: '6',
    }
    const first = await bench.read('changes', texts)
    expect([new Set(ids(first)).size, first.items.length, first.items[0]?.collection]).toEqual([
      20,
      20,
      'query',
    ])
    expect(first.items[0]?.row).toEqual({ Shop: 0, no: 3, updated_at: expect.any(String) as string })
    expect(ids(await bench.read('changes', texts, first.cursor))).toEqual([])
    await bench.run(`insert into lines values (null, 99, '2024-06-01')`)
    await expect(bench.read('changes', texts, first.cursor)).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
    await expect(bench.account(texts)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      fields: [{ path: 'key' }],
    })
  })
})
