/** Statements as text: what the job queue counts on, on every engine. */
import { expect, test } from 'vitest'
import { rawSqlIn } from '../../../src/store/index.js'
import { onEveryStore } from '../../support/store-suite.js'

await onEveryStore('raw statements', (store) => {
  test('of several statements the rows of all are given', async () => {
    const { rows } = await store().raw('begin; select 1 as n; select 2 as n; commit')
    expect(rows).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('columns keep their names, and errors their SQLSTATE', async () => {
    expect((await store().raw('select $1::int as "fooBar_baz"', [3])).rows).toEqual([{ fooBar_baz: 3 }])
    await expect(store().raw('select 1/0')).rejects.toMatchObject({ code: '22012' })
  })

  test('a transaction of their own that fails half way leaves nothing open', async () => {
    await expect(store().raw('begin; select 1/0; commit')).rejects.toMatchObject({ code: '22012' })
    const { rows } = await store().raw('select pg_current_xact_id_if_assigned() is null as idle, 1 as n')
    expect(rows).toEqual([{ idle: true, n: 1 }])
  })

  test('beside an open transaction they are refused, inside it they are rolled back with it', async () => {
    await store().raw('create table raw_test (n int)')
    await expect(store().transaction(() => store().raw('select 1'))).rejects.toMatchObject({
      code: 'INTERNAL',
    })
    const failing = store().transaction(async (tx) => {
      await rawSqlIn(tx)('insert into raw_test values ($1)', [1])
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    await store().transaction((tx) => rawSqlIn(tx)('insert into raw_test values ($1)', [2]))
    expect((await store().raw('select n from raw_test')).rows).toEqual([{ n: 2 }])
  })
})
