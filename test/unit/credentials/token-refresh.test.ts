/** Token endpoints: against the sandbox service, and against servers that misbehave. */
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import { describe, expect, it } from 'vitest'
import { provider as sandbox } from '../../../providers/sandbox/index.js'
import {
  exchangeCode,
  exchangeTokens,
  refreshTokens,
  type TokenPorts,
} from '../../../src/credentials/token-refresh.js'
import type { SandboxService } from '../../../src/devnet/sandbox-service/index.js'
import { createLog } from '../../../src/lib/log.js'
import { NO_FIELDS, Redacted, reveal, type Tokens, type UsableProvider } from '../../../src/provider/index.js'
import { CALLBACK, call, getCode, newVerifier, start } from '../devnet/sandbox-service/journey.js'
import { client, network, serve, settingsFor, testProvider, type Service } from '../outbound/service.js'

const NOW = Date.UTC(2030, 0, 1)

function ports(lines: string[] = [], more: Partial<TokenPorts> = {}): TokenPorts {
  return {
    clock: { now: () => NOW },
    log: createLog({ level: 'trace', json: true, write: (line) => void lines.push(line) }),
    network: network(),
    ...more,
  }
}

const held = (more: Partial<Tokens> = {}): Tokens => ({
  accessToken: new Redacted('CANARY-OLD-ACCESS'),
  refreshToken: new Redacted('CANARY-OLD-REFRESH'),
  expiresAtMs: NOW - 1,
  scopes: ['posts'],
  ...more,
})

/** Tokens as they are, to compare. */
const shown = ({ accessToken, refreshToken, ...rest }: Tokens) => ({
  access: reveal(accessToken),
  refresh: refreshToken && reveal(refreshToken),
  ...rest,
})

interface Received {
  readonly authorization: string | undefined
  readonly form: Readonly<Record<string, string>>
}

/** A token endpoint that answers as told and notes what it was sent. */
async function endpoint(
  status: number,
  body: string | object,
  headers: Record<string, string> = {},
): Promise<Service & { readonly received: Received[] }> {
  const received: Received[] = []
  const service = await serve((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      received.push({
        authorization: request.headers.authorization,
        form: Object.fromEntries(new URLSearchParams(text)),
      })
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  return { ...service, received }
}

const useOf = (
  service: Pick<Service, 'origin'>,
  auth: object = {},
  facts: Parameters<typeof testProvider>[0] = {},
): UsableProvider => {
  const provider = testProvider(facts)
  return {
    provider: { ...provider, auth: [{ ...provider.auth[0], ...auth }] },
    settings: settingsFor(service.origin),
  }
}

const FRESH = { access_token: 'new access', token_type: 'Bearer' }

describe('at the sandbox service', () => {
  const useSandbox = (service: SandboxService): UsableProvider => ({
    provider: sandbox,
    settings: {
      origin: service.origin,
      clientId: service.client.id,
      clientSecret: new Redacted(service.client.secret),
    },
  })

  async function connect(service: SandboxService): Promise<Tokens> {
    const verifier = newVerifier()
    const code = await getCode(service, verifier, { without: ['files'] })
    return exchangeCode(ports(), useSandbox(service), { code, redirectUri: CALLBACK, verifier })
  }

  it('a code becomes tokens with their end and their scopes', async () => {
    const service = await start()
    const tokens = await connect(service)
    expect((await call(service, reveal(tokens.accessToken), '/api/me')).status).toBe(200)
    expect(tokens.expiresAtMs).toBe(NOW + 3_600_000)
    expect(tokens.scopes).toEqual(['profile', 'posts', 'followings', 'calendar'])
  })

  it('a code with another verifier, and a code that was used, are CODE_REJECTED', async () => {
    const service = await start()
    const verifier = newVerifier()
    const code = await getCode(service, verifier)
    const grant = { code, redirectUri: CALLBACK, verifier: newVerifier() }
    const rejected = { code: 'CODE_REJECTED' }
    await expect(exchangeCode(ports(), useSandbox(service), grant)).rejects.toMatchObject(rejected)
    await expect(exchangeCode(ports(), useSandbox(service), { ...grant, verifier })).rejects.toMatchObject(
      rejected,
    )
  })

  it('each refresh gives the next refresh token, and an old one ends the grant', async () => {
    const service = await start()
    const first = await connect(service)
    const second = await refreshTokens(ports(), useSandbox(service), first)
    const third = await refreshTokens(ports(), useSandbox(service), second)
    expect(new Set([first, second, third].map((one) => shown(one).refresh)).size).toBe(3)
    expect((await call(service, reveal(third.accessToken), '/api/me')).status).toBe(200)
    expect(service.admin.counts()).toMatchObject({ refreshes: 2, replays: 0 })
    await expect(refreshTokens(ports(), useSandbox(service), first)).rejects.toMatchObject({
      code: 'TOKEN_REVOKED',
    })
    expect(service.admin.counts().replays).toBe(1)
    await expect(refreshTokens(ports(), useSandbox(service), third)).rejects.toMatchObject({
      code: 'TOKEN_REVOKED',
    })
  })

  it.each([
    ['503 for now', { kind: 'status', status: 503, retryAfterS: 9 }, 'RATE_LIMITED'],
    ['429', { kind: 'status', status: 429, retryAfterS: 9 }, 'RATE_LIMITED'],
    ['500', { kind: 'status', status: 500 }, 'PROVIDER_DOWN'],
    ['a reset', { kind: 'reset' }, 'PROVIDER_DOWN'],
    ['a cut answer', { kind: 'cut' }, 'PROVIDER_DOWN'],
    ['a web page', { kind: 'html' }, 'PROVIDER_CHANGED'],
    ['half of an answer', { kind: 'truncated' }, 'PROVIDER_CHANGED'],
  ] as const)('%s is no word about the grant, and is asked once', async (_what, fault, code) => {
    const service = await start()
    const tokens = await connect(service)
    service.admin.resetCounts()
    service.admin.setFault({ route: 'token', fault, times: 10 })
    await expect(refreshTokens(ports(), useSandbox(service), tokens)).rejects.toMatchObject({
      code,
      ...(code === 'RATE_LIMITED' && { retryAfterMs: 9_000 }),
    })
    expect(service.admin.counts().calls.token).toBe(1)
  })

  it('no answer in time is PROVIDER_DOWN', async () => {
    const service = await start()
    const tokens = await connect(service)
    service.admin.setFault({ route: 'token', fault: { kind: 'hang' } })
    const impatient = ports([], { caps: { headersMs: 50 } })
    await expect(refreshTokens(impatient, useSandbox(service), tokens)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
    })
  })

  it('an access token that ended is refreshed once for many calls, and all are answered', async () => {
    const service = await start()
    const use = useSandbox(service)
    let tokens = await connect(service)
    let refreshing: Promise<Redacted> | undefined
    const refreshOnce = async (): Promise<Redacted> => {
      tokens = await refreshTokens(ports(), use, tokens)
      return tokens.accessToken
    }
    const http = client(service, {
      ...use,
      tokenSource: {
        current: async () => tokens.accessToken,
        refresh: () => (refreshing ??= refreshOnce().finally(() => (refreshing = undefined))),
      },
    })
    await service.admin.expireAccessTokens()
    const accounts = await Promise.all(
      Array.from({ length: 50 }, () => sandbox.account(http, { settings: use.settings, fields: NO_FIELDS })),
    )
    expect(new Set(accounts.map(({ id }) => id))).toEqual(new Set(['maya']))
    expect(service.admin.counts()).toMatchObject({ refreshes: 1, replays: 0 })
  })

  it('a wrong client secret is the node’s fault and does not end the grant', async () => {
    const service = await start()
    const tokens = await connect(service)
    const use = useSandbox(service)
    const wrong = { ...use, settings: { ...use.settings, clientSecret: new Redacted('wrong') } }
    await expect(refreshTokens(ports(), wrong, tokens)).rejects.toMatchObject({
      code: 'PROVIDER_NOT_CONFIGURED',
    })
    expect((await refreshTokens(ports(), use, tokens)).refreshToken).toBeDefined()
  })
})

describe('the answer to a refresh', () => {
  it('keeps what it leaves out, but never the end of the old token', async () => {
    const service = await endpoint(200, FRESH)
    expect(shown(await refreshTokens(ports(), useOf(service), held()))).toEqual({
      kind: 'oauth2',
      access: 'new access',
      refresh: 'CANARY-OLD-REFRESH',
      scopes: ['posts'],
    })
  })

  it.each([
    ['a number', 60, NOW + 60_000],
    ['a number in a text', '60', NOW + 60_000],
    ['no number', 'soon', undefined],
    ['an empty text', '', undefined],
    ['null', null, undefined],
    ['zero', 0, undefined],
    ['below zero', -5, undefined],
    ['beyond time', 1e15, undefined],
    ['a list', [60], undefined],
  ])('has an end that is read or left out, never NaN: %s', async (_what, expires_in, expiresAtMs) => {
    const service = await endpoint(200, { ...FRESH, expires_in })
    expect((await refreshTokens(ports(), useOf(service), held())).expiresAtMs).toBe(expiresAtMs)
  })

  it.each([
    ['spaces', 'a b  c', ' ', ['a', 'b', 'c']],
    ['commas where they were asked with commas', 'a,b, c', ',', ['a', 'b', 'c']],
    ['spaces where they were asked with commas', 'a b', ',', ['a', 'b']],
    ['commas where they were asked with spaces', 'a,b', ' ', ['a', 'b']],
    ['a list', ['a', 'b'], ' ', ['a', 'b']],
    ['nothing', '', ' ', ['posts']],
    ['another form', { a: 1 }, ' ', ['posts']],
  ])('names scopes by %s', async (_what, scope, scopeJoin, scopes) => {
    const service = await endpoint(200, { ...FRESH, scope })
    expect((await refreshTokens(ports(), useOf(service, { scopeJoin }), held())).scopes).toEqual(scopes)
  })

  it.each([
    ['no token', { token_type: 'Bearer' }],
    ['an empty token', { access_token: '' }],
    ['a number as token', { access_token: 7 }],
    ['a refresh token of another form', { ...FRESH, refresh_token: 7 }],
    ['a list', []],
    ['nothing', ''],
    ['a form', 'access_token=a&expires_in=5'],
  ])('that holds %s is PROVIDER_CHANGED', async (_what, body) => {
    const service = await endpoint(200, body)
    await expect(refreshTokens(ports(), useOf(service), held())).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
  })

  it.each([
    [400, { error: 'invalid_grant' }, 'TOKEN_REVOKED'],
    [401, { error: 'invalid_grant' }, 'TOKEN_REVOKED'],
    [403, { error: 'invalid_grant' }, 'TOKEN_REVOKED'],
    [400, { error: { code: 190 } }, 'TOKEN_REVOKED'],
    [401, {}, 'TOKEN_REVOKED'],
    [200, { error: 'bad_refresh_token' }, 'TOKEN_REVOKED'],
    [401, { error: 'invalid_client' }, 'PROVIDER_NOT_CONFIGURED'],
    [400, { error: 'unauthorized_client' }, 'PROVIDER_NOT_CONFIGURED'],
    [400, { error: 'temporarily_unavailable' }, 'PROVIDER_DOWN'],
    [500, { error: 'invalid_grant' }, 'PROVIDER_DOWN'],
    [429, { error: 'invalid_grant' }, 'RATE_LIMITED'],
    [400, '<html>blocked</html>', 'PROVIDER_CHANGED'],
    [403, '<html>blocked</html>', 'PROVIDER_CHANGED'],
    [404, {}, 'PROVIDER_CHANGED'],
    [302, '', 'PROVIDER_CHANGED'],
  ])('%i %j is %s', async (status, body, code) => {
    const service = await endpoint(status, body, status === 302 ? { location: '/elsewhere' } : {})
    await expect(refreshTokens(ports(), useOf(service), held())).rejects.toMatchObject({ code })
    expect(service.received).toHaveLength(1)
  })

  it('is read by the provider first: a limit told with status 400 is no end of the grant', async () => {
    const service = await endpoint(400, { error: { code: 4 } })
    const use = useOf(service, {}, { classify: () => ({ code: 'RATE_LIMITED', retryAfterMs: 5 }) })
    await expect(refreshTokens(ports(), use, held())).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 5,
    })
  })
})

describe('a refresh', () => {
  it('is not tried without a refresh token, or where none are taken', async () => {
    const service = await endpoint(200, FRESH)
    const without = { accessToken: held().accessToken }
    const revoked = { code: 'TOKEN_REVOKED' }
    await expect(refreshTokens(ports(), useOf(service), without)).rejects.toMatchObject(revoked)
    await expect(refreshTokens(ports(), useOf(service, { refresh: false }), held())).rejects.toMatchObject(
      revoked,
    )
    expect(service.received).toEqual([])
  })

  it('names the client in the form', async () => {
    const service = await endpoint(200, FRESH)
    await refreshTokens(ports(), useOf(service), held())
    expect(service.received).toEqual([
      {
        authorization: undefined,
        form: {
          client_id: 'the client',
          client_secret: 'the+secret',
          grant_type: 'refresh_token',
          refresh_token: 'CANARY-OLD-REFRESH',
        },
      },
    ])
  })

  it('names the client in the header when the provider asks for that, form-encoded', async () => {
    const service = await endpoint(200, FRESH)
    await refreshTokens(ports(), useOf(service, { clientAuth: 'basic' }), held())
    const [sent] = service.received
    expect(Object.keys(sent!.form)).toEqual(['grant_type', 'refresh_token'])
    expect(Buffer.from(sent!.authorization!.slice(6), 'base64').toString()).toBe('the+client:the%2Bsecret')
  })

  it('ends at once on abort, with its reason', async () => {
    const stop = new AbortController()
    const service = await serve(() => stop.abort(new Error('the node stops')))
    const stopping = ports([], { signal: stop.signal })
    await expect(refreshTokens(stopping, useOf(service), held())).rejects.toThrow('the node stops')
  })

  it('goes to the declared token endpoint only, at public addresses', async () => {
    const use = useOf({ origin: 'http://127.0.0.1:1' }, { token: 'https://login.test/token' })
    const inner = network({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
    await expect(refreshTokens(ports([], { network: inner }), use, held())).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('not a public address') as string,
    })
    const plain = useOf({ origin: 'http://127.0.0.1:1' }, { token: 'http://login.test/token' })
    await expect(refreshTokens(ports(), plain, held())).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })
})

describe('a sign-in of the service’s own form', () => {
  it('adds its fields to the code exchange, and reads an end that is told as a time', async () => {
    const received: string[] = []
    const service = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => received.push(text))
      request.on('end', () =>
        response.end(
          JSON.stringify({ access_token: 'hour', expires_at: new Date(NOW + 90_000).toISOString() }),
        ),
      )
    })
    const use = useOf(service, {
      codeParams: { expiring: '1', grant_type: 'other' },
      readToken: ({ expires_at: end, ...answer }: JsonObject, nowMs: number): JsonObject => ({
        ...answer,
        expires_in: (Date.parse(end as string) - nowMs) / 1_000,
      }),
    })
    const tokens = await exchangeCode(ports(), use, { code: 'c', redirectUri: 'https://node.test/cb' })
    expect(shown(tokens)).toMatchObject({ access: 'hour', expiresAtMs: NOW + 90_000 })
    // What the standard names is the node's.
    expect(Object.fromEntries(new URLSearchParams(received[0]))).toMatchObject({
      expiring: '1',
      grant_type: 'authorization_code',
      code: 'c',
    })
  })
})

describe('the extra exchange', () => {
  const exchange = (settings: { readonly clientId: string }, token: Redacted) => ({
    grant_type: 'longer',
    client_id: settings.clientId,
    old: token,
  })

  it('follows the code exchange and keeps what its answer leaves out', async () => {
    const received: string[] = []
    const service = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => received.push(text))
      request.on('end', () => {
        const first = { access_token: 'short', refresh_token: 'kept', expires_in: 60, scope: 'a' }
        response.end(
          JSON.stringify(received.length === 1 ? first : { access_token: 'long', expires_in: '5000000' }),
        )
      })
    })
    const grant = { code: 'c', redirectUri: 'https://node.test/cb' }
    expect(shown(await exchangeCode(ports(), useOf(service, { exchange }), grant))).toEqual({
      kind: 'oauth2',
      access: 'long',
      refresh: 'kept',
      expiresAtMs: NOW + 5_000_000_000,
      scopes: ['a'],
    })
    expect(new URLSearchParams(received[0]).has('code_verifier')).toBe(false)
    expect(Object.fromEntries(new URLSearchParams(received[1]))).toMatchObject({
      grant_type: 'longer',
      old: 'short',
    })
  })

  it('is not made where none is declared, and a refusal is CODE_REJECTED', async () => {
    const service = await endpoint(400, { error: { code: 190 } })
    const tokens = held()
    expect(await exchangeTokens(ports(), useOf(service), tokens)).toBe(tokens)
    await expect(exchangeTokens(ports(), useOf(service, { exchange }), tokens)).rejects.toMatchObject({
      code: 'CODE_REJECTED',
    })
  })
})

describe('logs and errors', () => {
  it('say that a refresh was made or failed, and hold no token, secret or answer', async () => {
    const lines: string[] = []
    const told: string[] = []
    const bodies = [
      { access_token: 'CANARY-NEW', refresh_token: 'CANARY-NEW' },
      { error: 'invalid_grant', error_description: 'CANARY-TEXT' },
      { error: 'CANARY-CODE' },
      'CANARY-TEXT',
      { access_token: ['CANARY-NEW'] },
    ]
    for (const body of bodies) {
      for (const status of [200, 400, 500]) {
        const service = await endpoint(status, body)
        const use = {
          ...useOf(service),
          settings: { ...settingsFor(service.origin), clientSecret: new Redacted('CANARY-SECRET') },
        }
        await refreshTokens(ports(lines), use, held()).catch((error: unknown) => {
          const { stack, cause } = error as Error
          told.push(String(error), String(stack), String(cause), JSON.stringify(error))
        })
      }
    }
    expect(told.length).toBeGreaterThan(40)
    expect(told.join('\n')).not.toContain('CANARY')
    expect(lines.join('\n')).not.toContain('CANARY')
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event)
    expect(new Set(events)).toEqual(new Set(['token.refreshed', 'token.refresh_failed']))
    expect(events).toHaveLength(15)
  })
})
