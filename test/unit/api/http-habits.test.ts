/** Habits of the surface of tenants' applications: limits, other origins' pages, bodies, versions and places in lists. */
import type { Request } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pageCursors, pageLimit, pageOf } from '../../../src/api/http/page-cursor.js'
import { versionTag, withExpectedVersion } from '../../../src/api/http/version-tag.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { NodeError } from '../../../src/errors.js'
import { Redacted } from '../../../src/lib/redacted.js'
import { APP, OPERATOR, openTenantBench, type TenantBench } from './tenant-bench.js'

let bench: TenantBench | undefined
afterEach(async () => {
  await bench?.close()
  bench = undefined
})

const LIMITED = { status: 429, code: 'TOO_MANY_REQUESTS' }
const from = (address: string) => ({ 'x-forwarded-for': address })

describe('limits', () => {
  it('count a tenant over all its people and addresses, say when to come back, and leave other tenants alone', async () => {
    const { ask, jwt } = (bench = await openTenantBench({ perTenant: 3 }))
    for (const [subject, address] of [
      ['ada', '192.0.2.1'],
      ['bob', '192.0.2.2'],
      ['ada', '192.0.2.3'],
    ] as const)
      expect(
        (await ask('/v1/things', { token: await jwt({ subject }), headers: from(address) })).status,
      ).toBe(200)
    const refused = await ask('/v1/things', {
      token: await jwt({ subject: 'eve' }),
      headers: from('192.0.2.4'),
    })
    expect(refused).toMatchObject(LIMITED)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    // From the same address: one backend may serve both.
    const other = await ask('/v1/things', {
      token: await jwt({ tenant: 'other' }),
      headers: from('192.0.2.4'),
    })
    expect(other.status).toBe(200)
  })

  it('count by address what nobody answers for, and never a tenant’s own requests', async () => {
    const { ask, jwt } = (bench = await openTenantBench({ perAddress: 3 }))
    const guess = () => ask('/v1/me', { token: 'cns_guess', headers: from('192.0.2.1') })
    for (let turn = 0; turn < 3; turn += 1) expect(await guess()).toMatchObject({ status: 401 })
    expect(await guess()).toMatchObject(LIMITED)
    expect(await ask('/v1/open', { headers: from('192.0.2.1') })).toMatchObject(LIMITED)
    expect((await ask('/v1/open', { headers: from('192.0.2.2') })).status).toBe(200)
    const token = await jwt()
    for (let turn = 0; turn < 5; turn += 1)
      expect((await ask('/v1/things', { token, headers: from('192.0.2.1') })).status).toBe(200)
  })

  it('count the operator by himself, whichever tenant he names', async () => {
    const { ask, jwt } = (bench = await openTenantBench({ perTenant: 2 }))
    const asOperator = (tenant: string) => ask('/v1/me', { token: OPERATOR, headers: { 'x-tenant': tenant } })
    expect((await asOperator('acme')).status).toBe(200)
    expect((await asOperator('operator')).status).toBe(200)
    expect(await asOperator('third')).toMatchObject(LIMITED)
    for (const tenant of ['acme', 'operator'])
      expect((await ask('/v1/me', { token: await jwt({ tenant }) })).status).toBe(200)
  })
})

describe('a page of another origin', () => {
  it('that is listed may ask, and reads the headers that it needs', async () => {
    const { ask, jwt } = (bench = await openTenantBench())
    const preflight = await ask('/v1/things', {
      method: 'OPTIONS',
      headers: { origin: APP, 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(APP)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    for (const token of [await jwt(), 'cns_refused']) {
      const { headers } = await ask('/v1/things', { token, headers: { origin: APP } })
      expect(headers.get('access-control-allow-origin')).toBe(APP)
      expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('vary')).toContain('Origin')
    }
  })

  it.each(['https://evil.example', `${APP}.evil.example`, 'http://app.example', 'null'])(
    'that is %s gets no permission',
    async (origin) => {
      const { ask } = (bench = await openTenantBench())
      const preflight = await ask('/v1/things', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
      expect(preflight.headers.get('access-control-allow-methods')).toBeNull()
      for (const { headers } of [preflight, await ask('/v1/open', { headers: { origin } })]) {
        expect(headers.get('access-control-allow-origin')).toBeNull()
        expect(headers.get('vary')).toContain('Origin')
      }
    },
  )
})

describe('every answer', () => {
  it('is kept by no cache and has an id, also a refusal', async () => {
    const { ask, jwt } = (bench = await openTenantBench())
    for (const { headers } of [
      await ask('/v1/me', { token: await jwt() }),
      await ask('/v1/me'),
      await ask('/v1/none'),
    ]) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  it('to a body that is not JSON is a refusal', async () => {
    const { ask, jwt } = (bench = await openTenantBench())
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await ask('/v1/things', { token: await jwt(), headers, body: 'a=1' })).toMatchObject({
      status: 415,
      code: 'TYPE_UNSUPPORTED',
    })
  })

  it.each(['start?ticket=canary', 'callback?code=canary&state=canary'])(
    'to a step of a sign-in leaves its query out of the log: %s',
    async (step) => {
      const { ask, logged } = (bench = await openTenantBench())
      await ask(`/v1/oauth/sandbox/${step}`)
      expect(logged()).toContain('/v1/oauth/sandbox/')
      expect(logged()).not.toContain('canary')
    },
  )
})

describe('a version', () => {
  const request = (ifMatch?: string) => ({ get: () => ifMatch }) as unknown as Request
  const stale = async () => {
    throw new NodeError('WRITE_CONFLICT')
  }

  it('is given to the change that names it, and any will do when none is named', async () => {
    const seen = (ifMatch?: string) => withExpectedVersion(request(ifMatch), async (expected) => expected)
    expect(await seen(versionTag(7))).toBe(7)
    expect(await seen(undefined)).toBeUndefined()
    expect(await seen('*')).toBeUndefined()
  })

  it('that is no longer the newest refuses the change; without one a conflict stays a conflict', async () => {
    await expect(withExpectedVersion(request('"7"'), stale)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      status: 412,
    })
    await expect(withExpectedVersion(request(), stale)).rejects.toMatchObject({ code: 'WRITE_CONFLICT' })
    const other = async () => Promise.reject(new NodeError('REQUEST_INVALID'))
    await expect(withExpectedVersion(request('"7"'), other)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })

  it.each(['7', 'W/"7"', '"7", "8"', '"x"', '"99999999999"', ''])('is not %j', async (text) => {
    await expect(withExpectedVersion(request(text), async () => 'done')).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      fields: [{ path: 'If-Match' }],
    })
  })
})

describe('a place in a list', () => {
  const newRing = () => parseKeyRing(new Redacted(generateKey()))
  const ring = newRing()
  const cursors = pageCursors(ring)
  const list = ['connectors', 'acme', 'active']
  const place = z.object({ at: z.number() })
  const refusal = { code: 'REQUEST_INVALID', fields: [{ path: 'cursor' }] }
  const failing = (work: () => unknown): unknown => {
    try {
      return work()
    } catch (error) {
      return error
    }
  }

  it('comes back as it was written, and tells its caller nothing', () => {
    const cursor = cursors.write(list, { at: 1234567 })
    expect(cursors.read(list, { cursor }, place)).toEqual({ at: 1234567 })
    expect(Buffer.from(cursor.split('.').at(-1)!, 'base64url').toString('latin1')).not.toContain('1234567')
    expect(cursors.read(list, {}, place)).toBeUndefined()
  })

  it('is good for its list, its tenant and its node only', () => {
    const cursor = cursors.write(list, { at: 1 })
    const others = [
      ['connectors', 'other', 'active'],
      ['connectors', 'acme', ''],
      ['connectors', 'acme'],
      ['connectors', 'acmeactive'],
    ]
    for (const other of others)
      expect(failing(() => cursors.read(other, { cursor }, place))).toMatchObject(refusal)
    expect(failing(() => pageCursors(newRing()).read(list, { cursor }, place))).toMatchObject(refusal)
  })

  it('is refused when one character is changed, and in any other form', () => {
    const cursor = cursors.write(list, { at: 1 })
    for (let at = 0; at < cursor.length; at += 1) {
      const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1)
      expect(failing(() => cursors.read(list, { cursor: changed }, place))).toMatchObject(refusal)
    }
    const otherForm = cursors.write(list, { at: 'text' })
    for (const bad of ['x', 'e30=', '{"at":1}', 'a'.repeat(3000), otherForm])
      expect(failing(() => cursors.read(list, { cursor: bad }, place))).toMatchObject(refusal)
    expect(failing(() => cursors.read(list, { cursor: [cursor, cursor] }, place))).toMatchObject(refusal)
  })

  it('is given while there are more rows than the page holds', () => {
    const show = (row: number) => ({ row })
    expect(pageOf([1, 2, 3], 2, show, (last) => `after ${last}`)).toEqual({
      data: [{ row: 1 }, { row: 2 }],
      next_cursor: 'after 2',
    })
    expect(pageOf([1, 2], 2, show, () => 'never')).toEqual({
      data: [{ row: 1 }, { row: 2 }],
      next_cursor: null,
    })
    expect(pageOf([], 2, show, () => 'never')).toEqual({ data: [], next_cursor: null })
  })

  it.each(['0', '201', '-1', '1.5', '1e2', 'many', ' 1'])('is not %s long', (limit) => {
    expect(failing(() => pageLimit({ limit }))).toMatchObject({
      code: 'REQUEST_INVALID',
      fields: [{ path: 'limit' }],
    })
  })
  it('is as long as asked, else fifty', () => {
    expect([pageLimit({}), pageLimit({ limit: '200' }), pageLimit({ limit: '7' }, 5, 10)]).toEqual([
      50, 200, 7,
    ])
  })
})
