/** Who a bearer token is: a JWT by its signature and claims, a service token, the operator; and nobody else. */
import type { Server } from 'node:http'
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reveal } from '../../../src/lib/redacted.js'
import { closed, listen } from '../connect/bench.js'
import { OPERATOR, openTenantBench, trust, type TenantBench } from './tenant-bench.js'

const REFUSED = { status: 401, code: 'UNAUTHENTICATED' }
const secret = Buffer.from(reveal(trust.secret))

let bench: TenantBench
beforeAll(async () => {
  bench = await openTenantBench()
})
afterAll(() => bench.close())

interface Parts {
  readonly header?: object
  readonly claims?: object
  readonly key?: Buffer
  /** Of the HMAC. */
  readonly hash?: string
}

/** Signed as a stranger to our code would: with nothing but HMAC. */
function token({ header, claims, key = secret, hash = 'sha256' }: Parts = {}): string {
  const nowSeconds = Math.floor(bench.clock.now() / 1000)
  const whole = {
    iss: trust.issuer,
    aud: trust.audience,
    sub: 'ada',
    tenant: 'acme',
    scope: 'connectors:read records:read openid',
    exp: nowSeconds + 60,
    ...claims,
  }
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', ...header })}.${encode(whole)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}
const seconds = (ahead: number) => Math.floor(bench.clock.now() / 1000) + ahead

describe('a JWT signed with the shared secret', () => {
  it('is its tenant, its subject and those of its scopes that we know', async () => {
    const { json } = await bench.ask('/v1/me', { token: token() })
    expect(json).toEqual({
      tenant: 'acme',
      subject: 'ada',
      scopes: ['connectors:read', 'records:read'],
      kind: 'jwt',
      actor: 'user:ada',
    })
  })

  it('may write its scopes as a list, and has none when it names none', async () => {
    const listed = await bench.ask('/v1/me', { token: token({ claims: { scope: ['audit:read', 7] } }) })
    expect(listed.json['scopes']).toEqual(['audit:read'])
    const none = token({ claims: { scope: undefined } })
    expect((await bench.ask('/v1/me', { token: none })).json['scopes']).toEqual([])
    expect(await bench.ask('/v1/things', { token: none })).toMatchObject({ status: 403, code: 'FORBIDDEN' })
  })

  it.each<[string, () => Parts]>([
    ['another secret', () => ({ key: Buffer.from('another secret, which is long enough too') })],
    ['no algorithm', () => ({ header: { alg: 'none' } })],
    ['another algorithm', () => ({ header: { alg: 'HS512' }, hash: 'sha512' })],
    ['a time that is over', () => ({ claims: { exp: seconds(-31) } })],
    ['no end', () => ({ claims: { exp: undefined } })],
    ['a beginning that is to come', () => ({ claims: { nbf: seconds(60) } })],
    ['another issuer', () => ({ claims: { iss: 'https://other.example' } })],
    ['no issuer', () => ({ claims: { iss: undefined } })],
    ['another audience', () => ({ claims: { aud: 'another-service' } })],
    ['no tenant', () => ({ claims: { tenant: undefined } })],
    ['an empty tenant', () => ({ claims: { tenant: '' } })],
    ['a tenant that is no text', () => ({ claims: { tenant: ['acme'] } })],
    ['a tenant that no row could have', () => ({ claims: { tenant: 'ac\u0000me' } })],
    ['a tenant of 101 characters', () => ({ claims: { tenant: 'a'.repeat(101) } })],
    ['no subject', () => ({ claims: { sub: undefined } })],
    ['a subject with a line end', () => ({ claims: { sub: 'ada\r\nx' } })],
    ['an extension that must be understood', () => ({ header: { crit: ['x'], x: 1 } })],
  ])('is refused with %s', async (_what, parts) => {
    expect(await bench.ask('/v1/me', { token: token(parts()) })).toMatchObject(REFUSED)
  })

  it('is refused without a signature, with a changed claim, and as no token at all', async () => {
    const [header = '', , signature = ''] = token().split('.')
    const other = Buffer.from(JSON.stringify({ tenant: 'other' })).toString('base64url')
    for (const bad of [
      `${header}.${other}.`,
      `${header}.${other}.${signature}`,
      'not-a-token',
      'a.b.c.d.e.f',
    ])
      expect(await bench.ask('/v1/me', { token: bad })).toMatchObject(REFUSED)
    const answer = await bench.ask('/v1/me')
    expect(answer).toMatchObject(REFUSED)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('may be half a minute late, for clocks differ', async () => {
    const late = token({ claims: { exp: seconds(-25) } })
    expect((await bench.ask('/v1/me', { token: late })).status).toBe(200)
  })

  it('does not reach another tenant by X-Tenant', async () => {
    const headers = { 'x-tenant': 'other' }
    expect(await bench.ask('/v1/me', { token: token(), headers })).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    })
    expect((await bench.ask('/v1/me', { token: token(), headers: { 'x-tenant': 'acme' } })).status).toBe(200)
  })

  it('stands in no log line, accepted or refused', async () => {
    const [good, bad] = [token(), token({ claims: { aud: 'x' } })]
    await bench.ask('/v1/me', { token: good })
    await bench.ask('/v1/me', { token: bad })
    for (const part of [good, bad].flatMap((jwt) => jwt.split('.').slice(1)))
      expect(bench.logged()).not.toContain(part)
    expect(bench.logged()).toContain('auth.refused')
  })
})

describe('the operator', () => {
  it('sees no tenant’s connectors, and manages tokens only of a tenant that he names', async () => {
    const nameless = await bench.ask('/v1/me', { token: OPERATOR })
    expect(nameless.json).toMatchObject({ kind: 'operator', tenant: '', actor: 'operator' })
    expect(await bench.ask('/v1/service-tokens', { token: OPERATOR })).toMatchObject({ code: 'FORBIDDEN' })
    const headers = { 'x-tenant': 'acme' }
    const named = await bench.ask('/v1/me', { token: OPERATOR, headers })
    expect(named.json).toMatchObject({ tenant: 'acme', scopes: ['tokens:manage', 'audit:read'] })
    expect(await bench.ask('/v1/things', { token: OPERATOR, headers })).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('is nobody with a token that is almost his, and must write a tenant well', async () => {
    expect(await bench.ask('/v1/me', { token: `${OPERATOR}x` })).toMatchObject(REFUSED)
    expect(
      await bench.ask('/v1/me', { token: OPERATOR, headers: { 'x-tenant': "a' or true" } }),
    ).toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
  })
})

describe('a JWT by an issuer with published keys', () => {
  const keys = new Map<string, KeyObject>()
  let state: 'up' | 'down' | 'nonsense' = 'up'
  let fetched = 0
  let issuer: { server: Server; url: URL }
  let byIssuer: TenantBench

  beforeAll(async () => {
    keys.set('first', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    const listening = await listen()
    listening.serve((_req, res) => {
      fetched += 1
      if (state === 'down') return void res.writeHead(503).end()
      if (state === 'nonsense') return void res.end('<html>')
      const published = [...keys].map(async ([kid, key]) => ({
        ...(await exportJWK(createPublicKey(key))),
        kid,
        alg: 'ES256',
        use: 'sig',
      }))
      void Promise.all(published).then((list) => res.end(JSON.stringify({ keys: list })))
    })
    issuer = { server: listening.server, url: new URL(`${listening.origin}/keys`) }
  })
  afterAll(() => closed(issuer.server))

  async function withBench(work: () => Promise<void>): Promise<void> {
    byIssuer = await openTenantBench({ trust: { ...trust, kind: 'key set', url: issuer.url } })
    try {
      await work()
    } finally {
      await byIssuer.close()
    }
  }
  const signed = (kid: string, key = keys.get(kid)!) =>
    new SignJWT({ tenant: 'acme', scope: 'connectors:read' })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setSubject('ada')
      .setIssuer(trust.issuer)
      .setAudience(trust.audience)
      .setExpirationTime('5m')
      .sign(key)

  it('is accepted, and the keys are read once', async () => {
    await withBench(async () => {
      const before = fetched
      for (let turn = 0; turn < 3; turn += 1)
        expect((await byIssuer.ask('/v1/things', { token: await signed('first') })).status).toBe(200)
      expect(fetched - before).toBe(1)
    })
  })

  it('is refused when signed by a key that is not published, or with the public key as a shared secret', async () => {
    await withBench(async () => {
      const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      expect(await byIssuer.ask('/v1/me', { token: await signed('first', stranger) })).toMatchObject(REFUSED)
      expect(await byIssuer.ask('/v1/me', { token: await signed('unknown', stranger) })).toMatchObject(
        REFUSED,
      )
      const published = Buffer.from(JSON.stringify(await exportJWK(createPublicKey(keys.get('first')!))))
      const confused = token({ header: { alg: 'HS256', kid: 'first' }, key: published })
      expect(await byIssuer.ask('/v1/me', { token: confused })).toMatchObject(REFUSED)
      expect(await byIssuer.ask('/v1/me', { token: token() })).toMatchObject(REFUSED)
    })
  })

  it.each(['down', 'nonsense'] as const)(
    'is neither believed nor blamed while the issuer is %s',
    async (fault) => {
      await withBench(async () => {
        const good = await signed('first')
        state = fault
        expect(await byIssuer.ask('/v1/things', { token: good })).toMatchObject({
          status: 503,
          code: 'ISSUER_DOWN',
        })
        state = 'up'
        expect((await byIssuer.ask('/v1/things', { token: good })).status).toBe(200)
      })
    },
  )
})

it('a node without an issuer takes no JWT', async () => {
  const closedBench = await openTenantBench({ trust: null })
  expect(await closedBench.ask('/v1/me', { token: token() })).toMatchObject(REFUSED)
  await closedBench.close()
})
