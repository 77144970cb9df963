import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineProvider, defineStream, Redacted, secret, text, z } from '../../../src/provider/index.js'
import { enteredFor, KEY, keyCatalog, startKeyService, type KeyService } from '../../support/key-service.js'
import { openBench, owner, VAULT, vaultKey, type ConnectBench } from './bench.js'
import { buttonOf, openBrowser, type Browser } from './browser.js'

const stream = (name: string) =>
  defineStream({
    name,
    label: name,
    schema: 'social/post',
    scopes: [`read_${name}`],
    cursor: z.null(),
    item: z.unknown(),
    deletes: 'none',
    incremental: false,
    fetchPage: () => Promise.resolve({ items: [], cursor: null, more: false }),
    map: () => ({ skip: 'tests' }),
  })
const shop = defineProvider({
  id: 'shop',
  label: 'Shop',
  description: 'For tests',
  category: 'commerce',
  homepage: 'shop.example',
  icon: '',
  revision: 1,
  hosts: ['field:shop'],
  settings: { clientId: text(), clientSecret: secret() },
  auth: [
    {
      kind: 'oauth2',
      authorize: (_settings, { shop: host }) => `https://${host ?? ''}/authorize`,
      token: (_settings, { shop: host }) => `https://${host ?? ''}/token`,
      scopes: { always: 'Always', read_orders: 'Orders', read_people: 'People' },
      refresh: false,
      fields: { shop: { kind: 'host', host: '{}.shop.example', label: 'Shop', help: 'Its name.' } },
    },
    {
      kind: 'api_key',
      key: 'apiKey',
      fields: { apiKey: { kind: 'secret', label: 'API key', help: 'Under Settings.' } },
    },
  ],
  account: async () => ({ id: '1', name: 'One' }),
  revoke: { unsupported: 'tests' },
  streams: [stream('orders'), stream('people')],
})

let service: KeyService
let bench: ConnectBench
beforeAll(async () => {
  service = await startKeyService()
  const settings = { clientId: 'the-client', clientSecret: new Redacted('the secret') }
  bench = await openBench({
    providers: () => [...keyCatalog(service), { provider: shop, settings, missingSettings: [] }],
  })
})
afterAll(async () => {
  await bench.close()
  await service.close()
})

const stateOf = (page: string): string => /name="_state" value="([^"]+)"/.exec(page)?.[1] ?? ''
const link = (provider: string, query: object = {}): string =>
  `${bench.origin}/connect/${provider}?${new URLSearchParams({ did: owner, key: vaultKey.toString('hex'), ...query }).toString()}`

async function form(browser: Browser, provider: string, query: object = {}): Promise<string> {
  const answer = await browser.get(link(provider, query))
  expect(answer.status).toBe(200)
  return answer.text()
}
const send = (browser: Browser, provider: string, values: Record<string, string>): Promise<Response> =>
  browser.post(`${bench.origin}/connect/${provider}/form`, values)

describe('a person enters what a service gave them', () => {
  it.each(['by-key', 'by-basic', 'by-client', 'by-robot', 'by-calls', 'by-headers'] as const)(
    'and %s is handed over in capsules',
    async (provider) => {
      const browser = openBrowser()
      const page = await form(browser, provider)
      const entered = enteredFor(service)[provider]
      const done = await send(browser, provider, { _state: stateOf(page), ...entered })
      const shown = await done.text()
      expect([done.status, shown.includes('Account One')]).toEqual([200, true])
      const button = buttonOf(shown) ?? ''
      expect(button.startsWith(`${VAULT}?provider=${provider}&`)).toBe(true)
      const { tokens } = bench.open(button).content
      const secrets = Object.keys(entered).filter((name) => name !== 'user' && name !== 'person')
      expect(Object.keys(tokens?.fields?.secrets ?? {})).toEqual(secrets)
      for (const canary of [KEY, 'canary-', 'PRIVATE KEY'])
        expect(page + shown + bench.logged()).not.toContain(canary)
    },
  )

  it('and reads beside the field what the service has nothing of, with all lines again', async () => {
    const browser = openBrowser()
    const state = stateOf(await form(browser, 'by-query'))
    const answer = await send(browser, 'by-query', { _state: state, apiKey: KEY, query: 'two\r\n<missing>' })
    const page = await answer.text()
    expect(answer.status).toBe(400)
    expect(page).toMatch(/id="error-query"[^>]*>names what is not there/)
    expect(page).toMatch(/<textarea[^>]*id="field-query"[^>]*>\ntwo\r\n&lt;missing&gt;<\/textarea/)
    const again = { ...enteredFor(service)['by-query'], _state: stateOf(page) }
    expect((await send(browser, 'by-query', again)).status).toBe(200)
  })

  it('and reads beside the field what was wrong, without the secret again', async () => {
    const browser = openBrowser()
    const state = stateOf(await form(browser, 'by-basic'))
    const answer = await send(browser, 'by-basic', { _state: state, user: 'ann', password: 'canary-wrong' })
    const page = await answer.text()
    expect(answer.status).toBe(400)
    expect(page).toMatch(/id="error-password"[^>]*>Keys by-basic does not accept this\./)
    expect(page).toContain('value="ann"')
    expect(page + bench.logged()).not.toContain('canary-wrong')
    const again = await send(browser, 'by-basic', {
      _state: stateOf(page),
      ...enteredFor(service)['by-basic'],
    })
    expect(again.status).toBe(200)
  })

  it('and the form is good once, in this browser, for this provider, by POST only', async () => {
    const browser = openBrowser()
    const state = stateOf(await form(browser, 'by-key'))
    const values = { _state: state, apiKey: KEY }
    const stranger = openBrowser()
    await form(stranger, 'by-key')
    expect((await send(stranger, 'by-key', values)).status).toBe(400)
    expect((await browser.get(`${bench.origin}/connect/by-key/form?apiKey=x`)).status).toBe(405)
    expect((await send(browser, 'by-key', { apiKey: KEY })).status).toBe(400)
    expect((await send(browser, 'by-key', values)).status).toBe(200)
    expect((await send(browser, 'by-key', values)).status).toBe(400)
    const other = stateOf(await form(browser, 'by-key'))
    expect((await send(browser, 'by-header', { _state: other, apiKey: KEY })).status).toBe(400)
  })

  it('and the state of a form is no answer of a provider', async () => {
    const browser = openBrowser()
    const state = stateOf(await form(browser, 'shop'))
    expect((await browser.get(`${bench.origin}/auth/shop?code=c&state=${state}`)).status).toBe(400)
  })
})

describe('a sign-in at a host of the account', () => {
  it('asks for the host first, then goes out with the scopes of the chosen streams', async () => {
    const browser = openBrowser()
    const answer = await browser.get(link('shop', { streams: 'orders' }))
    expect(answer.headers.get('content-security-policy')).toContain("form-action 'self' https:")
    const state = stateOf(await answer.text())
    const out = await send(browser, 'shop', { _state: state, shop: 'https://ACME.shop.example/admin' })
    const location = new URL(out.headers.get('location') ?? '')
    expect([out.status, location.origin + location.pathname]).toEqual([
      303,
      'https://acme.shop.example/authorize',
    ])
    expect(location.searchParams.get('scope')).toBe('always read_orders')
  })

  it.each(['evil.example/', 'a.b', 'acme.shop.example.evil', '-a', 'a@evil.example', '127.0.0.1:80', ''])(
    'refuses %s as a host',
    async (value) => {
      const browser = openBrowser()
      const state = stateOf(await form(browser, 'shop'))
      const answer = await send(browser, 'shop', { _state: state, shop: value })
      expect([answer.status, (await answer.text()).includes('id="error-shop"')]).toEqual([400, true])
    },
  )

  it('leads to the other ways to connect, with the streams that were chosen', async () => {
    const browser = openBrowser()
    const page = await form(browser, 'shop', { auth: 'api_key', streams: 'orders' })
    expect(page).not.toContain(vaultKey.toString('hex'))
    const state =
      /name="_state" value="([^"]+)" \/>\s*<button[^>]*>Sign in there instead/.exec(page)?.[1] ?? ''
    const other = await send(browser, 'shop', { _state: state, _choice: '1' })
    const shown = await other.text()
    expect([other.status, shown.includes('name="shop"'), shown.includes('role="alert"')]).toEqual([
      200,
      true,
      false,
    ])
    const out = await send(browser, 'shop', { _state: stateOf(shown), shop: 'acme' })
    expect(new URL(out.headers.get('location') ?? '').searchParams.get('scope')).toBe('always read_orders')
    // Good once, and in this browser only.
    expect((await send(browser, 'shop', { _state: state, _choice: '1' })).status).toBe(400)
  })

  it('takes another way to connect by its name, and no other word', async () => {
    expect(await form(openBrowser(), 'shop', { auth: 'api_key' })).toContain('name="apiKey"')
    expect((await openBrowser().get(link('shop', { auth: 'basic' }))).status).toBe(400)
    expect((await openBrowser().get(link('shop', { streams: 'orders,secrets' }))).status).toBe(400)
  })
})
