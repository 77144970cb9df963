/** Live reads of a real server: tables and a query as containers, their rows page by page, and what is asked for and not there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider } from '../../../../providers/postgres/index.js'
import type { Json } from '../../../../src/lib/canonical-json.js'
import { findServerFault } from '../../../support/database.js'
import { openPostgres, type PostgresBench, type Texts } from './bench.js'

const fault = await findServerFault()

describe.skipIf(fault !== undefined)(`live reads of PostgreSQL (${fault ?? 'real server'})`, () => {
  let bench: PostgresBench
  beforeAll(async () => {
    bench = await openPostgres()
    await bench.run(`
      create table orders (shop int, id int8, title text, updated_at timestamptz, primary key (shop, id));
      insert into orders select n % 2, 9007199254740990 + n, 'Order ' || n, '2029-01-01Z'::timestamptz + n * interval '1 hour'
        from generate_series(1, 5) n;
      create table "Odd, name" (code text primary key);
      insert into "Odd, name" values ('a/b'), ('c,d')`)
  })
  afterAll(() => bench.close())

  const texts = (more: Texts = {}): Texts => ({
    tables: `${bench.schema}.orders, ${bench.schema}."Odd, name"`,
    watermark: 'updated_at',
    title: 'title',
    ...more,
  })
  const asked = (given: Texts) => {
    const fields = bench.fields(given)
    return [bench.http(fields), bench.context(fields)] as const
  }
  async function containers(given = texts(), query: { cursor?: Json; limit?: number } = {}) {
    const [http, context] = asked(given)
    return provider.browse!.containers(http, { limit: 10, ...query }, context)
  }
  async function items(query: { containerId?: string; cursor?: Json; limit?: number }, given = texts()) {
    const [http, context] = asked(given)
    return provider.browse!.items(http, { limit: 2, ...query }, context)
  }

  it('name the tables with their keys and columns, page by page', async () => {
    const first = await containers(texts(), { limit: 1 })
    expect(first).toEqual({
      data: [
        {
          id: `${bench.schema}.orders`,
          kind: 'table',
          name: `${bench.schema}.orders`,
          raw: { keys: ['shop', 'id'], columns: ['shop', 'id', 'title', 'updated_at'] },
        },
      ],
      cursor: 1,
    })
    const second = await containers(texts(), { limit: 1, cursor: first.cursor ?? null })
    expect(second.data.map(({ id }) => id)).toEqual([`${bench.schema}."Odd, name"`])
    expect(second.cursor).toBeUndefined()
  })

  it('give each row of each table once, under the id of its record, with its title and time', async () => {
    const all: Awaited<ReturnType<typeof items>>['data'][number][] = []
    let cursor: Json | undefined
    do {
      const page = await items(cursor === undefined ? {} : { cursor })
      expect(page.data.length).toBeLessThanOrEqual(2)
      all.push(...page.data)
      cursor = page.cursor === undefined ? undefined : (JSON.parse(JSON.stringify(page.cursor)) as Json)
    } while (cursor !== undefined)
    expect(all.map(({ id }) => id)).toEqual([
      `${bench.schema}.orders/0,9007199254740992`,
      `${bench.schema}.orders/0,9007199254740994`,
      `${bench.schema}.orders/1,9007199254740991`,
      `${bench.schema}.orders/1,9007199254740993`,
      `${bench.schema}.orders/1,9007199254740995`,
      `${bench.schema}."Odd, name"/a%2Fb`,
      `${bench.schema}."Odd, name"/c%2Cd`,
    ])
    expect(all[3]).toMatchObject({
      kind: 'row',
      name: 'Order 3',
      containerId: `${bench.schema}.orders`,
      updatedAt: '2029-01-01T03:00:00Z',
      raw: { shop: 1, id: '9007199254740993', title: 'Order 3' },
    })
    expect(all[6]).not.toHaveProperty('updatedAt')
  })

  it('read a query as one container', async () => {
    const query = texts({ tables: '', query: `select id, title from ${bench.schema}.orders`, key: 'id' })
    expect((await containers(query)).data).toMatchObject([{ id: 'query', kind: 'query' }])
    const { data } = await items({ containerId: 'query', limit: 1 }, query)
    expect(data).toMatchObject([{ id: 'query/9007199254740991', name: 'Order 1' }])
  })

  it('read no table that the connection does not name, and take no cursor of another form or order', async () => {
    const refusal = (path: string) => ({ code: 'REQUEST_INVALID', fields: [{ path }] })
    await expect(items({ containerId: 'pg_catalog.pg_class' })).rejects.toMatchObject(refusal('containerId'))
    await expect(items({ cursor: { collection: 'pg_catalog.pg_class' } })).rejects.toMatchObject(
      refusal('cursor'),
    )
    await expect(items({ cursor: 'x' })).rejects.toMatchObject(refusal('cursor'))
    await expect(containers(texts(), { cursor: -1 })).rejects.toMatchObject(refusal('cursor'))
    const elsewhere = { collection: `${bench.schema}.orders`, order: ['id 20'], at: ['1'] }
    await expect(items({ cursor: elsewhere })).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  })

  it('tell of a table that is gone since it was entered', async () => {
    await expect(containers(texts({ tables: `${bench.schema}.gone` }))).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
  })
})
