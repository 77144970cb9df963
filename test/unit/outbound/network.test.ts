/** The guard at the connection: whatever a name resolves to, and whatever an address is written like. */
import { createServer } from 'node:https'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { guardedFetch } from '../../../src/outbound/index.js'
import { listen, network, serve, settingsFor, testProvider } from './service.js'

/** Forms in which addresses of the own machine or network come, for a provider that declared exactly this host. */
const INNER = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '0',
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '0x0a000001',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.1.1.',
  '192.0.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '127。0。0。1',
  '①②⑦.0.0.1',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::169.254.169.254]',
  '[2002:7f00:1::]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[ff02::1]',
  'localhost',
  'LOCALHOST',
]

describe('a host that a provider declares', () => {
  it.each(INNER)('is never reached at an inner address: %s', async (host) => {
    const declared = new URL(`https://${host}`).host
    const send = guardedFetch({
      provider: testProvider({ hosts: [declared] }),
      settings: settingsFor('https://x.test'),
      network: network(),
    })
    const call = send(`https://${host}/`)
    await expect(call).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('not a public address') as string,
    })
  })

  it.each([
    ['loopback', ['127.0.0.1']],
    ['a public and an inner address', ['93.184.215.14', '127.0.0.1']],
    ['loopback as IPv6', ['::1']],
    ['loopback mapped into IPv6', ['::ffff:127.0.0.1']],
    ['the address of cloud metadata', ['169.254.169.254']],
    ['nothing', []],
  ])('is not reached when its name resolves to %s', async (_what, addresses) => {
    const resolved: string[] = []
    const send = guardedFetch({
      provider: testProvider({ hosts: ['api.test'] }),
      settings: settingsFor('https://x.test'),
      network: network({
        resolve: async (hostname) => {
          resolved.push(hostname)
          return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
        },
      }),
    })
    await expect(send('https://api.test/')).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('not a public address') as string,
    })
    expect(resolved).toEqual(['api.test'])
  })

  it('is resolved once for a connection, by the lookup that it is made with', async () => {
    const service = await serve((_request, response) => response.end('{}'))
    let resolved = 0
    const origin = `http://service.test:${service.port}`
    const send = guardedFetch({
      provider: testProvider(),
      settings: settingsFor(origin),
      network: network({
        // A second question would be answered differently, as a rebinding server does.
        resolve: async () => [{ address: resolved++ === 0 ? '127.0.0.1' : '203.0.113.1', family: 4 }],
      }),
    })
    expect((await send(`${origin}/a`)).status).toBe(200)
    expect([resolved, service.requests]).toEqual([1, ['GET /a']])
  })
})

describe('a connection', () => {
  it('that does not stand in time is PROVIDER_DOWN, and the resolver counts too', async () => {
    const send = guardedFetch({
      provider: testProvider({ hosts: ['api.test'] }),
      settings: settingsFor('https://x.test'),
      network: network({ connectMs: 50, resolve: () => new Promise(() => undefined) }),
    })
    await expect(send('https://api.test/')).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('UND_ERR_CONNECT_TIMEOUT') as string,
    })
  })
})

describe('an origin that the operator set', () => {
  it('may be plain http on local addresses only', async () => {
    const origin = 'http://service.test'
    const send = guardedFetch({
      provider: testProvider(),
      settings: settingsFor(origin),
      network: network({ resolve: async () => [{ address: '93.184.215.14', family: 4 }] }),
    })
    await expect(send(origin)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('plain http') as string,
    })
  })

  it('must show a certificate that is trusted, whatever the environment says', async () => {
    const pem = readFileSync(new URL('./untrusted.pem', import.meta.url))
    let answered = 0
    const server = createServer({ key: pem, cert: pem }, (_request, response) => {
      answered += 1
      response.end('{}')
    })
    const origin = `https://127.0.0.1:${await listen(server)}`
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    afterEachRestore(before)
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const send = guardedFetch({
      provider: testProvider(),
      settings: settingsFor(origin),
      network: network(),
    })
    await expect(send(origin)).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
    expect(answered).toBe(0)
  })
})

let restore: (() => void) | undefined
afterEach(() => {
  restore?.()
  restore = undefined
})
function afterEachRestore(value: string | undefined): void {
  restore = () => {
    if (value === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = value
  }
}
