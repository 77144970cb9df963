/** Idempotency-Key: sent twice, done once; another request, another caller or another tenant never gets the answer. */
import { EventEmitter, once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { errorTable, NodeError, type ErrorCode } from '../../../src/errors.js'
import { idempotencyKeys } from '../../../src/store/index.js'
import { openTenantBench, type TenantBench, type Wish } from './tenant-bench.js'

let bench: TenantBench
let made = 0
let make: () => Promise<{ status: number; body: object }>
afterEach(() => bench.close())

async function open(): Promise<void> {
  made = 0
  make = async () => ({ status: 201, body: { number: (made += 1), secret: 'canary of an answer' } })
  bench = await openTenantBench({ make: () => make() })
}
async function post(key: string | undefined, wish: Wish & { readonly tenant?: string } = {}) {
  const { tenant = 'acme', headers, ...rest } = wish
  const token = wish.token ?? (await bench.jwt({ tenant }))
  const keyed = key === undefined ? {} : { 'idempotency-key': key }
  return bench.ask('/v1/things', { body: { name: 'a' }, ...rest, token, headers: { ...keyed, ...headers } })
}

describe('a POST with an Idempotency-Key', () => {
  it('is done once, and gets the same answer again with its status and headers', async () => {
    await open()
    const first = await post('k1')
    const again = await post('k1')
    expect(again.json).toEqual(first.json)
    expect([first.status, again.status, made]).toEqual([201, 201, 1])
    for (const name of ['etag', 'location', 'content-type'])
      expect(again.headers.get(name)).toBe(first.headers.get(name))
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  it('is done each time without a key, and once for each key', async () => {
    await open()
    for (const key of [undefined, undefined, 'a', 'b']) expect((await post(key)).status).toBe(201)
    expect(made).toBe(4)
  })

  it('is done once of many at the same time; the others are told that it runs, or get its answer', async () => {
    await open()
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('k1')))
    expect(made).toBe(1)
    for (const { status, json, code } of answers)
      if (status === 201) expect(json['number']).toBe(1)
      else expect([status, code]).toEqual([409, 'IDEMPOTENCY_CONFLICT'])
    expect((await post('k1')).json['number']).toBe(1)
  })

  it('is refused while the first runs', async () => {
    await open()
    const gate = new EventEmitter()
    const started = once(gate, 'started')
    const finished = once(gate, 'finish')
    const plain = make
    make = async () => {
      gate.emit('started')
      await finished
      return plain()
    }
    const first = post('k1')
    await started
    expect(await post('k1')).toMatchObject({ status: 409, code: 'IDEMPOTENCY_CONFLICT' })
    gate.emit('finish')
    expect((await first).status).toBe(201)
  })

  it.each<[string, Wish]>([
    ['body', { body: { name: 'b' } }],
    ['query', {}],
  ])('is refused when another request with another %s used the key', async (what, wish) => {
    await open()
    await post('k1')
    const token = await bench.jwt()
    const other =
      what === 'query'
        ? await bench.ask('/v1/things?x=1', {
            token,
            body: { name: 'a' },
            headers: { 'idempotency-key': 'k1' },
          })
        : await post('k1', wish)
    expect(other).toMatchObject({ status: 409, code: 'IDEMPOTENCY_CONFLICT' })
    expect(made).toBe(1)
  })

  it('never gives one caller’s answer to another: not of the tenant, not of another tenant, not without the scope', async () => {
    await open()
    await post('k1')
    const colleague = await bench.jwt({ subject: 'bob' })
    expect(await post('k1', { token: colleague })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    const reader = await bench.jwt({ scopes: ['connectors:read'] })
    expect(await post('k1', { token: reader })).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    expect((await post('k1', { tenant: 'other' })).json['number']).toBe(2)
  })

  it.each<ErrorCode>(['REQUEST_INVALID', 'PROVIDER_UNKNOWN', 'TOKEN_REVOKED'])(
    'gets the refusal %s again without being tried again',
    async (code) => {
      await open()
      make = async () => {
        made += 1
        throw new NodeError(code)
      }
      for (let turn = 0; turn < 2; turn += 1)
        expect(await post('k1')).toMatchObject({ status: errorTable[code].status, code })
      expect(made).toBe(1)
    },
  )

  it.each<ErrorCode>(['STORE_UNAVAILABLE', 'INTERNAL', 'TOO_MANY_REQUESTS'])(
    'is tried again after %s',
    async (code) => {
      await open()
      const plain = make
      make = async () => {
        throw new NodeError(code)
      }
      expect(await post('k1')).toMatchObject({ status: errorTable[code].status, code })
      make = plain
      expect(await post('k1')).toMatchObject({ status: 201, json: { number: 1 } })
    },
  )

  it('keeps its answer sealed, for a day', async () => {
    await open()
    await post('k1')
    const rows = await bench.store.node((tx) => tx.selectFrom('idempotencyKeys').selectAll().execute())
    expect(rows).toMatchObject([{ tenant: 'acme', key: 'k1', status: 201 }])
    expect(JSON.stringify(rows)).not.toContain('canary')
    bench.clock.add(86_400_000 + 1)
    expect((await post('k1')).json['number']).toBe(2)
    bench.clock.add(86_400_000 + 1)
    expect(await bench.store.node((tx) => idempotencyKeys.purge(tx, bench.clock.now()))).toBe(1)
  })

  it('does not open an answer that was moved to another key', async () => {
    await open()
    await post('k1')
    await post('k2')
    await bench.store.node((tx) =>
      tx
        .updateTable('idempotencyKeys as to')
        .from('idempotencyKeys as from')
        .set((row) => ({ body: row.ref('from.body') }))
        .where('to.key', '=', 'k2')
        .where('from.key', '=', 'k1')
        .execute(),
    )
    expect(await post('k2')).toMatchObject({ status: 500, code: 'SEAL_FAILED' })
    expect((await post('k1')).status).toBe(201)
  })

  it.each(['has space', 'x'.repeat(256), ''])('must be printable and short: %j', async (key) => {
    await open()
    const answer = await post(key)
    expect(answer).toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
    expect(made).toBe(0)
  })
})
