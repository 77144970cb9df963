/** Whole tables of a real server: every value as it is, deletions by the node's own pipeline, pages of any size. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider } from '../../../../providers/postgres/index.js'
import { schemaUri } from '../../../../schemas/index.js'
import { findServerFault, openTestStore } from '../../../support/database.js'
import { makeSyncBench } from '../../../support/sync-bench.js'
import { ids, openPostgres, streamOf, type PostgresBench } from './bench.js'

const fault = await findServerFault()

describe.skipIf(fault !== undefined)(`whole PostgreSQL tables (${fault ?? 'real server'})`, () => {
  let bench: PostgresBench
  beforeAll(async () => {
    bench = await openPostgres()
  })
  afterAll(() => bench.close())

  const table = (name: string, more = {}) => ({ tables: `${bench.schema}.${name}`, ...more })

  it.each<readonly [type: string, value: string, json: unknown]>([
    ['bool', `true`, true],
    ['int4', `-7`, -7],
    ['int8', `9007199254740993`, '9007199254740993'],
    ['numeric', `12345678901234567890.1200`, '12345678901234567890.1200'],
    ['numeric', `'NaN'`, 'NaN'],
    ['float8', `0.1`, 0.1],
    ['float8', `'-Infinity'`, '-Infinity'],
    ['float4', `'NaN'`, 'NaN'],
    ['text', `E'a\\nb "c" é 👩'`, 'a\nb "c" é 👩'],
    ['char(5)', `'ab'`, 'ab   '],
    ['bytea', `'\\x00ff10'`, 'AP8Q'],
    ['timestamptz', `'2024-05-02 10:00:00.123456+02'`, '2024-05-02T08:00:00.123456Z'],
    ['timestamptz', `'infinity'`, 'infinity'],
    ['timestamptz', `'0044-03-15 12:00 BC'`, '0044-03-15 12:00:00+00 BC'],
    ['timestamptz', `'12024-01-01'`, '12024-01-01 00:00:00+00'],
    ['timestamp', `'2024-05-02 10:00'`, '2024-05-02T10:00:00'],
    ['date', `'0044-03-15 BC'`, '0044-03-15 BC'],
    ['date', `'2024-02-29'`, '2024-02-29'],
    ['interval', `'1 day 02:03'`, 'P1DT2H3M'],
    [
      'json',
      `'{"a": [1, {"b": null}], "big": 9007199254740993}'`,
      { a: [1, { b: null }], big: '9007199254740993' },
    ],
    ['jsonb', `'"text"'`, 'text'],
    ['jsonb', `'null'`, null],
    ['int4[]', `'{1,NULL,3}'`, [1, null, 3]],
    ['int8[]', `'[0:1]={9007199254740993,2}'`, ['9007199254740993', '2']],
    [
      'text[]',
      `array['a,b', 'say "x"', 'NULL', '', E'back\\\\slash', null, '{}']`,
      ['a,b', 'say "x"', 'NULL', '', 'back\\slash', null, '{}'],
    ],
    [
      'text[]',
      `array[['a', 'b'], ['c', 'd']]`,
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['text[]', `'{}'`, []],
    ['timestamptz[]', `array[timestamptz '2024-01-01 00:00Z']`, ['2024-01-01T00:00:00Z']],
    ['jsonb[]', `array['{"a": "x, y"}'::jsonb]`, [{ a: 'x, y' }]],
    ['uuid', `'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'`, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['inet', `'10.0.0.1'`, '10.0.0.1'],
    ['point', `'(1,2)'`, '(1,2)'],
    ['int4range', `'[1,5)'`, '[1,5)'],
    ['text', `null`, null],
  ])('give a %s of %s', async (type, value, json) => {
    await bench.run(`drop table if exists kinds; create table kinds (id int primary key, v ${type});
      insert into kinds values (1, ${value})`)
    const { items } = await bench.read('rows', table('kinds'))
    expect(items[0]?.row['v']).toEqual(json)
  })

  it('give domains, enums and composites of the owner', async () => {
    await bench.run(`create domain euros as numeric(12, 2); create type mood as enum ('calm', 'so, so');
      create type pair as (a int, b text);
      create table own (id int primary key, price euros, moods mood[], pair pair, none pair);
      insert into own values (1, 3.5, array['so, so', 'calm']::mood[], row(1, 'x'), row(null, null))`)
    const { items } = await bench.read('rows', table('own'))
    expect(items[0]?.row).toEqual({
      id: 1,
      price: '3.50',
      moods: ['so, so', 'calm'],
      pair: '(1,x)',
      none: '(,)',
    })
  })

  it('are read whole by a key of several columns, whatever stands in it', async () => {
    await bench.run(`create table parts ("the ""Key""" text, no int8, note text, primary key ("the ""Key""", no));
      insert into parts select k, n, k from unnest(array['a', 'A', 'a,b', 'ä/é', '', '%']) k, generate_series(1, 5) n`)
    const read = await bench.read('rows', table('parts', { pageRows: '4' }))
    expect([read.items.length, new Set(ids(read)).size]).toEqual([30, 30])
    expect(ids(read)).toContain('a%2Cb,1')
    expect(read.items[0]?.row).toHaveProperty(['the "Key"'])
  })

  it('leave out a value that is too large, say so, and end a page that is', async () => {
    await bench.run(`create table large (id int primary key, body text, bytes bytea);
      insert into large select n, repeat('x', 900000), null from generate_series(1, 20) n;
      insert into large values (21, repeat('é', 1000001), '\\x00'), (22, repeat('é', 1000000), decode(repeat('00', 1000001), 'hex')),
        (23, 'fits', decode(repeat('00', 1000000), 'hex'))`)
    const read = await bench.read('rows', table('large'))
    expect(ids(read)).toHaveLength(23)
    expect(read.pages).toBeGreaterThan(2)
    const omitted = { omitted: 'longer than 1000000' }
    const [a, b, c] = read.items.slice(20)
    expect([a?.row['body'], b?.row['bytes']]).toEqual([omitted, omitted])
    expect([(b?.row['body'] as string).length, (c?.row['bytes'] as string).length]).toEqual([
      1_000_000, 1_333_336,
    ])
  })

  it('lose in the destination what was deleted, and keep it when the table is gone', async () => {
    await bench.run(`create table things (id int primary key, name text);
      insert into things select n, 'thing ' || n from generate_series(1, 20) n`)
    const store = await openTestStore('postgres')
    const syncs = await makeSyncBench(store)
    const fields = bench.fields(table('things', { title: 'name', pageRows: '6' }))
    const { settings } = bench.context(fields)
    const streams = provider.streams.map((stream) => ({ stream, schema: schemaUri(stream.schema), wish: {} }))
    const sync = () => syncs.sync(streams, { provider, settings, fields, http: bench.http(fields) })
    const names = () =>
      [...syncs.destination.remote.values()].flatMap((records) =>
        [...records.values()].map(({ name }) => name),
      )
    try {
      expect((await sync()).issues).toEqual([])
      expect(names()).toHaveLength(20)
      await bench.run(`delete from things where id in (5, 6); update things set name = 'new' where id = 7`)
      expect((await sync()).counts).toMatchObject({ deleted: 2, written: 1, unchanged: 17 })
      expect([names().length, names().includes('new'), names().includes('thing 5')]).toEqual([
        18,
        true,
        false,
      ])
      await bench.run('drop table things')
      expect((await sync()).issues).toMatchObject([{ stream: 'rows', code: 'PROVIDER_CHANGED' }])
      expect(names()).toHaveLength(18)
    } finally {
      await store.close()
    }
  })

  it('are those with a watermark in the other stream, each table in one', async () => {
    await bench.run(`create table marked (id int primary key, updated_at timestamptz);
      create table unmarked (id int primary key)`)
    const fields = bench.fields({
      tables: `${bench.schema}.marked, ${bench.schema}.unmarked, ${bench.schema}.gone`,
      watermark: 'updated_at',
    })
    const of = (name: string) => streamOf(name).partitions?.(bench.http(fields), bench.context(fields))
    expect([await of('changes'), await of('rows')]).toEqual([
      [`${bench.schema}.marked`],
      [`${bench.schema}.unmarked`, `${bench.schema}.gone`],
    ])
  })
})
