import type { Router } from 'express'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.js'
import type { DevLink, DevVaultPort } from '../../../src/api/dev/dev-vault-port.js'
import { devVaultRoutes } from '../../../src/api/dev/dev-vault-routes.js'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { assetRoutes } from '../../../src/api/web/asset-routes.js'
import { homeRoutes } from '../../../src/api/web/home-routes.js'
import { createApp } from '../../../src/app.js'
import { silentLog } from '../../../src/lib/log.js'
import type { Catalog } from '../../../src/provider/index.js'
import { schemaUri } from '../../../schemas/index.js'
import { closed, listen } from '../connect/bench.js'
import { askAs } from '../connect/browser.js'

const catalog: Catalog = providers.map((provider, index) =>
  index === 0
    ? { provider, missingSettings: ['A_SETTING'] }
    : { provider, settings: {}, missingSettings: [] },
)
const [unset, ready] = catalog.map(({ provider }) => provider)
const folder = fileURLToPath(new URL('../../../providers', import.meta.url))

const received: DevLink[] = []
const asked: string[] = []
const port: DevVaultPort = {
  owner: () => Promise.resolve({ did: 'did:vda:testnet:0x0', key: 'ab'.repeat(32) }),
  receive: async (link) => void received.push(link),
  sync: async (provider) => void asked.push(`sync ${provider}`),
  disconnect: async (provider) => void asked.push(`disconnect ${provider}`),
  connections: () =>
    Promise.resolve([
      {
        provider: ready?.id ?? '',
        state: 'running',
        account: '<b>Maya</b>',
        steps: [{ label: 'Sync', state: 'running' }],
      },
    ]),
  records: () =>
    Promise.resolve([
      {
        schema: schemaUri('social/post'),
        total: 31,
        records: [
          {
            name: '<i>n</i>',
            content: '<script>x</script>',
            uri: 'javascript:alert(1)',
            insertedAt: 'never',
          },
        ],
      },
      {
        schema: schemaUri('file'),
        total: 1,
        records: [{ name: 'a.txt', size: 12_345, uri: 'https://files.test/a' }],
      },
      { schema: 'https://schemas.test/odd/thing/v1/schema.json', total: 1, records: [{ name: ['no text'] }] },
    ]),
}

let origin = ''
let server: Awaited<ReturnType<typeof listen>>['server']
beforeAll(async () => {
  const listening = await listen()
  ;({ server, origin } = listening)
  const routers: readonly Router[] = [
    assetRoutes(catalog, folder),
    homeRoutes({ catalog, production: false, devVault: true }),
    devVaultRoutes({ port, catalog, publicUrl: origin, production: false }),
  ]
  listening.serve(
    createApp({ log: silentLog, trustProxy: 0, routers, errorHandler: errorHandler({ log: silentLog }) }),
  )
})
afterAll(() => closed(server))

const get = async (path: string, init: RequestInit = {}) => {
  const answer = await fetch(origin + path, { redirect: 'manual', ...init })
  return { answer, text: await answer.text() }
}

describe('the start page', () => {
  it('lists providers with their state, the names of missing settings, and the way to connect', async () => {
    const { text, answer } = await get('/')
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(text).toContain('A_SETTING')
    expect(text).toContain(`href="/dev/vault/connect/${ready?.id ?? '?'}"`)
    expect(text).not.toContain(`href="/dev/vault/connect/${unset?.id ?? '?'}"`)
    for (const { provider } of catalog) expect(text).toContain(`/assets/${provider.id}/icon.svg`)
  })

  it('begins with what can be connected now, and leaves out what the operator switched off', async () => {
    const [first, second, third] = providers
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few')
    const listening = await listen()
    const rules = { enabled: true, limits: {} }
    const switched: Catalog[number] = { provider: second, settings: {}, missingSettings: [], rules }
    const few: Catalog = [
      { provider: first, missingSettings: ['A_SETTING'] },
      switched,
      { provider: third, settings: {}, missingSettings: [], rules: { enabled: false, limits: {} } },
    ]
    const routers = [homeRoutes({ catalog: few, production: false, devVault: true })]
    listening.serve(
      createApp({ log: silentLog, trustProxy: 0, routers, errorHandler: errorHandler({ log: silentLog }) }),
    )
    const shown = async () =>
      [...(await (await fetch(listening.origin)).text()).matchAll(/\/assets\/([^/"]+)\/icon/g)].map(
        ([, id]) => id,
      )
    expect(await shown()).toEqual([second.id, first.id])
    Object.assign(rules, { enabled: false })
    expect(await shown()).toEqual([first.id])
    await closed(listening.server)
  })

  it('says nothing of settings in production, and has no practice Vault', async () => {
    const listening = await listen()
    const routers = [homeRoutes({ catalog, production: true, devVault: false })]
    listening.serve(
      createApp({ log: silentLog, trustProxy: 0, routers, errorHandler: errorHandler({ log: silentLog }) }),
    )
    const text = await (await fetch(listening.origin)).text()
    await closed(listening.server)
    expect(text).not.toMatch(/A_SETTING|dev\/vault|development/)
  })

  it('loads only what is served here', async () => {
    for (const path of ['/', '/dev/vault']) {
      const { text } = await get(path)
      const loaded = [...text.matchAll(/(?:src|rel="(?:stylesheet|icon)" href)="([^"]+)"/g)].map(
        ([, at]) => at ?? '',
      )
      expect(loaded.length).toBeGreaterThan(2)
      for (const at of loaded) {
        const { answer } = await get(at)
        expect([at, answer.status]).toEqual([at, 200])
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      }
      expect(text).not.toMatch(/style="|onclick|<script>/)
    }
  })

  it('serves icons that can run nothing, and no other file', async () => {
    const { answer } = await get(`/assets/${ready?.id ?? ''}/icon.svg`)
    expect(answer.headers.get('content-type')).toMatch(/^image\/svg\+xml/)
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/)
    for (const path of [
      '/assets/nobody/icon.svg',
      `/assets/${ready?.id ?? ''}/index.ts`,
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/icon.svg',
    ])
      expect((await get(path)).answer.status).toBe(404)
  })
})

describe('the practice Vault', () => {
  it('is refused in production', () => {
    expect(() => devVaultRoutes({ port, catalog, publicUrl: origin, production: true })).toThrow(
      'CONFIG_INVALID',
    )
  })

  it('shows nothing to a page of another name that leads here (DNS rebinding)', async () => {
    const statusFor = async (host: string) => (await askAs(host, `${origin}/dev/vault`)).statusCode
    expect(await statusFor('evil.test')).toBe(403)
    expect(await statusFor('127.0.0.1.evil.test')).toBe(403)
    expect(await statusFor(`localhost:${new URL(origin).port}`)).toBe(200)
  })

  it('takes a deep link and leaves its capsules out of the address bar', async () => {
    const { answer } = await get(
      '/dev/vault/connection-success?provider=sandbox&accessToken=aa&refreshToken=bb',
    )
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/dev/vault'])
    expect(received).toEqual([{ provider: 'sandbox', accessToken: 'aa', refreshToken: 'bb' }])
    expect((await get('/dev/vault/connection-success?provider=sandbox')).answer.status).toBe(400)
  })

  it('begins to connect for its owner at the node’s own address', async () => {
    const { answer } = await get('/dev/vault/connect/sandbox')
    const target = new URL(answer.headers.get('location') ?? '')
    expect([target.origin, target.pathname]).toEqual([origin, '/connect/sandbox'])
    expect(target.searchParams.get('key')).toHaveLength(64)
  })

  it('shows the steps of a run and reads itself again, with and without a script', async () => {
    const { text } = await get('/dev/vault')
    expect(text).toContain('data-live="running"')
    expect(text).toContain('<noscript><meta http-equiv="refresh"')
    expect(text).toContain('&lt;b&gt;Maya')
  })

  it('shows records by schema as text, whatever is in them', async () => {
    const { text } = await get('/dev/vault')
    expect(text).toContain('&lt;script&gt;x')
    expect(text).not.toContain('javascript:')
    expect(text).toContain('href="https://files.test/a"')
    expect(text).toContain('12 kB')
    expect(text).toContain('1 of 31 are shown.')
    expect(text).toContain('Thing')
  })

  it('obeys its own buttons and no other page’s', async () => {
    const press = (action: string, headers: Record<string, string> = {}) =>
      get(`/dev/vault/${action}/sandbox`, { method: 'POST', headers })
    expect((await press('sync', { 'sec-fetch-site': 'same-origin' })).answer.status).toBe(303)
    expect((await press('disconnect')).answer.status).toBe(303)
    expect(asked).toEqual(['sync sandbox', 'disconnect sandbox'])
    for (const site of ['cross-site', 'same-site', 'none'])
      expect((await press('disconnect', { 'sec-fetch-site': site })).answer.status).toBe(403)
    expect(asked).toHaveLength(2)
  })
})
