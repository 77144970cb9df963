import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, type Decision } from '../../../src/devnet/sandbox-service/index.js'
import { reveal } from '../../../src/lib/redacted.js'
import { connections, grants } from '../../../src/store/index.js'
import { openBench, owner, vaultKey, VAULT, type ConnectBench } from '../connect/bench.js'
import { askAs, buttonOf, locationOf, openBrowser, type Browser } from '../connect/browser.js'

let bench: ConnectBench
beforeAll(async () => {
  bench = await openBench({ redirectOrigins: ['http://localhost:3000'] })
})
afterAll(() => bench.close())

const connectUrl = (query: Record<string, string> = {}, provider = 'sandbox'): string =>
  `${bench.origin}/connect/${provider}?${new URLSearchParams({ did: owner, key: vaultKey.toString('hex'), ...query }).toString()}`

/** From the connect link to where the provider sends the browser back to. */
async function consent(
  browser: Browser,
  query?: Record<string, string>,
  decision?: Decision,
): Promise<string> {
  return approve(locationOf(await browser.get(connectUrl(query))).href, decision)
}

async function connect(browser = openBrowser(), query?: Record<string, string>, decision?: Decision) {
  const back = await consent(browser, query, decision)
  const answer = await browser.get(back)
  const page = await answer.text()
  return { answer, page, link: buttonOf(page), back }
}

const rows = async (): Promise<{ grants: number; connections: number; states: number; codes: number }> => ({
  grants: (await grants.listByOwner(bench.store.db, owner, 'sandbox')).length,
  connections: (await connections.listByOwner(bench.store.db, owner)).length,
  states: (await bench.store.db.selectFrom('oauthStates').selectAll().execute()).length,
  codes: (await bench.store.db.selectFrom('redeemCodes').selectAll().execute()).length,
})

describe('the way out', () => {
  it('asks the provider with state, PKCE S256, all declared scopes and one redirect address, whatever host is named', async () => {
    const answer = await askAs('evil.test', connectUrl())
    expect(answer.statusCode).toBe(302)
    const { origin, searchParams } = new URL(answer.headers.location ?? '')
    expect(origin).toBe(bench.sandbox.origin)
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'connector-node',
      response_type: 'code',
      redirect_uri: `${bench.origin}/auth/sandbox`,
      scope: 'profile posts followings files calendar',
      state: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
      code_challenge_method: 'S256',
    })
  })

  it('binds the sign-in to a cookie that no script reads, and keeps only hashes and sealed values', async () => {
    const browser = openBrowser()
    const answer = await browser.get(connectUrl())
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^cn-browser=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/)
    const kept = JSON.stringify(await bench.store.db.selectFrom('oauthStates').selectAll().execute())
    for (const secret of [
      locationOf(answer).searchParams.get('state') ?? '?',
      browser.cookies().split('=')[1] ?? '?',
      vaultKey.toString('hex'),
    ])
      expect(kept).not.toContain(secret)
  })

  it.each([
    ['an unknown provider', () => connectUrl({}, 'nobody'), 404, 'PROVIDER_UNKNOWN'],
    ['4 kB of path', () => connectUrl({}, 'a'.repeat(4096)), 404, 'PROVIDER_UNKNOWN'],
    [
      'a path with markup',
      () => connectUrl({}, '%3Cscript%3Ealert(1)%3C%2Fscript%3E'),
      404,
      'PROVIDER_UNKNOWN',
    ],
    ['malformed percent-encoding', () => connectUrl({}, '%E0%A4%A'), 400, 'REQUEST_INVALID'],
    ['a path out of the tree', () => connectUrl({}, '..%2f..%2fetc'), 404, 'PROVIDER_UNKNOWN'],
    ['a name of all objects', () => connectUrl({}, '__proto__'), 404, 'PROVIDER_UNKNOWN'],
    ['a malformed DID', () => connectUrl({ did: 'did:web:<b>x</b>' }), 400, 'DID_INVALID'],
    ['no DID', () => connectUrl({ did: '' }), 400, 'DID_INVALID'],
    ['a key that is too short', () => connectUrl({ key: 'abcd' }), 400, 'KEY_INVALID'],
    ['a repeated DID', () => `${connectUrl()}&did=${owner}`, 400, 'REQUEST_INVALID'],
    ['an operator in a parameter', () => `${connectUrl({ did: '' })}&did[$ne]=1`, 400, 'DID_INVALID'],
    ['control characters', () => connectUrl({ did: `${owner}\r\nSet-Cookie: a=b` }), 400, 'REQUEST_INVALID'],
    ['a redirect elsewhere', () => connectUrl({ redirect: 'https://evil.test/' }), 400, 'REDIRECT_REFUSED'],
    [
      'a redirect that only begins right',
      () => connectUrl({ redirect: 'http://localhost:3000.evil.test/' }),
      400,
      'REDIRECT_REFUSED',
    ],
    [
      'a redirect with a user in it',
      () => connectUrl({ redirect: 'http://a:b@localhost:3000/' }),
      400,
      'REDIRECT_REFUSED',
    ],
    [
      'a redirect to a script',
      () => connectUrl({ redirect: 'javascript:alert(1)' }),
      400,
      'REDIRECT_REFUSED',
    ],
    ['flow=code without a challenge', () => connectUrl({ flow: 'code' }), 400, 'REQUEST_INVALID'],
    [
      'a challenge without flow=code',
      () => connectUrl({ challenge: 'a'.repeat(43) }),
      400,
      'REQUEST_INVALID',
    ],
    ['a flow of another name', () => connectUrl({ flow: 'token' }), 400, 'REQUEST_INVALID'],
  ])(
    'refuses %s with a page, or a stable code, and repeats nothing of it',
    async (_what, url, status, code) => {
      const before = await rows()
      const shown = await openBrowser().get(url())
      const page = await shown.text()
      expect(shown.status).toBe(status)
      expect(shown.headers.get('content-type')).toMatch(/^text\/html/)
      expect(shown.headers.getSetCookie()).toEqual([])
      expect(page).not.toMatch(/evil|alert\(|<b>|\$ne|aaaa|etc/)
      const told = await fetch(url(), { redirect: 'manual' })
      expect(told.status).toBe(status)
      expect(await told.json()).toMatchObject({ error: { code } })
      expect(await rows()).toEqual(before)
    },
  )

  it('begins at the address of PUBLIC_URL when asked by another name of this machine', async () => {
    const answer = await openBrowser().get(connectUrl().replace('127.0.0.1', 'localhost'))
    expect(answer.headers.get('location')).toBe(connectUrl())
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('the way back', () => {
  it('shows whose account it is and one button: the exact deep link with two capsules', async () => {
    const { answer, page, link = '' } = await connect()
    expect(answer.status).toBe(200)
    expect(page).toContain(bench.sandbox.people[0]?.name)
    const { searchParams } = new URL(link)
    expect(link).toBe(
      `${VAULT}?provider=sandbox&accessToken=${searchParams.get('accessToken') ?? ''}&refreshToken=${searchParams.get('refreshToken') ?? ''}`,
    )
    // The old Vault puts them raw into an address: nothing in them may need encoding.
    expect(link).toMatch(/accessToken=[A-Za-z0-9_-]{60,}&refreshToken=[A-Za-z0-9_-]{60,}$/)
    const { content, grantId } = bench.open(link)
    expect(content.account?.id).toBe('maya')
    expect(reveal(content.tokens!.accessToken)).toMatch(/^sbx_/)
    expect(content.tokens?.scopes).toEqual(['profile', 'posts', 'followings', 'files', 'calendar'])
    const grant = await grants.get(bench.store.db, grantId)
    expect(grant).toMatchObject({ did: owner, provider: 'sandbox', generation: 1, tokensSealed: null })
    expect(() => bench.open(link, Buffer.alloc(32, 1))).toThrow('TOKEN_REVOKED')
  })

  it('has the headers of a page that nothing else may read, frame or keep', async () => {
    const { answer, page } = await connect()
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/default-src 'none'/)
    expect(policy).toMatch(/frame-ancestors 'none'/)
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page).not.toMatch(/<script(?![^>]* src="\/)|style=|(src|rel="stylesheet" href)="http/)
    expect(page).not.toContain('sbx_')
  })

  it('keeps a connection that was tested, and connecting again makes no second one', async () => {
    await connect()
    await connect()
    const all = await connections.listByOwner(bench.store.db, owner)
    expect(all).toHaveLength(1)
    expect(all[0]).toMatchObject({ custody: 'vault', destination: 'vault', status: 'tested' })
  })

  it('works once: a reloaded callback asks nothing of the provider and leaves nothing', async () => {
    const browser = openBrowser()
    const { back } = await connect(browser)
    const before = await rows()
    const calls = bench.sandbox.admin.counts().calls.token
    const again = await browser.get(back)
    expect(again.status).toBe(400)
    expect(await again.text()).toContain('already used')
    const asProgram = await browser.get(back, { accept: 'application/json' })
    expect(await asProgram.json()).toMatchObject({ error: { code: 'STATE_UNKNOWN' } })
    expect(bench.sandbox.admin.counts().calls.token).toBe(calls)
    expect(await rows()).toEqual(before)
  })

  it('gives one connection to two callbacks at the same moment', async () => {
    const browser = openBrowser()
    const back = await consent(browser)
    const answers = await Promise.all([browser.get(back), browser.get(back), browser.get(back)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
  })

  it('works in two tabs at once', async () => {
    const browser = openBrowser()
    const first = await consent(browser)
    const second = await consent(browser, {}, { person: bench.sandbox.people[1]!.id })
    expect((await browser.get(first)).status).toBe(200)
    expect((await browser.get(second)).status).toBe(200)
  })

  it('works at another process than the one that began, with nothing shared but the store', async () => {
    const browser = openBrowser()
    const back = await consent(browser)
    const other = await bench.second()
    expect((await browser.get(back.replace(bench.origin, other.origin))).status).toBe(200)
  })

  it.each(['/auth/sandbox', '/callback/sandbox', '/providers/sandbox/callback'])(
    'is served at %s',
    async (path) => {
      const browser = openBrowser()
      const back = await consent(browser)
      expect((await browser.get(back.replace('/auth/sandbox', path))).status).toBe(200)
    },
  )

  it.each<[string, (back: URL, browser: Browser) => Promise<Response> | Response, number, RegExp]>([
    ['another browser', (back) => openBrowser().get(back.href), 400, /already used/],
    [
      'a wrong state',
      (back, browser) => {
        back.searchParams.set('state', 'x'.repeat(43))
        return browser.get(back.href)
      },
      400,
      /already used/,
    ],
    [
      'no state',
      (back, browser) => {
        back.searchParams.delete('state')
        return browser.get(back.href)
      },
      400,
      /already used/,
    ],
    ['a repeated code', (back, browser) => browser.get(`${back.href}&code=1`), 400, /not right/],
    [
      'the answer of another server (iss)',
      (back, browser) => {
        back.searchParams.set('iss', 'https://other.test')
        return browser.get(back.href)
      },
      400,
      /already used/,
    ],
    [
      'no iss where one is declared',
      (back, browser) => {
        back.searchParams.delete('iss')
        return browser.get(back.href)
      },
      400,
      /already used/,
    ],
    [
      'no code',
      (back, browser) => {
        back.searchParams.delete('code')
        return browser.get(back.href)
      },
      409,
      /did not work/,
    ],
  ])('refuses %s before any code is sent', async (_what, send, status, text) => {
    const before = await rows()
    const calls = bench.sandbox.admin.counts().calls.token
    const browser = openBrowser()
    const back = new URL(await consent(browser))
    const answer = await send(back, browser)
    expect(answer.status).toBe(status)
    expect(await answer.text()).toMatch(text)
    expect(bench.sandbox.admin.counts().calls.token).toBe(calls)
    expect((await rows()).grants).toBe(before.grants)
  })

  it('refuses a sign-in that took longer than ten minutes', async () => {
    const browser = openBrowser()
    const [back, other] = [await consent(browser), await consent(browser)]
    bench.clock.add(10 * 60_000 + 1)
    const answer = await browser.get(back)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('too long')
    const asProgram = await browser.get(other, { accept: 'application/json' })
    expect(await asProgram.json()).toMatchObject({ error: { code: 'STATE_EXPIRED' } })
  })

  it('ends the attempt when the person refuses, shows nothing of the provider’s text, and leaves nothing', async () => {
    const before = await rows()
    const browser = openBrowser()
    const back = new URL(await consent(browser, {}, { allow: false }))
    back.searchParams.set('error_description', '<script>alert(1)</script> marker-text')
    const answer = await browser.get(back.href)
    expect(answer.status).toBe(403)
    const page = await answer.text()
    expect(page).toContain('Not connected')
    expect(page).not.toMatch(/marker-text|alert\(/)
    expect(bench.logged()).not.toContain('marker-text')
    expect(await rows()).toEqual(before)
    expect((await browser.get(back.href)).status).toBe(400)
  })

  it('does not believe a refusal without the state', async () => {
    const browser = openBrowser()
    const back = await consent(browser)
    const forged = await browser.get(
      `${bench.origin}/auth/sandbox?error=access_denied&state=${'x'.repeat(43)}`,
    )
    expect(forged.status).toBe(400)
    expect((await browser.get(back)).status).toBe(200)
  })

  it.each([
    ['token', { kind: 'status', status: 500 }, 503],
    ['me', { kind: 'unauthorized' }, 409],
  ] as const)('leaves nothing when the provider fails at %s', async (route, fault, status) => {
    const before = await rows()
    const browser = openBrowser()
    const back = await consent(browser)
    bench.sandbox.admin.setFault({ route, fault, times: 10 })
    const answer = await browser.get(back)
    bench.sandbox.admin.clearFaults()
    expect(answer.status).toBe(status)
    expect(await rows()).toEqual(before)
  })

  it('says which permissions were not given, and connects with the rest', async () => {
    const { page, link = '' } = await connect(openBrowser(), {}, { without: ['posts', 'calendar'] })
    expect(page).toContain('To copy your posts')
    expect(page).not.toContain('To copy the list of your files')
    expect(bench.open(link).content.tokens?.scopes).toEqual(['profile', 'followings', 'files'])
  })

  it('leads to a redirect of an allowed origin with the same three parameters', async () => {
    const { link = '', page } = await connect(openBrowser(), {
      redirect: 'http://localhost:3000/connections?tab=1',
    })
    expect(link).toMatch(
      /^http:\/\/localhost:3000\/connections\?tab=1&provider=sandbox&accessToken=[\w-]+&refreshToken=[\w-]+$/,
    )
    expect(page).toContain('Continue to localhost:3000')
  })

  it('keeps the fingerprint of the key only when a key was given', async () => {
    const { link = '' } = await connect(openBrowser(), { key: 'undefined' })
    const { grantId, fingerprint } = bench.open(link)
    expect(fingerprint).toBe('')
    expect((await grants.get(bench.store.db, grantId))?.keyFingerprint).toBeNull()
  })

  it('logs no token, key, code, state or capsule', async () => {
    const { link = '', back } = await connect()
    const { searchParams } = new URL(link)
    const returned = new URL(back).searchParams
    for (const secret of [
      searchParams.get('accessToken'),
      searchParams.get('refreshToken'),
      returned.get('code'),
      returned.get('state'),
      vaultKey.toString('hex'),
    ])
      expect(bench.logged()).not.toContain(secret ?? '?')
    expect(bench.logged()).not.toContain('sbx_')
  })
})
