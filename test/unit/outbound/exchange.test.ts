/** Caps, redirects and broken answers, against real servers. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { guardedFetch, type Caps } from '../../../src/outbound/index.js'
import { network, serve, settingsFor, testProvider } from './service.js'

function fetchFor(origin: string, caps: Partial<Caps> = {}, more: { signal?: AbortSignal } = {}) {
  return guardedFetch({
    provider: testProvider({ hosts: ['setting:origin', 'other.test'] }),
    settings: settingsFor(origin),
    network: network(),
    caps,
    ...more,
  })
}

const MEGABYTE = 1_000_000

describe('an answer', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('is decompressed: %s', async (encoding, compress) => {
    const service = await serve((_request, response) => {
      response.setHeader('content-encoding', encoding).end(compress('{"text":"é"}'))
    })
    const answer = await fetchFor(service.origin)(service.origin)
    expect([await answer.text(), answer.headers.get('content-encoding')]).toEqual(['{"text":"é"}', null])
  })

  it('may be empty although it names a compression', async () => {
    const service = await serve((_request, response) => {
      response.writeHead(204, { 'content-encoding': 'gzip' }).end()
    })
    expect((await fetchFor(service.origin)(service.origin)).status).toBe(204)
  })

  it.each([
    ['deflate', deflateSync('{}')],
    ['gzip, gzip', gzipSync(gzipSync('{}'))],
    ['gzip', Buffer.from('{"not":"gzip"}')],
    ['br', Buffer.from('{"not":"br"}')],
  ])('compressed otherwise than asked is PROVIDER_CHANGED: %s', async (encoding, body) => {
    const service = await serve((_request, response) => {
      response.setHeader('content-encoding', encoding).end(body)
    })
    await expect(fetchFor(service.origin)(service.origin)).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })

  it('larger than the cap is PROVIDER_CHANGED, and one of just that size is read', async () => {
    const service = await serve((request, response) =>
      response.end('a'.repeat(Number(request.url?.slice(1)))),
    )
    const send = fetchFor(service.origin, { bodyBytes: MEGABYTE })
    expect((await (await send(`${service.origin}/1000000`)).text()).length).toBe(MEGABYTE)
    await expect(send(`${service.origin}/1000001`)).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })

  it.each([
    ['gzip', gzipSync],
    ['br', (data: Buffer) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])(
    'that unpacks to a multiple of the cap is cut off before memory fills: %s',
    async (encoding, compress) => {
      // Members of gzip follow each other; for brotli one stream is enough.
      const bomb =
        encoding === 'gzip'
          ? Buffer.concat(Array<Buffer>(100).fill(compress(Buffer.alloc(10 * MEGABYTE))))
          : compress(Buffer.alloc(200 * MEGABYTE))
      const service = await serve((_request, response) => {
        response.setHeader('content-encoding', encoding).end(bomb)
      })
      const before = process.memoryUsage.rss()
      let most = before
      const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
      const call = fetchFor(service.origin, { bodyBytes: 10 * MEGABYTE })(service.origin)
      await expect(call).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
      clearInterval(watch)
      expect(Math.max(most, process.memoryUsage.rss()) - before).toBeLessThan(80 * MEGABYTE)
    },
  )

  it('that does not begin in time is PROVIDER_DOWN', async () => {
    const service = await serve(() => undefined)
    await expect(fetchFor(service.origin, { headersMs: 50 })(service.origin)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('UND_ERR_HEADERS_TIMEOUT') as string,
    })
  })

  it('that drips is PROVIDER_DOWN when its time is over', async () => {
    const service = await serve((_request, response) => {
      const drip = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(drip))
    })
    await expect(fetchFor(service.origin, { bodyMs: 80 })(service.origin)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('body time-out') as string,
    })
  })

  it.each([
    ['reset before it begins', (socket: Socket) => void socket.resetAndDestroy()],
    [
      'cut in the middle',
      (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
    ],
    ['no HTTP', (socket: Socket) => void socket.end('hello\r\n')],
    ['an endless head', (socket: Socket) => void socket.end(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`)],
  ])('that is %s is PROVIDER_DOWN', async (_what, behave) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => behave(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const origin = `http://127.0.0.1:${port}`
    await expect(fetchFor(origin)(origin)).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
    server.close()
    await once(server, 'close')
  })

  it('of a port that nobody listens at is PROVIDER_DOWN', async () => {
    const gone = createServer()
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(gone.address() as { port: number }).port}`
    gone.close()
    await once(gone, 'close')
    await expect(fetchFor(origin)(origin)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('ECONNREFUSED') as string,
    })
  })
})

describe('an abort', () => {
  it('ends a call at once, with its own reason', async () => {
    const stop = new AbortController()
    const service = await serve(() => stop.abort(new Error('the lease is lost')))
    await expect(fetchFor(service.origin, {}, { signal: stop.signal })(service.origin)).rejects.toThrow(
      'the lease is lost',
    )
  })

  it('ends the reading of a body', async () => {
    const stop = new AbortController()
    const service = await serve((_request, response) => {
      response.write('{', () => setImmediate(() => stop.abort(new Error('the lease is lost'))))
    })
    await expect(fetchFor(service.origin, {}, { signal: stop.signal })(service.origin)).rejects.toThrow(
      'the lease is lost',
    )
  })

  it('before the call sends nothing', async () => {
    const service = await serve((_request, response) => response.end())
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(fetchFor(service.origin, {}, { signal })(service.origin)).rejects.toThrow('stopped')
    expect(service.requests).toEqual([])
  })
})

describe('a redirect', () => {
  const redirecting = (location: (n: number) => string, status = 302) =>
    serve((request, response) => {
      const n = Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0)
      response.writeHead(status, { location: location(n) }).end()
    })

  it('is followed at most three times', async () => {
    const service = await redirecting((n) => `/${n + 1}`)
    await expect(fetchFor(service.origin)(`${service.origin}/0`)).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
      detail: expect.stringContaining('too many redirects') as string,
    })
    expect(service.requests).toEqual(['GET /0', 'GET /1', 'GET /2', 'GET /3'])
  })

  it('to an undeclared host is refused and never sent: loopback, metadata, another port or scheme', async () => {
    const inner = await serve((_request, response) => response.end('{}'))
    for (const location of [
      `http://127.0.0.1:${inner.port}/`,
      `http://localhost:${inner.port}/`,
      `http://[::1]:${inner.port}/`,
      `//127.0.0.1:${inner.port}/`,
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      'http://',
    ]) {
      const service = await redirecting(() => location)
      await expect(fetchFor(service.origin)(service.origin), location).rejects.toMatchObject({
        code: 'PROVIDER_CHANGED',
      })
    }
    expect(inner.requests).toEqual([])
  })

  it('to a declared host is held to that host’s addresses', async () => {
    const service = await redirecting(() => 'https://other.test/')
    const send = guardedFetch({
      provider: testProvider({ hosts: ['setting:origin', 'other.test'] }),
      settings: settingsFor(service.origin),
      network: network({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] }),
    })
    await expect(send(service.origin)).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
  })

  it('takes the token along to the same host only', async () => {
    const seen: (string | undefined)[] = []
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization, request.headers['x-kept'] as string)
      response.end('{}')
    })
    const service = await serve((request, response) => {
      seen.push(request.headers.authorization)
      const location = request.url === '/' ? '/again' : `${other.origin}/`
      response.writeHead(307, { location }).end()
    })
    const provider = testProvider({ hosts: ['setting:origin', 'setting:second'] })
    const send = guardedFetch({
      provider: { ...provider, settings: { ...provider.settings, second: { kind: 'origin' } } },
      settings: { ...settingsFor(service.origin), second: other.origin },
      network: network(),
    })
    const headers = { authorization: 'Bearer CANARY', 'x-kept': 'yes' }
    expect((await send(service.origin, { headers })).status).toBe(200)
    expect(seen).toEqual(['Bearer CANARY', 'Bearer CANARY', undefined, 'yes'])
  })

  it('of a POST is not followed', async () => {
    const service = await redirecting(() => '/next', 307)
    const answer = await fetchFor(service.origin)(service.origin, { method: 'POST', body: 'secret=1' })
    expect([answer.status, service.requests]).toEqual([307, ['POST /']])
  })
})

describe('guarded fetch', () => {
  it('sends forms as forms and gives headers and status back', async () => {
    let received = ''
    const service = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => (received += text))
      request.on('end', () => {
        response.writeHead(418, { 'x-type': request.headers['content-type'] ?? '' }).end('teapot')
      })
    })
    const body = new URLSearchParams({ code: 'a b' })
    const answer = await fetchFor(service.origin)(service.origin, { method: 'post', body })
    expect([answer.status, answer.headers.get('x-type'), await answer.text(), received]).toEqual([
      418,
      'application/x-www-form-urlencoded',
      'teapot',
      'code=a+b',
    ])
  })

  it('serves no other methods', async () => {
    await expect(
      fetchFor('http://127.0.0.1:1')('http://127.0.0.1:1', { method: 'TRACE' }),
    ).rejects.toMatchObject({
      code: 'INTERNAL',
    })
  })
})
