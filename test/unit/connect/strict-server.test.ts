/** Connecting to an OAuth server that is not ours: oidc-provider, with PKCE required and `iss` in every answer. */
import Provider from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineProvider, origin, readAnswer, secret, text, z } from '../../../src/provider/index.js'
import { Redacted, reveal } from '../../../src/lib/redacted.js'
import { closed, listen, openBench, owner, vaultKey, type ConnectBench } from './bench.js'
import { buttonOf, locationOf, openBrowser } from './browser.js'

const CLIENT = { id: 'node', secret: 'a-secret-of-a-strict-server' }

const strict = defineProvider({
  id: 'strict',
  label: 'Strict',
  description: 'An OpenID provider.',
  category: 'development',
  homepage: 'https://strict.example',
  icon: '',
  revision: 1,
  hosts: ['setting:origin'],
  settings: { origin: origin(), clientId: text(), clientSecret: secret() },
  auth: [
    {
      kind: 'oauth2',
      authorize: ({ origin }) => `${origin}/auth`,
      token: ({ origin }) => `${origin}/token`,
      issuer: ({ origin }) => origin,
      clientAuth: 'basic',
      scopes: { openid: 'To know who you are', offline_access: 'To sync while you are away' },
      authorizeParams: { prompt: 'consent' },
      refresh: true,
    },
  ],
  account: async (http, { settings }) => {
    const { sub } = readAnswer(z.object({ sub: z.string() }), await http.get(`${settings.origin}/me`))
    return { id: sub, name: `Account ${sub}` }
  },
  revoke: { unsupported: 'not tried here' },
  streams: [],
})

let bench: ConnectBench
let server: Awaited<ReturnType<typeof listen>>['server']
let exchanges = 0

beforeAll(async () => {
  const listening = await listen()
  server = listening.server
  bench = await openBench({
    providers: () => [
      {
        provider: strict,
        settings: {
          origin: listening.origin,
          clientId: CLIENT.id,
          clientSecret: new Redacted(CLIENT.secret),
        },
        missingSettings: [],
      },
    ],
  })
  const oidc = strictServer(listening.origin, `${bench.origin}/auth/strict`)
  const answer = oidc.callback()
  listening.serve((req, res) => {
    if (req.url === '/token') exchanges += 1
    if (req.url?.startsWith('/interaction/'))
      return void oidc.interactionFinished(req, res, { login: { accountId: 'ann' }, consent: {} })
    answer(req, res)
  })
})
afterAll(async () => {
  await bench.close()
  await closed(server)
})

function strictServer(issuer: string, redirectUri: string): Provider {
  const oidc: Provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, RefreshToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    loadExistingGrant: async () => {
      const grant = new oidc.Grant({ accountId: 'ann', clientId: CLIENT.id })
      grant.addOIDCScope('openid offline_access')
      await grant.save()
      return grant
    },
  })
  return oidc
}

/** Follows the server's own redirects until it sends the browser back to the node. */
async function consent(): Promise<{ back: URL; node: ReturnType<typeof openBrowser> }> {
  const node = openBrowser()
  const query = new URLSearchParams({ did: owner, key: vaultKey.toString('hex') })
  const browser = openBrowser()
  let at = locationOf(await node.get(`${bench.origin}/connect/strict?${query.toString()}`))
  for (let hop = 0; hop < 10 && at.origin !== bench.origin; hop += 1) {
    const answer = await browser.get(at.href)
    at = new URL(answer.headers.get('location') ?? '', at)
  }
  return { back: at, node }
}

describe('a strict OAuth server', () => {
  it('is satisfied, and its account is connected', async () => {
    const { back, node } = await consent()
    expect(back.searchParams.get('iss')).toBe(new URL(back.searchParams.get('iss') ?? '').origin)
    const answer = await node.get(back.href)
    const page = await answer.text()
    expect([answer.status, page.includes('Account ann')]).toEqual([200, true])
    const { content } = bench.open(buttonOf(page) ?? '')
    expect(content.account).toMatchObject({ id: 'ann', name: 'Account ann' })
    expect(reveal(content.tokens!.refreshToken!).length).toBeGreaterThan(20)
    expect(bench.logged()).not.toContain(CLIENT.secret)
  })

  it('is asked for tokens once: its code, replayed at the node, goes nowhere', async () => {
    const { back, node } = await consent()
    expect((await node.get(back.href)).status).toBe(200)
    const before = exchanges
    expect((await node.get(back.href)).status).toBe(400)
    expect(exchanges).toBe(before)
  })

  it('does not get its code sent to another provider (mix-up), and the sign-in is spent', async () => {
    const { back, node } = await consent()
    const before = [exchanges, bench.sandbox.admin.counts().calls.token]
    expect((await node.get(back.href.replace('/auth/strict', '/auth/sandbox'))).status).toBe(400)
    expect((await node.get(back.href)).status).toBe(400)
    expect([exchanges, bench.sandbox.admin.counts().calls.token]).toEqual(before)
  })

  it('refuses a code that is not its own, and the person is told to connect again', async () => {
    const { back, node } = await consent()
    back.searchParams.set('code', 'x'.repeat(43))
    const answer = await node.get(back.href)
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain('connect again')
  })
})
