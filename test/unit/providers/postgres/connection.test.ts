/** Connecting to a real server: whom it is proven to be, what it refuses, and what it leaves behind. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider } from '../../../../providers/postgres/index.js'
import { findServerFault } from '../../../support/database.js'
import { errorOf } from '../../../support/provider-bench.js'
import { ids, openPostgres, startTlsFront, streamOf, type PostgresBench } from './bench.js'

const fault = await findServerFault()

describe.skipIf(fault !== undefined)(`a connection to PostgreSQL (${fault ?? 'real server'})`, () => {
  let bench: PostgresBench
  let front: Awaited<ReturnType<typeof startTlsFront>>
  beforeAll(async () => {
    bench = await openPostgres()
    front = await startTlsFront(bench.server)
    await bench.run(`create table orders (id int primary key, updated_at timestamptz);
      insert into orders values (1, now()), (2, null)`)
  })
  afterAll(async () => {
    await front.close()
    await bench.close()
  })

  const orders = (more = {}) => ({ tables: `${bench.schema}.orders`, ...more })
  const overTls = (more: object = { ca: front.ca }) =>
    orders({ address: `127.0.0.1:${front.port}`, tls: 'verify', ...more })

  it('tells version and tables, and no credentials', async () => {
    const account = await bench.account(orders())
    const { database = '', address = '' } = bench.fields({}).texts
    expect(account).toEqual({
      id: `${address}/${database}`,
      name: expect.stringMatching(/, PostgreSQL \d+[.\d]*, \d+ readable tables$/) as string,
      username: bench.role,
    })
    expect(JSON.stringify(account)).not.toContain('canary')
  })

  it('stands over TLS where the certificate is for the server, by address or by name', async () => {
    for (const more of [{}, { serverName: 'postgres.test' }, { ca: front.ca.replaceAll('\n', ' ') }])
      expect(ids(await bench.read('rows', overTls({ ca: front.ca, ...more })))).toEqual(['1', '2'])
  })

  it.each<readonly [string, () => object, string]>([
    ['another name', () => ({ ca: front.ca, serverName: 'other.test' }), 'serverName'],
    ['an authority that nobody named', () => ({}), 'ca'],
    ['no certificate at all', () => ({ ca: 'not a certificate' }), 'ca'],
  ])('is refused over TLS for %s', async (_what, more, path) => {
    await expect(bench.account(overTls(more()))).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      fields: [{ path }],
    })
  })

  it('is refused over TLS by another authority, and waits in a run', async () => {
    const ca = await readFile(join(import.meta.dirname, '../../outbound/untrusted.pem'), 'utf8')
    await expect(bench.account(overTls({ ca }))).rejects.toMatchObject({ fields: [{ path: 'ca' }] })
    await expect(bench.read('rows', overTls({ ca }))).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
  })

  it('is never without TLS unless that was chosen and the operator listed the server', async () => {
    await expect(bench.account(orders({ tls: 'verify' }))).rejects.toMatchObject({
      fields: [{ path: 'tls' }],
    })
    const fields = bench.fields(orders({ address: 'db.example.com:5432' }))
    const settings = { allowPrivateOrigins: bench.server }
    const refused = { fields: [{ path: 'tls' }] }
    await expect(provider.account(bench.http(fields), { settings, fields })).rejects.toMatchObject(refused)
  })

  it.each<readonly [string, (bench: PostgresBench) => object, object]>([
    ['an unknown user', () => ({ username: 'nobody_of_that_name' }), { code: 'TOKEN_REVOKED' }],
    [
      'an unknown database',
      () => ({ database: 'no_such_database' }),
      { code: 'REQUEST_INVALID', fields: [{ path: 'database' }] },
    ],
    [
      'a table of a schema without rights',
      () => ({ tables: '', query: 'select * from pg_catalog.pg_authid', key: 'oid' }),
      { code: 'SCOPE_MISSING' },
    ],
    [
      'a watermark that no table has',
      () => ({ watermark: 'changed_at' }),
      { code: 'REQUEST_INVALID', fields: [{ path: 'watermark' }] },
    ],
    ['neither table nor query', () => ({ tables: '' }), { fields: [{ path: 'tables' }] }],
  ])('is refused for %s', async (_what, more, expected) => {
    await expect(bench.account(orders(more(bench)))).rejects.toMatchObject(expected)
  })

  it('waits where there are too many', async () => {
    await bench.admin.query(`alter role ${bench.role} connection limit 0`)
    const limited = bench.read('rows', orders())
    await expect(limited).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 60_000 })
    await bench.admin.query(`alter role ${bench.role} connection limit -1`)
  })

  const sleeping = (more = {}) => ({ query: 'select 1 as id from pg_sleep(20)', key: 'id', ...more })
  const page = (texts: Parameters<PostgresBench['fields']>[0], signal = new AbortController().signal) => {
    const fields = bench.fields(texts)
    const context = { ...bench.context(fields), signal, partition: 'query' }
    return streamOf('rows').fetchPage(bench.http(fields, signal), undefined, context)
  }
  /** Of the session that sleeps. */
  const pidOf = async (): Promise<number> => {
    for (;;) {
      const { rows } = await bench.admin.query<{ pid: number }>(
        `select pid from pg_stat_activity
         where usename = $1 and wait_event = 'PgSleep' and application_name = 'connector-node'`,
        [bench.role],
      )
      if (rows[0] !== undefined) return rows[0].pid
    }
  }

  it('ends a statement that takes too long', async () => {
    const startedAt = Date.now()
    await expect(page(sleeping({ timeout: '1' }))).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: 'SQLSTATE 57014',
    })
    expect(Date.now() - startedAt).toBeLessThan(8_000)
  })

  it('that the server ends is a server that is down', async () => {
    const ended = errorOf(page(sleeping()))
    await bench.admin.query('select pg_terminate_backend($1)', [await pidOf()])
    expect(await ended).toMatchObject({ code: 'PROVIDER_DOWN' })
  })

  it('ends with the reason of an abort', async () => {
    const stop = new AbortController()
    const reason = new Error('the lease was lost')
    const ended = errorOf(page(sleeping(), stop.signal))
    await pidOf()
    stop.abort(reason)
    expect(await ended).toBe(reason)
  })

  it('leaves no session behind, nor a statement that nobody waits for', async () => {
    await bench.read('rows', orders())
    const left = async () => {
      const { rows } = await bench.admin.query('select 1 from pg_stat_activity where usename = $1', [
        bench.role,
      ])
      return rows.length
    }
    await expect.poll(left, { timeout: 8_000, interval: 200 }).toBe(0)
  })
})
