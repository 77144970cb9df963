/** What browsers meet: the safer hand-over by a code, the catalog, the headers of every page, and pages of other origins. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve } from '../../src/devnet/sandbox-service/index.js'
import type { LinkCapsules } from '../../src/devnet/vault-http.js'
import { keyholder } from './keyholder.js'
import { localNode, type LocalNode } from './local-node.js'
import { openWorld, PROVIDER, type World } from './world.js'

const WEB_VAULT = 'http://localhost:3000'

let world: World
let node: LocalNode

beforeAll(async () => {
  world = await openWorld()
  node = await localNode(world, { REDIRECT_ORIGINS: WEB_VAULT })
}, 120_000)
afterAll(async () => {
  await node.close()
  await world.close()
})

describe('flow=code', () => {
  it('puts a one-time code into the link, which its owner redeems once for capsules that sync', async () => {
    const owner = keyholder()
    const verifier = randomBytes(32).toString('base64url')
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const query = new URLSearchParams({ did: owner.did, key: owner.key, flow: 'code', challenge })
    const started = await fetch(`${node.url}/connect/${PROVIDER}?${query.toString()}`, { redirect: 'manual' })
    const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const back = await approve(started.headers.get('location') ?? '')
    const page = await fetch(back, { headers: { cookie, accept: 'text/html' } })
    const link = /href="(https:\/\/vault[^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&') ?? ''
    const { searchParams } = new URL(link)
    expect([...searchParams.keys()]).toEqual(['provider', 'code', 'node'])
    expect(searchParams.get('node')).toBe(node.url)

    const members = { code: searchParams.get('code'), verifier }
    const stranger = await keyholder().post(node.url, '/connect/redeem', members)
    expect(stranger.status).toBe(403)
    const redeemed = await owner.post(node.url, '/connect/redeem', members)
    expect(redeemed.status).toBe(200)
    const { accessToken, refreshToken } = (await redeemed.json()) as LinkCapsules
    expect((await owner.post(node.url, '/connect/redeem', members)).status).toBe(410)
    const http = owner.at(node.url)
    const { syncRequestId } = await http.syncByPost(PROVIDER, { accessToken, refreshToken })
    expect(await http.ended(PROVIDER, syncRequestId)).toMatchObject({ status: 'complete' })
  })
})

describe('the catalog', () => {
  it('names every provider as Vaults read it, and serves its icon and its schemas', async () => {
    const entries = (await (await fetch(`${node.url}/providers`)).json()) as Record<
      string,
      { name: string; label: string; icon: string; schemas: string[]; status: string; handlers: object[] }
    >
    expect(Object.keys(entries)).toEqual(expect.arrayContaining([PROVIDER, 'facebook']))
    expect(entries[PROVIDER]).toMatchObject({ status: 'active', label: 'Sandbox' })
    expect(entries['facebook']).toMatchObject({ status: 'inactive' })
    for (const [id, { name, icon, schemas }] of Object.entries(entries)) {
      expect(name).toBe(id)
      expect((await fetch(icon)).headers.get('content-type')).toMatch(/^image\/svg/)
      for (const uri of schemas) {
        const [prefix = '', served = ''] =
          Object.entries(node.running.schemaPaths).find(([from]) => uri.startsWith(from)) ?? []
        const schema = (await (await fetch(uri.replace(prefix, served))).json()) as { $id: string }
        expect(schema.$id).toBe(uri)
      }
    }
  })

  it('refuses to connect what is not set up', async () => {
    const { did } = keyholder()
    const answer = await fetch(`${node.url}/connect/facebook?did=${did}`)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('PROVIDER_NOT_CONFIGURED')
  })
})

describe('every page', () => {
  const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'

  async function expectPage(page: Response, status: number): Promise<void> {
    expect(page.status).toBe(status)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    const policy = page.headers.get('content-security-policy')
    for (const rule of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "script-src 'self'",
    ])
      expect(policy).toContain(rule)
    expect(policy).not.toContain('unsafe')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('x-frame-options')).toBe('DENY')
    expect(page.headers.get('x-powered-by')).toBeNull()
    // Nothing of another origin is loaded.
    expect(await page.text()).not.toMatch(/(src|action)="https?:|<link[^>]+href="https?:/)
  }

  it('may load nothing from elsewhere, be framed by nobody, be kept nowhere', async () => {
    for (const [path, status] of [
      ['/', 200],
      ['/nothing', 404],
      [`/sync/${PROVIDER}`, 400],
      [`/connect/${PROVIDER}`, 400],
      [`/connect/nobody?did=${keyholder().did}`, 404],
      [`/auth/${PROVIDER}`, 400],
    ] as const)
      await expectPage(await fetch(node.url + path, { headers: { accept: HTML } }), status)
    for (const allow of [true, false]) {
      const { did } = keyholder()
      const started = await fetch(`${node.url}/connect/${PROVIDER}?did=${did}`, { redirect: 'manual' })
      expect(started.headers.get('cache-control')).toBe('no-store')
      expect(started.headers.get('referrer-policy')).toBe('no-referrer')
      const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const back = await approve(started.headers.get('location') ?? '', { allow })
      await expectPage(await fetch(back, { headers: { accept: HTML, cookie } }), allow ? 200 : 403)
    }
  })
})

describe('a page of another origin', () => {
  const from = (origin: string, path: string, init: RequestInit = {}) =>
    fetch(node.url + path, { ...init, headers: { origin, ...(init.headers as Record<string, string>) } })
  const preflight = {
    method: 'OPTIONS',
    headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
  }
  const start = `/syncStart/${PROVIDER}`

  it('may call the Vault’s addresses when the operator listed it, and read refusals too', async () => {
    const asked = await from(WEB_VAULT, start, preflight)
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-headers')).toContain('Authorization')
    for (const path of ['/providers', `/sync/${PROVIDER}`, `/syncStatus/${PROVIDER}/x`]) {
      const { headers } = await from(WEB_VAULT, path)
      expect(headers.get('access-control-allow-origin')).toBe(WEB_VAULT)
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('vary')).toContain('Origin')
    }
  })

  it('may call nothing when it is not listed, and no page is open to any', async () => {
    for (const origin of ['https://evil.test', 'null', `${WEB_VAULT}.evil.test`]) {
      expect((await from(origin, '/providers')).headers.get('access-control-allow-origin')).toBeNull()
      expect((await from(origin, start, preflight)).headers.get('access-control-allow-origin')).toBeNull()
    }
    for (const path of ['/', `/connect/${PROVIDER}`, `/auth/${PROVIDER}`, '/nothing'])
      expect((await from(WEB_VAULT, path)).headers.get('access-control-allow-origin')).toBeNull()
  })
})
