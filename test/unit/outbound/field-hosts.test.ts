import { describe, expect, it } from 'vitest'
import { createNetwork, declaredHosts } from '../../../src/outbound/index.js'
import { Redacted, type Auth, type FieldValues } from '../../../src/provider/index.js'
import { client, network, serve, settingsFor, testProvider } from './service.js'

const about = { label: 'x', help: 'x' }
const auth: Auth = {
  kind: 'api_key',
  key: 'key',
  send: { header: 'X-Key', prefix: 'k ' },
  fields: {
    key: { kind: 'secret', ...about },
    shop: { kind: 'host', host: '{}.shop.test', ...about },
    url: { kind: 'origin', ...about },
    db: { kind: 'origin', port: 5432, ...about },
    told: { kind: 'told', from: 'token', name: 'base', originUnder: ['force.test'] },
  },
}
const provider = testProvider({
  hosts: ['api.test', 'field:shop', 'field:url', 'field:db', 'field:told', 'field:key'],
  auth: [auth],
})
const held = (texts: FieldValues['texts']) => ({
  kind: 'api_key' as const,
  fields: { texts, secrets: { key: new Redacted('https://key.test') } },
})
const hosts = (texts: FieldValues['texts'], allowPrivateOrigins = '') =>
  declaredHosts(
    provider,
    { ...settingsFor('https://x.test'), allowPrivateOrigins },
    {
      connected: held(texts),
    },
  )

describe('hosts that an account names', () => {
  it.each<readonly [string, FieldValues['texts'], string]>([
    ['a host', { shop: 'acme.shop.test' }, 'https://acme.shop.test/a'],
    ['an origin', { url: 'https://my.example' }, 'https://my.example/a'],
    ['a told origin', { told: 'https://eu7.force.test' }, 'https://eu7.force.test/a'],
  ])('%s is public', (_what, texts, url) => expect(hosts(texts).target(url).reach).toBe('public'))

  it('a private one only when the operator lists it exactly', () => {
    const texts = { url: 'http://10.0.0.1:8080', db: '10.0.0.2:5432' }
    const listed = hosts(texts, 'http://10.0.0.1:8080, 10.0.0.2:5432')
    expect(listed.target('http://10.0.0.1:8080/x').reach).toBe('operator')
    expect(listed.server('10.0.0.2', 5432)).toBe('operator')
    const other = hosts(texts, 'http://10.0.0.1, https://10.0.0.1:8080 10.0.0.2:5433')
    expect(() => other.target('http://10.0.0.1:8080/x')).toThrow('a host it does not declare')
    expect(() => other.server('10.0.0.2', 5432)).toThrow('a host it does not declare')
  })

  it('a server by its IPv6 address, as sockets take it', () => {
    const listed = hosts({ db: '[fd00::2]:5432' }, '[fd00::2]:5432')
    expect(listed.server('fd00::2', 5432)).toBe('operator')
    expect(() => listed.server('fd00::3', 5432)).toThrow('a host it does not declare')
  })

  it.each<readonly [string, FieldValues['texts'], string]>([
    ['a changed host', { shop: 'evil.test' }, 'https://evil.test'],
    ['a host with two labels', { shop: 'a.b.shop.test' }, 'https://a.b.shop.test'],
    ['plain http', { url: 'http://my.example' }, 'http://my.example'],
    ['a loopback address', { url: 'https://127.0.0.1' }, 'https://127.0.0.1'],
    ['a loopback in another form', { url: 'https://0x7f.1' }, 'https://127.0.0.1'],
    ['a mapped address', { url: 'https://[::ffff:127.0.0.1]' }, 'https://[::ffff:127.0.0.1]'],
    ['a name without a dot', { url: 'https://intranet' }, 'https://intranet'],
    ['a told origin of others', { told: 'https://force.test.evil.test' }, 'https://force.test.evil.test'],
    ['a told origin that only ends alike', { told: 'https://evilforce.test' }, 'https://evilforce.test'],
    ['a told origin with a port', { told: 'https://a.force.test:8443' }, 'https://a.force.test:8443'],
    ['a told origin over http', { told: 'http://a.force.test' }, 'http://a.force.test'],
    ['a secret', {}, 'https://key.test'],
    ['a server that is no origin', { db: 'db.example:5432' }, 'https://db.example:5432'],
  ])('%s is not called', (_what, texts, url) => {
    expect(() => hosts(texts).target(url)).toThrow('a host it does not declare')
  })

  it('are not called by a client that knows of no account', () => {
    const without = declaredHosts(provider, settingsFor('https://x.test'))
    expect(() => without.target('https://acme.shop.test')).toThrow('a host it does not declare')
  })

  it('that resolve to this machine are refused at the connection, and the key is not sent', async () => {
    const service = await serve((_request, response) => response.end('{}'))
    const local = createNetwork({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
    const tokens = () => ({
      ...held({ url: `https://my.example:${service.port}` }),
      accessToken: new Redacted('k'),
    })
    const source = { current: async () => new Redacted('k'), refresh: async () => new Redacted('k'), tokens }
    const http = client(service, { provider, tokenSource: source, network: local })
    await expect(http.get(`https://my.example:${service.port}/`)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
    })
    expect(service.requests).toEqual([])
    await local.close()
  })
})

describe('a redirect', () => {
  it('to another declared origin does not take the key along, in whichever header', async () => {
    const seen: unknown[] = []
    const second = await serve((request, response) => {
      seen.push(request.headers['x-key'], request.headers['accept'])
      response.end('{}')
    })
    const first = await serve((request, response) => {
      seen.push(request.headers['x-key'])
      response.writeHead(302, { location: `${second.origin}/b` }).end()
    })
    const listed = { ...settingsFor(second.origin), allowPrivateOrigins: first.origin }
    const source = {
      current: async () => new Redacted('the-key'),
      refresh: async () => new Redacted('the-key'),
      tokens: () => held({ url: first.origin }),
    }
    const with2 = testProvider({ hosts: ['setting:origin', 'field:url'], auth: [auth] })
    const options = { provider: with2, settings: listed as never, tokenSource: source, network: network() }
    await client(first, options).get(`${first.origin}/a`)
    expect(seen).toEqual(['k the-key', undefined, 'application/json'])
  })

  it('to a private address that nobody named is refused', async () => {
    const inner = await serve((_request, response) => response.end('{}'))
    const first = await serve((_request, response) => {
      response.writeHead(302, { location: `${inner.origin}/` }).end()
    })
    await expect(client(first).get(`${first.origin}/a`)).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
    expect(inner.requests).toEqual([])
  })
})
