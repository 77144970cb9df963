/** Nothing that a person enters changes a real database, and no name is read as anything but a name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findServerFault } from '../../../support/database.js'
import { ids, openPostgres, type PostgresBench } from './bench.js'

const fault = await findServerFault()

describe.skipIf(fault !== undefined)(`reading PostgreSQL changes nothing (${fault ?? 'real server'})`, () => {
  let bench: PostgresBench
  beforeAll(async () => {
    bench = await openPostgres()
    // The role may write: only the transaction keeps it from it.
    await bench.run(`create table kept (id int primary key, name text);
      insert into kept values (1, 'one'), (2, 'two');
      create sequence counted;
      create function writes() returns int language sql as $$ insert into kept values (99, 'no') returning id $$;
      create function undoes() returns text language sql as $$ select set_config('transaction_read_only', 'off', true) $$;
      grant all on all tables in schema ${bench.schema} to ${bench.role};
      grant all on all sequences in schema ${bench.schema} to ${bench.role};
      grant create on schema ${bench.schema} to ${bench.role}`)
  })
  afterAll(() => bench.close())

  const state = () =>
    bench.run(`select count(*) as rows, min(name) as first, (select is_called from counted) as called,
      (select count(*) from pg_class where relnamespace = '${bench.schema}'::regnamespace) as relations from kept`)

  it.each<readonly [string, string]>([
    ['a second statement', `select 1 as id; insert into {s}.kept values (98, 'no')`],
    [
      'one after the end of the parenthesis',
      `select 1 as id) as source; delete from {s}.kept; select (select 1`,
    ],
    [
      'the end of the transaction',
      `select 1 as id) as source; commit; delete from {s}.kept; select * from (select 1 as id`,
    ],
    ['a comment that hides the rest', `select 1 as id) as source; delete from {s}.kept --`],
    ['an open comment', `select 1 as id /*`],
    ['a change', `delete from {s}.kept returning id`],
    ['a change in a with', `with gone as (delete from {s}.kept returning id) select id from gone`],
    ['a function that writes', `select {s}.writes() as id`],
    ['a function that undoes the protection', `select {s}.undoes() as id, {s}.writes() as no`],
    [
      'a setting that undoes it',
      `select set_config('transaction_read_only', 'off', false) as id, {s}.writes() as no`,
    ],
    ['a sequence', `select nextval('{s}.counted') as id`],
    ['a lock of rows', `select id from {s}.kept for update`],
    ['a new table', `select id into {s}.more from {s}.kept`],
    ['a copy', `copy {s}.kept to program 'true'`],
    ['a procedure', `do $$ begin delete from {s}.kept; end $$`],
    ['a parameter', `select id from {s}.kept where id = $1`],
  ])('as a query: %s', async (_what, query) => {
    const before = await state()
    const texts = { query: query.replaceAll('{s}', bench.schema), key: 'id' }
    await expect(bench.account(texts).then(() => bench.read('rows', texts))).rejects.toMatchObject({
      code: expect.stringMatching(/^(REQUEST_INVALID|PROVIDER_CHANGED)$/) as string,
    })
    expect(await state()).toEqual(before)
  })

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['a table', { tables: `"kept; drop table kept"` }],
    ['a quote in a table', { tables: `{s}."kept""; drop table kept --"` }],
    ['a schema', { tables: `"{s}.kept; --".kept` }],
    ['a watermark', { tables: '{s}.kept', watermark: `"id"" is null or true --"` }],
    ['a key', { query: 'select * from {s}.kept', key: `"id) > (0) or writes(") > 0 --"` }],
  ])('as the name of %s', async (_what, given) => {
    const before = await state()
    const texts = Object.fromEntries(
      Object.entries(given).map(([name, text]) => [name, text.replaceAll('{s}', bench.schema)]),
    )
    await expect(bench.account(texts)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    expect(await state()).toEqual(before)
  })

  it('reads tables and columns of any name', async () => {
    const odd = `odd "name"; drop table kept; --`
    const quotedName = `"${odd.replaceAll('"', '""')}"`
    await bench.run(`create table ${quotedName} ("select" int primary key, "a'b" text, "$1" int, "__proto__" int);
      insert into ${quotedName} values (1, 'x', 2, 3); grant select on ${quotedName} to ${bench.role}`)
    const { items } = await bench.read('rows', { tables: `${bench.schema}.${quotedName}` })
    expect(Object.entries(items[0]?.row ?? {})).toEqual([
      ['select', 1],
      ["a'b", 'x'],
      ['$1', 2],
      ['__proto__', 3],
    ])
    expect(items[0]?.collection).toBe(`${bench.schema}.${quotedName}`)
  })

  it('reads no column that the role was not given, and tells apart what is not there and what has no key', async () => {
    await bench.run(`create table people (id int primary key, name text, password text);
      insert into people values (1, 'Nadia', 'canary-of-the-table');
      revoke all on people from ${bench.role}; grant select (id, name) on people to ${bench.role};
      create table keyless (a int); create view seen as select 1 as id;
      create table loose (a int unique, b int not null unique);
      create table hidden (id int primary key, a int); revoke all on hidden from ${bench.role};
      grant select (a) on hidden to ${bench.role}`)
    const { items } = await bench.read('rows', { tables: `${bench.schema}.people` })
    expect(items.map(({ row }) => row)).toEqual([{ id: 1, name: 'Nadia' }])
    for (const [name, message] of [
      ['keyless', /no primary key/],
      ['seen', /no primary key/],
      ['gone', /not there for this user/],
      ['hidden', /key this user may not read/],
    ] as const)
      await expect(bench.account({ tables: `${bench.schema}.${name}` })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        fields: [{ path: 'tables', message: expect.stringMatching(message) as string }],
      })
    await bench.run('insert into loose values (1, 5), (null, 4)')
    expect(ids(await bench.read('rows', { tables: `${bench.schema}.loose` }))).toEqual(['4', '5'])
  })

  it('takes no rows of tables that inherit, and all of partitions', async () => {
    await bench.run(`create table parent (id int primary key); create table child () inherits (parent);
      insert into parent values (1); insert into child values (1), (2);
      create table split (id int primary key) partition by hash (id);
      create table split_a partition of split for values with (modulus 2, remainder 0);
      create table split_b partition of split for values with (modulus 2, remainder 1);
      insert into split select generate_series(1, 9)`)
    expect(ids(await bench.read('rows', { tables: `${bench.schema}.parent` }))).toEqual(['1'])
    expect(ids(await bench.read('rows', { tables: `${bench.schema}.split`, pageRows: '4' }))).toHaveLength(9)
  })
})
