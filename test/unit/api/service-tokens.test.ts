/** Service tokens and tenants: shown once, kept as a hash, each tenant its own, gone when they are revoked. */
import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceTokens } from '../../../src/api/authentication/service-tokens.js'
import { SCOPES } from '../../../src/api/authentication/principal.js'
import { auditLog, serviceTokens, type Store } from '../../../src/store/index.js'
import { OPERATOR, openTenantBench, type TenantBench } from './tenant-bench.js'

let bench: TenantBench
beforeAll(async () => {
  bench = await openTenantBench()
})
afterAll(() => bench.close())

const READER = { name: 'nightly export', scopes: ['connectors:read'] }

async function issue(tenant: string, wish: object = READER): Promise<{ id: string; token: string }> {
  const { status, json } = await bench.ask('/v1/service-tokens', {
    token: await bench.jwt({ tenant }),
    body: wish,
  })
  expect(status).toBe(201)
  return json as { id: string; token: string }
}

describe('a service token', () => {
  it('is its tenant with its scopes, and nothing more', async () => {
    const { id, token } = await issue('acme')
    expect(token).toMatch(/^cns_[A-Za-z0-9_-]{43}$/)
    const { json } = await bench.ask('/v1/me', { token })
    expect(json).toEqual({
      tenant: 'acme',
      subject: `token:${id}`,
      scopes: ['connectors:read'],
      kind: 'service',
      actor: `token:${id}`,
    })
    expect((await bench.ask('/v1/things', { token })).status).toBe(200)
    expect(await bench.ask('/v1/things', { token, body: {} })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await bench.ask('/v1/service-tokens', { token })).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('is shown once and kept nowhere: not in the store, a list or the log', async () => {
    const { id, token } = await issue('kept')
    await bench.ask('/v1/me', { token })
    const rows = await bench.store.node((tx) => serviceTokens.list(tx))
    const row = await bench.store.tenant('kept', (tx) => serviceTokens.list(tx))
    const audit = await bench.store.tenant('kept', (tx) => auditLog.list(tx))
    const listed = await bench.ask('/v1/service-tokens', { token: await bench.jwt({ tenant: 'kept' }) })
    expect(row).toMatchObject([{ id, name: READER.name }])
    expect(audit).toMatchObject([{ action: 'service_token.created', actor: 'user:ada', subject: id }])
    expect(listed.json['data']).toMatchObject([{ id, name: READER.name, revoked_at: null }])
    expect(JSON.stringify([rows, row, audit, listed.json]) + bench.logged()).not.toContain(token.slice(8))
    expect(JSON.stringify(listed.json)).not.toContain(row[0]!.tokenHash)
  })

  it('of another tenant is neither listed nor revoked, and its id answers as an unknown one', async () => {
    const { id, token } = await issue('one')
    const stranger = await bench.jwt({ tenant: 'two' })
    expect((await bench.ask('/v1/service-tokens', { token: stranger })).json).toEqual({ data: [] })
    const answers = ['00000000-0000-4000-8000-000000000000', id, 'no-uuid'].map(async (named) => {
      const { status, json } = await bench.ask(`/v1/service-tokens/${named}`, {
        token: stranger,
        method: 'DELETE',
      })
      const { code, message } = json['error'] as Record<string, unknown>
      return { status, code, message }
    })
    const [unknown, others, malformed] = await Promise.all(answers)
    expect(unknown).toMatchObject({ status: 404, code: 'TOKEN_UNKNOWN' })
    expect([others, malformed]).toEqual([unknown, unknown])
    expect((await bench.ask('/v1/me', { token })).status).toBe(200)
  })

  it('ends at once where it is revoked, and within five minutes in other processes', async () => {
    const { id, token } = await issue('acme')
    const elsewhere = createServiceTokens({ store: bench.store, clock: bench.clock })
    expect((await bench.ask('/v1/me', { token })).status).toBe(200)
    await elsewhere.read(token)
    const manager = await bench.jwt({ lifetimeMs: 3_600_000 })
    const revoke = () => bench.ask(`/v1/service-tokens/${id}`, { token: manager, method: 'DELETE' })
    expect((await revoke()).status).toBe(204)
    expect(await bench.ask('/v1/me', { token })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    await expect(elsewhere.read(token)).resolves.toMatchObject({ tenant: 'acme' })
    bench.clock.add(5 * 60_000)
    await expect(elsewhere.read(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await revoke()).toMatchObject({ status: 404, code: 'TOKEN_UNKNOWN' })
  })

  it('that is read while it is revoked is not remembered as good', async () => {
    const { id, token } = await issue('acme')
    const principal = {
      tenant: 'acme',
      subject: 'ada',
      scopes: new Set(SCOPES),
      kind: 'jwt',
      actor: 'user:ada',
    } as const
    const gate = new EventEmitter()
    const [seen, revoked] = [once(gate, 'seen'), once(gate, 'revoked')]
    // What it reads reaches it only when the token has ended.
    const node: Store['node'] = async (work) => {
      const row = await bench.store.node(work)
      gate.emit('seen')
      await revoked
      return row
    }
    const tokens = createServiceTokens({ store: { ...bench.store, node }, clock: bench.clock })
    const early = tokens.read(token)
    await seen
    await tokens.revoke(principal, id)
    gate.emit('revoked')
    await early
    await expect(tokens.read(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('ends on its day, even when it was believed a moment ago', async () => {
    const { token } = await issue('acme', { ...READER, expires_in_days: 1 })
    bench.clock.add(86_400_000 - 60_000)
    expect((await bench.ask('/v1/me', { token })).status).toBe(200)
    bench.clock.add(60_000)
    expect(await bench.ask('/v1/me', { token })).toMatchObject({ status: 401 })
  })

  it('is asked of the store once in five minutes, which notes the use', async () => {
    const { id, token } = await issue('used')
    const usedAt = async () =>
      (await bench.store.tenant('used', (tx) => serviceTokens.list(tx)))[0]?.lastUsedAtMs
    expect(await usedAt()).toBeNull()
    await bench.ask('/v1/me', { token })
    const first = await usedAt()
    expect(first).toBeGreaterThan(0)
    bench.clock.add(4 * 60_000)
    await bench.ask('/v1/me', { token })
    expect(await usedAt()).toBe(first)
    bench.clock.add(60_000)
    await bench.ask('/v1/me', { token })
    expect(await usedAt()).toBeGreaterThan(first!)
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([
    ['unknown', `cns_${'A'.repeat(43)}`],
    ['short', 'cns_short'],
    ['long', `cns_${'A'.repeat(44)}`],
  ])('that is %s is refused', async (_what, token) => {
    expect(await bench.ask('/v1/me', { token })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
  })
})

describe('making a service token', () => {
  it('gives no scope that its maker has not', async () => {
    const token = await bench.jwt({ scopes: ['tokens:manage', 'connectors:read'] })
    const wish = (scopes: readonly string[]) =>
      bench.ask('/v1/service-tokens', { token, body: { ...READER, scopes } })
    expect((await wish(['connectors:read'])).status).toBe(201)
    expect(await wish(['connectors:read', 'connectors:write'])).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    })
  })

  it.each<[string, object, string]>([
    ['an unknown scope', { ...READER, scopes: ['everything'] }, 'scopes.0'],
    ['no scope', { ...READER, scopes: [] }, 'scopes'],
    ['no name', { scopes: READER.scopes }, 'name'],
    ['a name that the store cannot keep', { ...READER, name: 'a\u0000b' }, 'name'],
    ['another tenant in its body', { ...READER, tenant: 'other' }, ''],
    ['no whole day', { ...READER, expires_in_days: 0 }, 'expires_in_days'],
  ])('is refused with %s, and says where', async (_what, body, path) => {
    const { status, json } = await bench.ask('/v1/service-tokens', { token: await bench.jwt(), body })
    expect(status).toBe(400)
    expect(json).toMatchObject({ error: { code: 'REQUEST_INVALID', fields: [{ path }] } })
  })

  it('cannot be repeated by a key: its answer is shown once', async () => {
    const headers = { 'idempotency-key': 'k1' }
    const answer = await bench.ask('/v1/service-tokens', { token: await bench.jwt(), body: READER, headers })
    expect(answer).toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
  })

  it('is the operator’s too, for a tenant that he made', async () => {
    const forTenant = (tenant: string) =>
      bench.ask('/v1/service-tokens', {
        token: OPERATOR,
        headers: { 'x-tenant': tenant },
        body: { name: 'first', scopes: SCOPES },
      })
    expect(await forTenant('newcomer')).toMatchObject({ status: 404, code: 'TENANT_UNKNOWN' })
    await bench.ask('/v1/tenants', { token: OPERATOR, body: { id: 'newcomer', name: 'New & Co' } })
    const { status, json } = await forTenant('newcomer')
    expect(status).toBe(201)
    const me = await bench.ask('/v1/me', { token: String(json['token']) })
    expect(me.json).toMatchObject({ tenant: 'newcomer', scopes: SCOPES })
  })
})

describe('tenants', () => {
  it('are made, read and listed page by page by the operator', async () => {
    for (const id of ['t-1', 't-2', 't-3']) {
      const made = await bench.ask('/v1/tenants', { token: OPERATOR, body: { id, name: id.toUpperCase() } })
      expect(made).toMatchObject({ status: 201, json: { id, name: id.toUpperCase() } })
      expect(made.headers.get('location')).toBe(`/v1/tenants/${id}`)
    }
    expect((await bench.ask('/v1/tenants/t-2', { token: OPERATOR })).json).toMatchObject({
      id: 't-2',
      name: 'T-2',
    })
    const seen: unknown[] = []
    let cursor: string | null = ''
    for (let pages = 0; cursor !== null && pages < 9; pages += 1) {
      const { json } = await bench.ask(`/v1/tenants?limit=2&cursor=${cursor}`, { token: OPERATOR })
      const page = json as { readonly data: readonly { id: string }[]; readonly next_cursor: string | null }
      seen.push(...page.data.map(({ id }) => id))
      cursor = page.next_cursor
    }
    expect(cursor).toBeNull()
    expect(seen).toEqual(expect.arrayContaining(['t-1', 't-2', 't-3']))
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('have one row each, and names that a path can hold', async () => {
    const make = (id: string) => bench.ask('/v1/tenants', { token: OPERATOR, body: { id, name: 'x' } })
    expect((await make('once')).status).toBe(201)
    for (const id of ['once', '../etc', '', 'a b', 'a'.repeat(101)])
      expect(await make(id)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
    expect(await bench.ask('/v1/tenants/nobody', { token: OPERATOR })).toMatchObject({
      status: 404,
      code: 'TENANT_UNKNOWN',
    })
  })

  it('are nobody else’s to see', async () => {
    for (const token of [await bench.jwt(), (await issue('acme')).token])
      for (const wish of [{ token }, { token, body: { id: 'mine', name: 'x' } }])
        expect(await bench.ask('/v1/tenants', wish)).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    expect(await bench.ask('/v1/tenants/acme', { token: await bench.jwt() })).toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})
