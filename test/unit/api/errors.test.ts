import { Router } from 'express'
import { connect as connectSocket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/app.js'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { jsonOnly } from '../../../src/api/errors/json-only.js'
import { refuseWrongMethods } from '../../../src/api/errors/known-paths.js'
import { errorTable, NodeError, type ErrorCode } from '../../../src/errors.js'
import { createLog } from '../../../src/lib/log.js'
import { closed, listen } from '../connect/bench.js'

let thrown: unknown
let origin = ''
let server: Awaited<ReturnType<typeof listen>>['server']
let lines: string[] = []

beforeAll(async () => {
  const log = createLog({ level: 'trace', json: true, write: (line) => lines.push(line) })
  const router = Router()
  router.get('/throws', () => {
    throw thrown
  })
  router.get('/things/:id', (_req, res) => void res.json({}))
  router.post('/things/:id', jsonOnly, (_req, res) => void res.json({}))
  router.get('/half', (_req, res) => {
    res.write('half')
    throw new Error('in the middle')
  })
  const listening = await listen()
  ;({ server, origin } = listening)
  listening.serve(
    createApp({
      log,
      trustProxy: 0,
      routers: [router, refuseWrongMethods([router])],
      errorHandler: errorHandler({ log }),
    }),
  )
})
afterAll(() => closed(server))
beforeEach(() => {
  lines = []
})

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'

async function ask(path: string, init: RequestInit = {}) {
  const answer = await fetch(origin + path, init)
  const { error } = (await answer.json()) as { error: Record<string, unknown> }
  return { status: answer.status, headers: answer.headers, error }
}

describe('an error', () => {
  it.each(Object.keys(errorTable) as ErrorCode[])(
    '%s has its status, its code and its sentence',
    async (code) => {
      thrown = new NodeError(code)
      const { status, error, headers } = await ask('/throws')
      expect(status).toBe(errorTable[code].status)
      expect(error).toEqual({
        code,
        message: errorTable[code].public,
        requestId: headers.get('x-request-id'),
      })
      const page = await fetch(`${origin}/throws`, { headers: { accept: HTML } })
      expect(headers.has('retry-after')).toBe(errorTable[code].fate === 'retry')
      expect(page.status).toBe(status)
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(await page.text()).toContain(page.headers.get('x-request-id'))
    },
  )

  it('says how long to wait, in whole seconds that are enough', async () => {
    thrown = new NodeError('RATE_LIMITED', { retryAfterMs: 1_200 })
    const { headers, error } = await ask('/throws')
    expect(headers.get('retry-after')).toBe('2')
    expect(error['retryAfterMs']).toBe(1_200)
  })

  it('says which parameter is wrong', async () => {
    const fields = [{ path: 'did', message: 'must be given once' }]
    thrown = new NodeError('REQUEST_INVALID', { fields })
    expect((await ask('/throws')).error['fields']).toEqual(fields)
  })

  it('says more only for a plain refusal', async () => {
    thrown = new NodeError('GONE', { detail: 'use POST /syncStart' })
    expect((await ask('/throws')).error['message']).toContain('use POST /syncStart')
    // One fixed answer for every fault of a capsule (protocol.md 4.6).
    thrown = new NodeError('TOKEN_REVOKED', { detail: 'another key is pinned to this grant' })
    expect((await ask('/throws')).error['message']).toBe('Token expired, please reconnect.')
  })

  it.each([
    ['a bug', new TypeError('secret-text of a bug')],
    ['a text', 'secret-text'],
    [
      'a fault of the store',
      new NodeError('STORE_UNAVAILABLE', { detail: 'secret-text', cause: new Error('select 1') }),
    ],
  ])('hides %s, as JSON and as a page, and logs it whole', async (_what, value) => {
    thrown = value
    for (const accept of ['application/json', HTML]) {
      const answer = await fetch(`${origin}/throws`, { headers: { accept } })
      expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(await answer.text()).not.toMatch(/secret-text|select 1|\.ts|at /)
    }
    const [logged = ''] = lines.filter((line) => line.includes('http.failed'))
    if (value instanceof Error) expect(logged).toMatch(/secret-text/)
  })

  it('cuts the connection when half of an answer is out', async () => {
    await expect(fetch(`${origin}/half`).then((answer) => answer.text())).rejects.toThrow()
    expect(lines.join('')).toContain('in the middle')
  })
})

describe('at the edge', () => {
  it('a body that is no JSON is told so, without a word of it', async () => {
    const headers = { 'content-type': 'application/json' }
    const { error } = await ask('/things/1', { method: 'POST', body: '{"secret-canary":', headers })
    expect(error['message']).toContain('the body is no JSON object or array')
    expect(JSON.stringify(error)).not.toContain('canary')
  })

  it.each<[string, string, RequestInit, number, ErrorCode]>([
    ['an unknown path', '/nothing', {}, 404, 'ROUTE_UNKNOWN'],
    ['malformed percent-encoding', '/things/%E0%A4%A', {}, 400, 'REQUEST_INVALID'],
    [
      'malformed JSON',
      '/things/1',
      { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } },
      400,
      'REQUEST_INVALID',
    ],
    [
      'JSON that is a text',
      '/things/1',
      { method: 'POST', body: '"x"', headers: { 'content-type': 'application/json' } },
      400,
      'REQUEST_INVALID',
    ],
    [
      'a body that is too large',
      '/things/1',
      { method: 'POST', body: `"${'x'.repeat(1_100_000)}"`, headers: { 'content-type': 'application/json' } },
      413,
      'TOO_LARGE',
    ],
    [
      'a body of another type',
      '/things/1',
      { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } },
      415,
      'TYPE_UNSUPPORTED',
    ],
    [
      'an unknown charset',
      '/things/1',
      { method: 'POST', body: '{}', headers: { 'content-type': 'application/json; charset=klingon' } },
      415,
      'TYPE_UNSUPPORTED',
    ],
    [
      'an unknown content encoding',
      '/things/1',
      {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'content-encoding': 'zip' },
      },
      415,
      'TYPE_UNSUPPORTED',
    ],
    [
      'too many form fields',
      '/things/1',
      {
        method: 'POST',
        body: 'a=1&'.repeat(2_000),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      413,
      'TOO_LARGE',
    ],
    ['a wrong method', '/things/1', { method: 'PUT' }, 405, 'METHOD_UNKNOWN'],
  ])('%s has its own code', async (_what, path, init, status, code) => {
    const answer = await ask(path, init)
    expect([answer.status, answer.error['code']]).toEqual([status, code])
    expect(lines.join('')).not.toContain('http.failed')
  })

  it('names the methods that a path takes', async () => {
    expect((await ask('/things/1', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD, POST')
  })

  it.each<[string, string, RequestInit]>([
    ['the address has a malformed percent-encoding', '/things/%E0%A4%A', {}],
    [
      'the body is no JSON object or array',
      '/things/1',
      { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } },
    ],
  ])('says that %s', async (what, path, init) => {
    const answer = await fetch(`${origin}${path}`, init)
    expect(await answer.json()).toMatchObject({ error: { message: `The request is not valid. (${what})` } })
  })

  it('answers the next request after many malformed ones', async () => {
    const noise = [
      'GET / HTTP/1.1\r\nHost: a\r\nX: \u0000\r\n\r\n',
      'GET /%00%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n',
      '\r\n\r\n\r\n',
      'POST /things/1 HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
      `GET /?${'a[]=1&'.repeat(500)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    ]
    for (const text of noise) {
      const socket = connectSocket(Number(new URL(origin).port), '127.0.0.1')
      socket.resume().on('error', () => undefined)
      socket.end(text)
      await once(socket, 'close')
    }
    expect((await fetch(`${origin}/things/1`)).status).toBe(200)
  })

  it('gives pages to browsers and JSON to everybody else', async () => {
    const typeFor = async (accept: string) =>
      (await fetch(`${origin}/nothing`, { headers: { accept } })).headers.get('content-type')
    expect(await typeFor(HTML)).toMatch(/^text\/html/)
    for (const accept of ['*/*', 'application/json', 'application/json, text/plain, */*', 'image/png'])
      expect(await typeFor(accept)).toMatch(/^application\/json/)
  })
})
