/** Files over real HTTP: bytes as they come, redirects, tokens, caps, faults. */
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import type { Network, ProviderHttpOptions } from '../../../src/outbound/index.js'
import { Redacted, type HttpDownload } from '../../../src/provider/index.js'
import { client, network, PATIENT, serve, testProvider, TOKEN, type Service } from './service.js'

async function whole({ body }: HttpDownload): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts).toString()
}

const fetched = async (
  service: Pick<Service, 'origin'>,
  options: Partial<ProviderHttpOptions> = {},
  wish: { readonly maxBytes?: number } = {},
) => whole(await client(service, options).download(`${service.origin}/file`, wish))

/** All https hosts are these services, by name; others do not answer. */
function worldOf(services: Readonly<Record<string, Service>>): Network & { readonly reached: string[] } {
  const real = network()
  const reached: string[] = []
  const agent = new Agent({
    connect: ({ hostname, protocol }, callback) => {
      const service = services[hostname]
      reached.push(`${protocol}//${hostname}`)
      if (service === undefined) return callback(new Error('nobody'), null)
      const socket = connect(service.port, '127.0.0.1')
      socket.once('connect', () => callback(null, socket)).once('error', (error) => callback(error, null))
    },
  })
  return { ...real, dispatcher: (reach) => (reach === 'public' ? agent : real.dispatcher(reach)), reached }
}

/** What each request carried. */
function keeping(seen: Record<string, string | undefined>[], answer: RequestListener): RequestListener {
  return (request, response) => {
    const { authorization } = request.headers
    seen.push({ url: request.url, authorization, own: request.headers['x-own'] as string | undefined })
    answer(request, response)
  }
}

const redirect =
  (location: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(302, { location }).end()

describe('a download', () => {
  it('gives the bytes as they come, with the token and the headers of the answer', async () => {
    const seen: Record<string, string | undefined>[] = []
    const rest: (() => void)[] = []
    const service = await serve(
      keeping(seen, (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/pdf' }).write('first ')
        rest.push(() => response.end('second'))
      }),
    )
    const file = await client(service).download(`${service.origin}/file`, { headers: { 'X-Own': 'yes' } })
    const bytes = file.body[Symbol.asyncIterator]()
    expect(Buffer.from((await bytes.next()).value as Uint8Array).toString()).toBe('first ')
    rest[0]?.()
    expect(Buffer.from((await bytes.next()).value as Uint8Array).toString()).toBe('second')
    expect((await bytes.next()).done).toBe(true)
    expect(file.headers['content-type']).toBe('application/pdf')
    expect(seen).toEqual([{ url: '/file', authorization: `Bearer ${TOKEN}`, own: 'yes' }])
  })

  it.each([
    ['said before', { 'content-length': '11' }],
    ['shown while it comes', {}],
  ])('that is too large, as %s, is FILE_TOO_LARGE', async (_how, headers) => {
    const service = await serve((_request, response) => {
      response.writeHead(200, headers)
      response.write('12345')
      response.end('678901')
    })
    await expect(fetched(service, {}, { maxBytes: 10 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' })
    expect(await fetched(service, {}, { maxBytes: 11 })).toBe('12345678901')
    await expect(fetched(service, { caps: { downloadBytes: 10 } })).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
    })
  })

  it('is decompressed within the cap, and asks for nothing compressed', async () => {
    let accepts: string | string[] | undefined
    const bomb = gzipSync(Buffer.alloc(5_000_000))
    const service = await serve((request, response) => {
      accepts = request.headers['accept-encoding']
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    expect(bomb.length).toBeLessThan(10_000)
    await expect(fetched(service, {}, { maxBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
    })
    expect(await fetched(service)).toHaveLength(5_000_000)
    expect(accepts).toBe('identity')
  })

  it.each([
    ['not what it says', { 'content-encoding': 'gzip' }, 'plain'],
    ['in an unknown way', { 'content-encoding': 'zstd' }, 'x'],
  ])('compressed %s is PROVIDER_CHANGED', async (_how, headers, body) => {
    const service = await serve((_request, response) => response.writeHead(200, headers).end(body))
    await expect(fetched(service)).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })

  it('that stalls, is cut short or outlasts its run ends with PROVIDER_DOWN', async () => {
    const stalling = await serve((_request, response) => void response.writeHead(200).write('x'))
    await expect(fetched(stalling, { caps: { stallMs: 50 } })).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
    })
    await expect(
      fetched(stalling, { deadlineAtMs: Date.now(), caps: { overtimeMs: 100 } }),
    ).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
    await expect(fetched(stalling, { ...PATIENT, caps: { downloadMs: 80 } })).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
    })
    const cut = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x', () => request.socket.destroy())
    })
    await expect(fetched(cut)).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
  })

  it('ends with the reason of an abort, and when its reader leaves', async () => {
    const closed: Promise<unknown>[] = []
    const service = await serve((_request, response) => {
      closed.push(once(response, 'close'))
      response.writeHead(200).write('x')
    })
    const stop = new AbortController()
    const file = await client(service, { signal: stop.signal }).download(service.origin)
    const bytes = file.body[Symbol.asyncIterator]()
    await bytes.next()
    const next = bytes.next()
    stop.abort(new Error('the node stops'))
    await expect(next).rejects.toThrow('the node stops')
    const other = await client(service).download(service.origin)
    for await (const part of other.body) {
      expect(part).toHaveLength(1)
      break
    }
    await Promise.all(closed)
    expect(closed).toHaveLength(2)
  })

  it('refreshes a refused token once, before the body, and tries again what did not begin', async () => {
    let newest = 't0'
    const tokenSource = {
      current: async () => new Redacted(newest),
      refresh: async () => new Redacted((newest = 't1')),
    }
    let calls = 0
    const service = await serve((request, response) => {
      calls += 1
      if (request.headers.authorization !== 'Bearer t1') response.writeHead(401).end()
      else if (calls === 2) response.writeHead(503).end()
      else response.end('file')
    })
    expect(await fetched(service, { tokenSource, ...PATIENT })).toBe('file')
    expect(calls).toBe(3)
  })

  it.each([
    [403, 'SCOPE_MISSING'],
    [404, 'PROVIDER_CHANGED'],
    [429, 'RATE_LIMITED'],
    [500, 'PROVIDER_DOWN'],
  ])('that is refused with %i is %s', async (status, code) => {
    const service = await serve((_request, response) => response.writeHead(status).end())
    await expect(fetched(service)).rejects.toMatchObject({ code })
  })
})

describe('a redirect of a download', () => {
  const provider = testProvider({ hosts: ['setting:origin', 'files.test'] })

  it('goes to a declared host with the token and the headers', async () => {
    const seen: Record<string, string | undefined>[] = []
    const files = await serve(keeping(seen, (_request, response) => response.end('file')))
    const service = await serve(redirect('https://files.test/a?b=1'))
    const file = await client(service, { provider, network: worldOf({ 'files.test': files }) }).download(
      service.origin,
      { headers: { 'x-own': 'yes' } },
    )
    expect(await whole(file)).toBe('file')
    expect(seen).toEqual([{ url: '/a?b=1', authorization: `Bearer ${TOKEN}`, own: 'yes' }])
  })

  it('goes to any other https host with nothing of ours, and stays so when that one names a declared host', async () => {
    const seen: Record<string, string | undefined>[] = []
    const files = await serve(keeping(seen, (_request, response) => response.end('file')))
    const store = await serve(keeping(seen, redirect('https://files.test/b')))
    const service = await serve(redirect('https://store.test/a?signature=1'))
    const world = worldOf({ 'files.test': files, 'store.test': store })
    const file = await client(service, { provider, network: world }).download(service.origin, {
      headers: { 'x-own': 'yes' },
    })
    expect(await whole(file)).toBe('file')
    expect(seen).toEqual([
      { url: '/a?signature=1', authorization: undefined, own: undefined },
      { url: '/b', authorization: undefined, own: undefined },
    ])
    expect(world.reached).toEqual(['https://store.test', 'https://files.test'])
  })

  it.each([
    ['an inner address', 'https://127.0.0.1:1/x', 'PROVIDER_DOWN'],
    ['a name of an inner address', 'https://localhost:1/x', 'PROVIDER_DOWN'],
    ['plain http', 'http://store.test/x', 'PROVIDER_CHANGED'],
    ['an address with a password', 'https://a:b@store.test/x', 'PROVIDER_CHANGED'],
    ['an address with the token in it', `https://store.test/x?t=${TOKEN}`, 'PROVIDER_CHANGED'],
    ['the same, hidden', `https://store.test/x%?t=${TOKEN.replace('-', '%2D')}`, 'PROVIDER_CHANGED'],
    ['no address', 'https://', 'PROVIDER_CHANGED'],
    ['another scheme', 'file:///etc/passwd', 'PROVIDER_CHANGED'],
  ])('to %s is refused', async (_what, location, code) => {
    const service = await serve(redirect(location))
    await expect(client(service).download(service.origin)).rejects.toMatchObject({ code })
  })

  it('is followed three times', async () => {
    const service = await serve((request, response) => {
      const step = Number(request.url?.slice(1))
      if (step === 3) response.end('file')
      else response.writeHead(307, { location: `/${step + 1}` }).end()
    })
    expect(await whole(await client(service).download(`${service.origin}/0`))).toBe('file')
    await expect(client(service).download(`${service.origin}/-1`)).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
  })

  it.each([
    [403, 'PROVIDER_DOWN'],
    [500, 'PROVIDER_DOWN'],
    [400, 'PROVIDER_CHANGED'],
    [401, 'PROVIDER_CHANGED'],
  ])('to a host that answers %i says nothing of our token: %s', async (status, code) => {
    const store = await serve((_request, response) => response.writeHead(status).end())
    const service = await serve(redirect('https://store.test/a'))
    const http = client(service, { network: worldOf({ 'store.test': store }) })
    await expect(http.download(service.origin)).rejects.toMatchObject({ code })
  })
})
