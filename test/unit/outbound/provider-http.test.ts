/** The client of one connection: tokens, codes, retries, budgets, and what must never be told. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createBudgets } from '../../../src/outbound/index.js'
import { createLog } from '../../../src/lib/log.js'
import { systemClock } from '../../../src/lib/clock.js'
import { hmacHex, NodeError, Redacted } from '../../../src/provider/index.js'
import { client, PATIENT, serve, testProvider, TOKEN } from './service.js'

const answers = (...list: ((request: IncomingMessage, response: ServerResponse) => void)[]) => {
  let next = 0
  return serve((request, response) => list[Math.min(next++, list.length - 1)]!(request, response))
}
const json =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))
const reset = (request: IncomingMessage): void => void request.socket.resetAndDestroy()

/** A token source that makes new tokens by number and counts. */
function tokens() {
  const counts = { refreshes: 0 }
  let newest = 't0'
  return {
    counts,
    current: async () => new Redacted(newest),
    refresh: async () => {
      counts.refreshes += 1
      newest = `t${counts.refreshes}`
      return new Redacted(newest)
    },
  }
}

describe('a request', () => {
  it('carries the token in the header only, the query, and the provider’s signature', async () => {
    let authorization: string | undefined
    const service = await serve((request, response) => {
      authorization = request.headers.authorization
      response.end('{}')
    })
    const provider = testProvider({
      sign: ({ settings, accessToken }) => ({
        proof: hmacHex(settings.clientSecret, accessToken).slice(0, 8),
      }),
    })
    const http = client(service, { provider })
    await http.get(`${service.origin}/me?a=1&access_token=${TOKEN}`, {
      query: { a: 2, b: true, c: undefined, d: 'ü &', token: TOKEN },
    })
    const proof = hmacHex(new Redacted('the+secret'), TOKEN).slice(0, 8)
    expect(service.requests).toEqual([`GET /me?a=2&b=true&d=%C3%BC+%26&proof=${proof}`])
    expect(authorization).toBe(`Bearer ${TOKEN}`)
  })

  it('sends JSON and forms, and names their type', async () => {
    const bodies: string[] = []
    const service = await serve((request, response) => {
      let text = `${request.headers['content-type'] ?? ''} `
      request.setEncoding('utf8').on('data', (part: string) => (text += part))
      request.on('end', () => {
        bodies.push(text)
        response.writeHead(204).end()
      })
    })
    const http = client(service)
    expect((await http.post(service.origin, { json: { a: ['ü'] } })).json).toBeNull()
    await http.post(service.origin, { form: { a: 'b c' } })
    await http.delete(service.origin)
    expect(bodies).toEqual(['application/json {"a":["ü"]}', 'application/x-www-form-urlencoded a=b+c', ' '])
    expect(service.requests.at(-1)).toBe('DELETE /')
  })

  it('may carry headers of the provider, but none that misroute it', async () => {
    let seen: IncomingMessage['headers'] = {}
    const service = await serve((request, response) => {
      seen = request.headers
      response.end('{}')
    })
    await client(service).get(service.origin, {
      headers: { Accept: 'application/vnd.test+json', Host: 'evil.test', Cookie: 'a=b', 'X-Version': '2' },
    })
    expect(seen).toMatchObject({ accept: 'application/vnd.test+json', 'x-version': '2' })
    expect([seen.host, seen.cookie]).toEqual([`127.0.0.1:${service.port}`, undefined])
  })

  it('to an undeclared host is refused before anything is sent or any token is asked for', async () => {
    const other = await serve(json(200))
    const http = client(
      { origin: 'http://127.0.0.1:1' },
      {
        tokenSource: {
          current: () => Promise.reject(new Error('asked')),
          refresh: () => Promise.reject(new Error('asked')),
        },
      },
    )
    await expect(http.get(other.origin)).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
    expect(other.requests).toEqual([])
  })

  it('gives integers beyond 2^53 as strings', async () => {
    const service = await serve((_request, response) => response.end('{"id":9007199254740993,"n":1}'))
    expect((await client(service).get(service.origin)).json).toEqual({ id: '9007199254740993', n: 1 })
  })
})

describe('a failed answer', () => {
  it.each([
    ['403', json(403), 'SCOPE_MISSING'],
    ['401', json(401), 'TOKEN_REVOKED'],
    ['429', json(429), 'RATE_LIMITED'],
    ['500', json(500), 'PROVIDER_DOWN'],
    ['502 with a web page', json(502, '<html>'), 'PROVIDER_DOWN'],
    ['503', json(503), 'PROVIDER_DOWN'],
    ['503 that says when', json(503, {}, { 'retry-after': '9' }), 'RATE_LIMITED'],
    ['408', json(408), 'PROVIDER_DOWN'],
    ['400', json(400), 'PROVIDER_CHANGED'],
    ['404', json(404), 'PROVIDER_CHANGED'],
    ['410', json(410), 'PROVIDER_CHANGED'],
    ['304', json(304), 'PROVIDER_CHANGED'],
    ['reset', reset, 'PROVIDER_DOWN'],
    [
      '200 with a web page',
      (_: unknown, response: ServerResponse) => void response.end('<!doctype html>'),
      'PROVIDER_CHANGED',
    ],
    [
      '200 with half of the JSON',
      (_: unknown, response: ServerResponse) => void response.end('{"a":[1'),
      'PROVIDER_CHANGED',
    ],
    [
      '200 nested too deeply',
      (_: unknown, response: ServerResponse) => void response.end('['.repeat(100_000)),
      'PROVIDER_CHANGED',
    ],
  ] as const)('%s is the code of the table', async (_what, answer, code) => {
    const service = await serve(answer)
    await expect(client(service).get(service.origin)).rejects.toMatchObject({ code })
  })

  it.each([
    ['seconds', '7', 7_000],
    ['a date', new Date(Date.UTC(2030, 0, 1, 0, 0, 30)).toUTCString(), 30_000],
    ['too long', '1000000000', 86_400_000],
  ])('tells how long to wait by Retry-After: %s', async (_what, header, retryAfterMs) => {
    const service = await serve(json(429, {}, { 'retry-after': header }))
    const clock = { now: () => Date.UTC(2030, 0, 1) }
    const http = client(service, { ...PATIENT, clock, budgets: createBudgets(clock) })
    await expect(http.get(service.origin)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs })
    expect(service.requests).toHaveLength(1)
  })

  it('is read by the provider first, with its status, headers and JSON', async () => {
    const service = await serve(json(403, { error: { code: 4 } }, { 'x-usage': '100' }))
    const provider = testProvider({
      classify: ({ status, headers, json }) =>
        status === 403 && headers['x-usage'] === '100' && JSON.stringify(json) === '{"error":{"code":4}}'
          ? { code: 'RATE_LIMITED', retryAfterMs: 60_000, detail: 'code 4' }
          : undefined,
    })
    await expect(client(service, { provider }).get(service.origin)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 60_000,
      detail: expect.stringContaining('status 403 code 4') as string,
    })
  })

  it('that is a list of failures is read by its first', async () => {
    const service = await serve(json(403, [{ code: 'LIMIT' }, { code: 'OTHER' }]))
    const provider = testProvider({
      classify: ({ json }) => (json?.['code'] === 'LIMIT' ? { code: 'RATE_LIMITED' } : undefined),
    })
    await expect(client(service, { provider, ...PATIENT }).get(service.origin)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
  })

  it('that is no JSON is given to the provider without one', async () => {
    const service = await serve((_request, response) => response.writeHead(400).end('<html>'))
    const provider = testProvider({
      classify: ({ json }) => (json === undefined ? { code: 'CURSOR_EXPIRED' } : undefined),
    })
    await expect(client(service, { provider, ...PATIENT }).get(service.origin)).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
    expect(service.requests).toHaveLength(1)
  })
})

describe('a refused token', () => {
  it('is refreshed once, and the call is made again: GET and POST', async () => {
    const source = tokens()
    const service = await serve((request, response) =>
      json(request.headers.authorization === 'Bearer t1' ? 200 : 401)(request, response),
    )
    const http = client(service, { tokenSource: source })
    expect((await http.post(service.origin, { json: {} })).status).toBe(200)
    expect((await http.get(service.origin)).status).toBe(200)
    expect([source.counts.refreshes, service.requests.length]).toEqual([1, 3])
  })

  it('that is refused again is TOKEN_REVOKED', async () => {
    const source = tokens()
    const service = await serve(json(401))
    await expect(
      client(service, { tokenSource: source, ...PATIENT }).get(service.origin),
    ).rejects.toMatchObject({
      code: 'TOKEN_REVOKED',
    })
    expect([source.counts.refreshes, service.requests.length]).toEqual([1, 2])
  })

  it('costs one refresh for many calls at once', async () => {
    const source = tokens()
    const service = await serve((request, response) =>
      json(request.headers.authorization === 'Bearer t1' ? 200 : 401)(request, response),
    )
    let refreshing: Promise<Redacted> | undefined
    const joined = { current: source.current, refresh: () => (refreshing ??= source.refresh()) }
    const http = client(service, { tokenSource: joined })
    await Promise.all(Array.from({ length: 20 }, () => http.get(service.origin)))
    expect(source.counts.refreshes).toBe(1)
  })

  it('is not refreshed again when another call has done so meanwhile', async () => {
    const source = tokens()
    const held: (() => void)[] = []
    const service = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer t1') return json(200)(request, response)
      held.push(() => json(401)(request, response))
      if (held.length === 2) held[0]!()
    })
    const http = client(service, { tokenSource: source })
    const [first, second] = [http.get(`${service.origin}/a`), http.get(`${service.origin}/b`)]
    await Promise.race([first, second])
    held[1]!()
    await Promise.all([first, second])
    expect(source.counts.refreshes).toBe(1)
  })

  it('passes on why it could not be refreshed', async () => {
    const service = await serve(json(401))
    const http = client(service, {
      tokenSource: {
        current: async () => new Redacted(TOKEN),
        refresh: () => Promise.reject(new NodeError('PROVIDER_DOWN', { detail: 'refresh' })),
      },
    })
    await expect(http.get(service.origin)).rejects.toMatchObject({ code: 'PROVIDER_DOWN', detail: 'refresh' })
  })
})

describe('retries', () => {
  it('repeat a GET or DELETE after a reset, a 5xx and a short Retry-After', async () => {
    const service = await answers(
      reset,
      json(500),
      json(429, {}, { 'retry-after': '0' }),
      json(200, { ok: 1 }),
    )
    expect((await client(service, PATIENT).get(service.origin)).json).toEqual({ ok: 1 })
    expect(service.requests).toHaveLength(4)
    const other = await answers(json(502), json(204))
    expect((await client(other, PATIENT).delete(other.origin)).status).toBe(204)
  })

  it('end after three', async () => {
    const service = await serve(json(500))
    await expect(client(service, PATIENT).get(service.origin)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
    })
    expect(service.requests).toHaveLength(4)
  })

  it('never repeat a POST or PATCH, nor what repeating does not mend', async () => {
    for (const [status, call] of [
      [500, 'post'],
      [429, 'post'],
      [500, 'patch'],
      [403, 'get'],
      [404, 'get'],
    ] as const) {
      const service = await serve(json(status))
      const http = client(service, PATIENT)
      const made = call === 'get' ? http.get(service.origin) : http[call](service.origin, { json: {} })
      await expect(made).rejects.toBeInstanceOf(NodeError)
      expect(service.requests).toHaveLength(1)
    }
  })

  it('repeat a POST that only reads', async () => {
    const service = await answers(json(500), reset, json(429, {}, { 'retry-after': '0' }), json(200))
    const http = client(service, PATIENT)
    expect((await http.post(service.origin, { json: {} }, { idempotent: true })).status).toBe(200)
    expect(service.requests).toHaveLength(4)
  })

  it('are not begun when they would pass the deadline', async () => {
    const service = await serve(json(429, {}, { 'retry-after': '1' }))
    const http = client(service, { deadlineAtMs: Date.now() + 900 })
    await expect(http.get(service.origin)).rejects.toMatchObject({ retryAfterMs: 1_000 })
    expect(service.requests).toHaveLength(1)
  })

  it('leave a call that is under way only a little longer than the deadline', async () => {
    const service = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{')
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    })
    const caps = { overtimeMs: 200 }
    const http = client(service, { deadlineAtMs: Date.now() + 100, caps })
    const startedAtMs = performance.now()
    await expect(http.get(`${service.origin}/drips`)).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
    expect(performance.now() - startedAtMs).toBeLessThan(2_000)
    expect(service.requests).toHaveLength(1)
  })

  it('wait as long as the service asks', async () => {
    const times: number[] = []
    const service = await serve((request, response) => {
      times.push(performance.now())
      json(times.length === 1 ? 429 : 200, {}, { 'retry-after': '0.3' })(request, response)
    })
    await client(service, PATIENT).get(service.origin)
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(299)
  })

  it('end at once when the run is aborted, with the abort’s reason', async () => {
    const stop = new AbortController()
    const service = await serve((request, response) => {
      json(429, {}, { 'retry-after': '4' })(request, response)
      response.on('finish', () => setTimeout(() => stop.abort(new Error('the node stops')), 50))
    })
    const started = performance.now()
    await expect(client(service, { ...PATIENT, signal: stop.signal }).get(service.origin)).rejects.toThrow(
      'the node stops',
    )
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('budgets', () => {
  const limits = [{ requests: 2, perMs: 3_600_000, scope: 'connection' }] as const

  it('end a call before it is sent when the wait would be long', async () => {
    const service = await serve(json(200))
    const shared = {
      provider: testProvider({ limits }),
      budgets: createBudgets(systemClock),
      ...PATIENT,
    }
    const one = client(service, { ...shared, connectionId: 'a' })
    await one.get(service.origin)
    await client(service, { ...shared, connectionId: 'a' }).get(service.origin)
    const error = await one.get(service.origin).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'RATE_LIMITED' })
    expect((error as NodeError).retryAfterMs).toBeGreaterThan(3_500_000)
    expect(service.requests).toHaveLength(2)
    expect((await client(service, { ...shared, connectionId: 'b' }).get(service.origin)).status).toBe(200)
  })

  it('wait when the wait is short', async () => {
    const service = await serve(json(200))
    const provider = testProvider({ limits: [{ requests: 2, perMs: 200, scope: 'connection' }] })
    const http = client(service, { provider, ...PATIENT })
    const started = performance.now()
    for (let calls = 0; calls < 5; calls += 1) await http.get(service.origin)
    expect(performance.now() - started).toBeGreaterThanOrEqual(398)
  })

  it('count the cost of a call, and only the paths they are for', async () => {
    const service = await serve(json(200))
    const provider = testProvider({
      limits: [{ requests: 5, perMs: 3_600_000, scope: 'app', pathPrefix: '/big' }],
    })
    const http = client(service, { provider, ...PATIENT })
    await http.post(`${service.origin}/big`, { json: {} }, { cost: 4 })
    await http.get(`${service.origin}/small`)
    await expect(http.get(`${service.origin}/big`, { cost: 2 })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    expect((await http.get(`${service.origin}/big`)).status).toBe(200)
  })

  it('hear what every answer tells: nothing left is waited for until it is counted anew', async () => {
    const rateHeaders = { remaining: 'X-Left', reset: 'X-Reset', resetForm: 'seconds' } as const
    const service = await answers(
      json(200, {}, { 'x-left': '1', 'x-reset': '60' }),
      json(200, {}, { 'x-left': '0', 'x-reset': '60' }),
    )
    const http = client(service, { provider: testProvider({ rateHeaders }), ...PATIENT })
    await http.get(service.origin)
    await http.get(service.origin)
    const error = (await http.get(service.origin).catch((thrown: unknown) => thrown)) as NodeError
    expect(error.code).toBe('RATE_LIMITED')
    expect(error.retryAfterMs).toBeGreaterThan(55_000)
    expect(service.requests).toHaveLength(2)
  })

  it('read from a 429 without Retry-After when it ends', async () => {
    const rateHeaders = { remaining: 'X-Left', reset: 'X-Reset', resetForm: 'seconds' } as const
    const service = await serve(json(429, {}, { 'x-reset': '40' }))
    const http = client(service, { provider: testProvider({ rateHeaders }), ...PATIENT })
    await expect(http.get(service.origin)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 40_000,
    })
  })

  it('remember a Retry-After for later calls of the same connection', async () => {
    const service = await answers(json(429, {}, { 'retry-after': '60' }), json(200))
    const shared = { budgets: createBudgets(systemClock), ...PATIENT }
    const http = client(service, { ...shared, connectionId: 'a' })
    await expect(http.get(service.origin)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(http.get(service.origin)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(service.requests).toHaveLength(1)
    expect((await client(service, { ...shared, connectionId: 'b' }).get(service.origin)).status).toBe(200)
  })
})

describe('logs and errors', () => {
  it('hold method, host, path shape, status and time, and no token, query, id or body', async () => {
    const lines: string[] = []
    const log = createLog({ level: 'trace', json: true, write: (line) => void lines.push(line) })
    const told: string[] = []
    const body = '{"CANARY-BODY": CANARY'
    for (const answer of [
      json(200, { text: 'CANARY-BODY' }),
      json(401, { text: 'CANARY-BODY' }),
      json(403, { error: 'CANARY-BODY' }),
      json(400, { error: 'CANARY-BODY' }, { 'x-echo': 'CANARY-HEADER' }),
      json(302, {}, { location: 'https://CANARY-HOST.test/?CANARY-BODY' }),
      json(302, {}, { location: 'http://CANARY HOST' }),
      reset,
      (_: unknown, response: ServerResponse) => void response.end(body),
      (_: unknown, response: ServerResponse) =>
        void response.writeHead(200, { 'content-encoding': 'CANARY-HEADER' }).end(body),
    ]) {
      const service = await serve(answer)
      const http = client(service, { log })
      const url = `${service.origin}/v1/users/CANARY-ID-7/posts?cursor=CANARY-QUERY`
      const made = await http.get(url, { query: { q: 'CANARY-QUERY' } }).catch((thrown: unknown) => thrown)
      if (made instanceof Error) {
        log.error('sync.failed', { error: made })
        told.push(String(made), String(made.stack), JSON.stringify(made), String(made.cause))
      }
      await http
        .post(url, { form: { CANARY: 'CANARY-FORM' } })
        .catch((thrown: unknown) => told.push(String(thrown)))
    }
    expect(told.length).toBeGreaterThan(30)
    expect(told.join('\n')).not.toMatch(/canary/i)
    expect(lines.length).toBeGreaterThan(20)
    expect(lines.join('\n')).not.toMatch(/canary/i)
    expect(JSON.parse(lines[0]!)).toMatchObject({
      event: 'provider.called',
      provider: 'test',
      method: 'GET',
      path: '/v1/users/:id/posts',
      status: 200,
      ms: expect.any(Number) as number,
    })
  })
})
