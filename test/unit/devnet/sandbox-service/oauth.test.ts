import { describe, expect, it } from 'vitest'
import { approve } from '../../../../src/devnet/sandbox-service/index.js'
import {
  authorizeUrl,
  call,
  CALLBACK,
  exchange,
  getCode,
  newVerifier,
  postToken,
  refresh,
  signIn,
  start,
} from './journey.js'

describe('consent', () => {
  it('asks with a page that runs no script and shows people, reasons and the way back', async () => {
    const service = await start()
    const answer = await fetch(authorizeUrl(service, newVerifier()))
    const html = await answer.text()
    expect(answer.status).toBe(200)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('script-src')
    expect(policy).not.toContain('unsafe-inline')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(html).not.toMatch(/<script|<style| style=| on[a-z]+=/i)
    for (const person of service.people) expect(html).toContain(person.name)
    expect(html).toContain('Your calendars')
    expect(html).toContain('http://127.0.0.1:5021')
    for (const asset of ['/assets/sandbox.css', '/assets/sandbox.svg', '/avatars/noor.svg']) {
      expect((await fetch(service.origin + asset)).status).toBe(200)
    }
  })

  it('escapes the name of the application', async () => {
    const service = await start({
      client: { name: '<img src=x onerror=alert(1)>"', redirectUris: [CALLBACK] },
    })
    const html = await (await fetch(authorizeUrl(service, newVerifier()))).text()
    expect(html).not.toContain('<img src=x')
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;')
  })

  it('gives code, state and issuer on Allow', async () => {
    const service = await start()
    const location = new URL(await approve(authorizeUrl(service, newVerifier())))
    expect(location.origin + location.pathname).toBe(CALLBACK)
    expect(location.searchParams.get('state')).toBe('state&"<1>')
    expect(location.searchParams.get('iss')).toBe(service.origin)
    expect(location.searchParams.get('code')).toMatch(/^sbx_code_/)
  })

  it('gives access_denied on Deny', async () => {
    const service = await start()
    const location = new URL(await approve(authorizeUrl(service, newVerifier()), { allow: false }))
    expect(location.searchParams.get('error')).toBe('access_denied')
    expect(location.searchParams.get('state')).toBe('state&"<1>')
    expect(location.searchParams.has('code')).toBe(false)
  })

  it('takes one decision per page', async () => {
    const service = await start()
    const html = await (await fetch(authorizeUrl(service, newVerifier()))).text()
    const request = /name="request" value="([^"]+)"/.exec(html)?.[1] ?? ''
    const decide = () =>
      fetch(`${service.origin}/oauth/authorize`, {
        method: 'POST',
        body: new URLSearchParams({ request, person: 'maya', decision: 'allow' }),
        redirect: 'manual',
      })
    expect((await decide()).status).toBe(303)
    expect((await decide()).status).toBe(400)
  })

  it.each([
    ['an unknown client', { client_id: 'stranger' }],
    ['no client', { client_id: undefined }],
    ['another path', { redirect_uri: `${CALLBACK}/x` }],
    ['another query', { redirect_uri: `${CALLBACK}?a=1` }],
    ['another host', { redirect_uri: 'http://evil.example/auth/sandbox' }],
    ['no redirect address', { redirect_uri: undefined }],
  ])('never redirects for %s', async (_name, changes) => {
    const service = await start()
    const answer = await fetch(authorizeUrl(service, newVerifier(), changes), { redirect: 'manual' })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(await answer.text()).toContain('This cannot go on')
  })

  it('shows a repeated parameter here and echoes nothing', async () => {
    const service = await start()
    const answer = await fetch(`${authorizeUrl(service, newVerifier())}&redirect_uri=http://evil.example`, {
      redirect: 'manual',
    })
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toContain('evil.example')
  })

  it.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_request', { code_challenge_method: undefined }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { code_challenge: 'short' }],
    ['invalid_scope', { scope: 'profile everything' }],
    ['invalid_request', { scope: undefined }],
  ])('tells the application %s', async (error, changes) => {
    const service = await start()
    const answer = await fetch(authorizeUrl(service, newVerifier(), changes), { redirect: 'manual' })
    expect(answer.status).toBe(303)
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.origin + location.pathname).toBe(CALLBACK)
    expect(location.searchParams.get('error')).toBe(error)
    expect(location.searchParams.get('state')).toBe('state&"<1>')
  })
})

describe('the exchange of a code', () => {
  it('gives tokens that open the API', async () => {
    const service = await start({ accessTokenLifeS: 120 })
    const verifier = newVerifier()
    const answer = await exchange(service, await getCode(service, verifier, { person: 'noor' }), verifier)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toMatchObject({ expires_in: 120, scope: 'profile posts followings files calendar' })
    const me = await call(service, answer.body.access_token, '/api/me')
    expect(me.json).toMatchObject({ id: 'noor', name: 'نور حدّاد' })
  })

  it('takes client_secret_basic as well', async () => {
    const service = await start()
    const verifier = newVerifier()
    const code = await getCode(service, verifier)
    const answer = await fetch(`${service.origin}/oauth/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${service.client.id}:${encodeURIComponent(service.client.secret)}`)}`,
      },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: CALLBACK,
        code_verifier: verifier,
      }),
    })
    expect(answer.status).toBe(200)
  })

  it('refuses a wrong verifier, and the code with it', async () => {
    const service = await start()
    const verifier = newVerifier()
    const code = await getCode(service, verifier)
    const wrong = await exchange(service, code, newVerifier())
    expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid_grant'])
    expect((await exchange(service, code, verifier)).body.error).toBe('invalid_grant')
  })

  it('refuses without a verifier', async () => {
    const service = await start()
    const code = await getCode(service, newVerifier())
    const answer = await postToken(service, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    })
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
  })

  it('refuses another redirect address', async () => {
    const service = await start()
    const verifier = newVerifier()
    const code = await getCode(service, verifier)
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: `${CALLBACK}2`,
      code_verifier: verifier,
    }
    expect((await postToken(service, form)).body.error).toBe('invalid_grant')
  })

  it('refuses a replay and ends the tokens of the first use', async () => {
    const service = await start()
    const verifier = newVerifier()
    const code = await getCode(service, verifier)
    const first = (await exchange(service, code, verifier)).body
    expect((await call(service, first.access_token, '/api/me')).status).toBe(200)
    expect((await exchange(service, code, verifier)).body.error).toBe('invalid_grant')
    expect((await call(service, first.access_token, '/api/me')).status).toBe(401)
    expect((await refresh(service, first.refresh_token)).body.error).toBe('invalid_grant')
    expect(service.admin.counts().replays).toBe(1)
  })

  it('refuses a code after 60 seconds', async () => {
    let now = 1_700_000_000_000
    const service = await start({ clock: { now: () => now } })
    const verifier = newVerifier()
    const [early, late] = [await getCode(service, verifier), await getCode(service, verifier)]
    now += 59_999
    expect((await exchange(service, early, verifier)).status).toBe(200)
    now += 1
    expect((await exchange(service, late, verifier)).body.error).toBe('invalid_grant')
  })

  it.each([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['another client', { client_id: 'other' }, 401, 'invalid_client'],
    ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no grant type', { grant_type: '' }, 400, 'invalid_request'],
  ])('answers %s by RFC 6749', async (_name, form, status, error) => {
    const service = await start()
    const answer = await postToken(service, { grant_type: 'authorization_code', ...form })
    expect([answer.status, answer.body.error]).toEqual([status, error])
  })

  it('refuses JSON and repeated parameters', async () => {
    const service = await start()
    const post = async (body: string, type: string) => {
      const answer = await fetch(`${service.origin}/oauth/token`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      })
      return [answer.status, ((await answer.json()) as { error: string }).error]
    }
    expect(await post('{}', 'application/json')).toEqual([400, 'invalid_request'])
    const twice = `client_id=${service.client.id}&client_secret=${service.client.secret}&grant_type=a&grant_type=b`
    expect(await post(twice, 'application/x-www-form-urlencoded')).toEqual([400, 'invalid_request'])
  })
})

describe('refreshing', () => {
  it('rotates: both tokens are new, the old access token lives on', async () => {
    const service = await start()
    const first = await signIn(service)
    const second = (await refresh(service, first.refresh_token)).body
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(second.access_token).not.toBe(first.access_token)
    expect((await call(service, second.access_token, '/api/me')).status).toBe(200)
    expect((await call(service, first.access_token, '/api/me')).status).toBe(200)
    expect(service.admin.counts()).toMatchObject({ refreshes: 1, replays: 0 })
  })

  it('ends the whole family when an old refresh token comes again', async () => {
    const service = await start()
    const first = await signIn(service)
    const other = await signIn(service)
    const second = (await refresh(service, first.refresh_token)).body
    expect((await refresh(service, first.refresh_token)).body.error).toBe('invalid_grant')
    expect((await refresh(service, second.refresh_token)).body.error).toBe('invalid_grant')
    expect((await call(service, second.access_token, '/api/me')).status).toBe(401)
    expect((await call(service, other.access_token, '/api/me')).status).toBe(200)
  })

  it('lets only one of many at once through', async () => {
    const service = await start()
    const { refresh_token: token } = await signIn(service)
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(service, token)))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(service.admin.counts().refreshes).toBe(1)
  })

  it('narrows scopes, never widens them', async () => {
    const service = await start()
    const first = await signIn(service, { without: ['files'] })
    expect(first.scope).toBe('profile posts followings calendar')
    expect((await refresh(service, first.refresh_token, { scope: 'profile files' })).body.error).toBe(
      'invalid_scope',
    )
    const narrow = (await refresh(service, first.refresh_token, { scope: 'profile' })).body
    expect(narrow.scope).toBe('profile')
    expect((await call(service, narrow.access_token, '/api/posts')).status).toBe(403)
  })

  it('follows the expiry of access tokens', async () => {
    let now = 1_700_000_000_000
    const service = await start({ clock: { now: () => now }, accessTokenLifeS: 10 })
    const first = await signIn(service)
    now += 10_000
    const refused = await call(service, first.access_token, '/api/me')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
    const second = (await refresh(service, first.refresh_token)).body
    expect((await call(service, second.access_token, '/api/me')).status).toBe(200)
  })
})

describe('revoking', () => {
  it('ends the grant by its refresh token, and says 200 to unknown tokens', async () => {
    const service = await start()
    const tokens = await signIn(service)
    expect((await postToken(service, { token: 'unknown' }, '/oauth/revoke')).status).toBe(200)
    expect((await call(service, tokens.access_token, '/api/me')).status).toBe(200)
    expect((await postToken(service, { token: tokens.refresh_token }, '/oauth/revoke')).status).toBe(200)
    expect((await call(service, tokens.access_token, '/api/me')).status).toBe(401)
    expect((await refresh(service, tokens.refresh_token)).body.error).toBe('invalid_grant')
  })

  it('ends an access token alone', async () => {
    const service = await start()
    const tokens = await signIn(service)
    await postToken(service, { token: tokens.access_token }, '/oauth/revoke')
    expect((await call(service, tokens.access_token, '/api/me')).status).toBe(401)
    expect((await refresh(service, tokens.refresh_token)).status).toBe(200)
  })

  it('asks for the client’s secret', async () => {
    const service = await start()
    const tokens = await signIn(service)
    const answer = await postToken(
      service,
      { token: tokens.refresh_token, client_secret: 'wrong' },
      '/oauth/revoke',
    )
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect((await call(service, tokens.access_token, '/api/me')).status).toBe(200)
  })
})

describe('a bearer token', () => {
  it('is needed, in the header only, with the scope of the route', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service, { without: ['calendar'] })
    expect((await fetch(`${service.origin}/api/me`)).status).toBe(401)
    expect((await fetch(`${service.origin}/api/me?access_token=${token}`)).status).toBe(400)
    const refused = await call(service, token, '/api/calendars')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope')
  })
})
