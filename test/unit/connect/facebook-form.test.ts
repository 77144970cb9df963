/** The form of OAuth that Facebook speaks: commas, no PKCE, a version in the address, a longer token by a second exchange. */
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider as facebook } from '../../../providers/facebook/index.js'
import { Redacted, reveal } from '../../../src/lib/redacted.js'
import { defineProvider, origin, readAnswer, secret, text, z } from '../../../src/provider/index.js'
import { grants } from '../../../src/store/index.js'
import { closed, listen, openBench, owner, vaultKey, type ConnectBench } from './bench.js'
import { buttonOf, locationOf, openBrowser } from './browser.js'

/** Longer than a capsule may carry through a URL. */
const LONG_TOKEN = 'long-lived-'.padEnd(4_000, 'x')

const graph = defineProvider({
  id: 'graph',
  label: 'Graph',
  description: 'Speaks as Facebook does.',
  category: 'development',
  homepage: 'https://graph.example',
  icon: '',
  revision: 1,
  hosts: ['setting:origin'],
  settings: { origin: origin(), clientId: text(), clientSecret: secret() },
  auth: [
    {
      kind: 'oauth2',
      strategy: 'facebook',
      authorize: ({ origin }) => `${origin}/v23.0/dialog/oauth`,
      token: ({ origin }) => `${origin}/v23.0/oauth/access_token`,
      scopeJoin: ',',
      pkce: false,
      refresh: false,
      scopes: { public_profile: 'To show the account', user_posts: 'To copy posts' },
      exchange: (_settings, accessToken) => ({
        grant_type: 'fb_exchange_token',
        fb_exchange_token: accessToken,
      }),
    },
  ],
  account: async (http, { settings }) =>
    readAnswer(z.object({ id: z.string(), name: z.string() }), await http.get(`${settings.origin}/v23.0/me`)),
  revoke: { unsupported: 'not tried here' },
  streams: [],
})

let bench: ConnectBench
let server: Awaited<ReturnType<typeof listen>>['server']
const forms: Record<string, string>[] = []
let longToken = 'long-lived'

beforeAll(async () => {
  const listening = await listen()
  server = listening.server
  const app = express().use(express.urlencoded({ extended: false }))
  app.post('/v23.0/oauth/access_token', (req, res) => {
    const form = req.body as Record<string, string>
    forms.push(form)
    const isExchange = form['grant_type'] === 'fb_exchange_token'
    res.json({
      access_token: isExchange ? longToken : 'short-lived',
      token_type: 'bearer',
      expires_in: 5_184_000,
    })
  })
  app.get('/v23.0/me', (req, res) => {
    if (req.get('authorization') !== `Bearer ${longToken}`) return void res.status(401).json({})
    res.json({ id: '10', name: 'Ann' })
  })
  listening.serve(app)
  bench = await openBench({
    providers: () => [
      {
        provider: graph,
        settings: { origin: listening.origin, clientId: 'app', clientSecret: new Redacted('app-secret') },
        missingSettings: [],
      },
      {
        provider: { ...facebook, icon: '' },
        settings: { clientId: 'app', clientSecret: new Redacted('app-secret') },
        missingSettings: [],
      },
    ],
  })
})
afterAll(async () => {
  await bench.close()
  await closed(server)
})

async function begin(provider: string) {
  const browser = openBrowser()
  const query = new URLSearchParams({ did: owner, key: vaultKey.toString('hex') })
  const location = locationOf(await browser.get(`${bench.origin}/connect/${provider}?${query.toString()}`))
  return { browser, location, state: location.searchParams.get('state') ?? '' }
}

describe('the form of Facebook', () => {
  it('names its version, joins scopes by commas and sends no PKCE', async () => {
    const { location } = await begin('facebook')
    expect(location.origin + location.pathname).toMatch(
      /^https:\/\/www\.facebook\.com\/v\d\d\.0\/dialog\/oauth$/,
    )
    expect(Object.keys(Object.fromEntries(location.searchParams)).sort()).toEqual([
      'client_id',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ])
    expect(location.searchParams.get('scope')).toMatch(/^public_profile,/)
  })

  it('exchanges the first token for the longer one before anything else, and keeps only that', async () => {
    const { browser, state } = await begin('graph')
    const page = await (await browser.get(`${bench.origin}/auth/graph?code=abc&state=${state}`)).text()
    expect(forms.map((form) => form['grant_type'])).toEqual(['authorization_code', 'fb_exchange_token'])
    expect(forms[0]).toMatchObject({
      code: 'abc',
      client_id: 'app',
      client_secret: 'app-secret',
      redirect_uri: `${bench.origin}/auth/graph`,
    })
    const { content } = bench.open(buttonOf(page) ?? '')
    expect(reveal(content.tokens!.accessToken)).toBe('long-lived')
    expect(content.tokens!.expiresAtMs).toBeGreaterThan(Date.now() + 59 * 86_400_000)
  })

  it('keeps tokens that are too long for a URL sealed here, and the capsules only name them', async () => {
    longToken = LONG_TOKEN
    const { browser, state } = await begin('graph')
    const page = await (await browser.get(`${bench.origin}/auth/graph?code=abc&state=${state}`)).text()
    const link = buttonOf(page) ?? ''
    expect(link.length).toBeLessThan(2_000)
    const { content, grantId } = bench.open(link)
    expect(content.tokens).toBeUndefined()
    const sealed = (await grants.get(bench.store.db, grantId))?.tokensSealed
    expect(sealed).toMatch(/^g1\./)
    expect(sealed).not.toContain('long-lived')
  })

  it('understands a refusal that has a number and no name', async () => {
    const { browser, state } = await begin('graph')
    const back = `${bench.origin}/auth/graph?error_code=1349126&error_message=marker-of-facebook&state=${state}`
    const answer = await browser.get(back)
    expect(answer.status).toBe(409)
    expect(await answer.text()).not.toContain('marker-of-facebook')
    expect(bench.logged()).not.toContain('marker-of-facebook')
    expect((await browser.get(back)).status).toBe(400)
  })

  it('gets no code of a sign-in that began at another provider, though nothing in the answer names one', async () => {
    const { browser, state } = await begin('sandbox')
    const before = forms.length
    const answer = await browser.get(`${bench.origin}/auth/graph?code=abc&state=${state}`)
    expect([answer.status, forms.length]).toEqual([400, before])
  })
})
