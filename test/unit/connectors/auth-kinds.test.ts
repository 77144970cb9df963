import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openConnectorGrant } from '../../../src/connectors/index.js'
import { createNetwork, createProviderHttp } from '../../../src/outbound/index.js'
import { usableProvider } from '../../../src/provider/index.js'
import { connectors } from '../../../src/store/index.js'
import {
  CLIENT_SECRET,
  enteredFor,
  KEY,
  keyCatalog,
  PASSWORD,
  startKeyService,
  type KeyProviderId,
  type KeyService,
} from '../../support/key-service.js'
import { openConnectorBench, type Called, type ConnectorBench } from './bench.js'

let service: KeyService
let bench: ConnectorBench
/** Names that resolve to this machine. */
const network = createNetwork({
  resolve: (name) =>
    Promise.resolve([{ address: name === 'server.example' ? '127.0.0.1' : '192.0.2.1', family: 4 }]),
})
beforeAll(async () => {
  service = await startKeyService()
  bench = await openConnectorBench('pglite', { further: keyCatalog(service), network })
})
beforeEach(() => service.refuse('nothing'))
afterAll(async () => {
  await bench.close()
  await service.close()
  await network.close()
})

const KINDS: readonly (readonly [KeyProviderId, string])[] = [
  ['by-key', 'api_key'],
  ['by-header', 'api_key'],
  ['by-basic', 'basic'],
  ['by-client', 'client_credentials'],
  ['by-robot', 'service_account'],
  ['by-calls', 'custom'],
  ['by-headers', 'custom'],
  ['by-query', 'custom'],
  ['own-server', 'api_key'],
]
/** Those that are opened by a call, and opened anew when their tokens end. */
const OPENED: readonly KeyProviderId[] = ['by-client', 'by-robot', 'by-calls']

const create = (type: KeyProviderId, config: unknown = enteredFor(service)[type]): Promise<Called> =>
  bench.call('POST', '/v1/connectors', { body: { connector_type: type, config } })
const fault = ({ status, json }: Called): unknown => [status, json['error']?.['fields']?.[0]?.['path']]
const secrets = (): readonly string[] => [KEY, PASSWORD, CLIENT_SECRET, 'canary-session', 'PRIVATE KEY']

/** A call of the connector's own, as a sync makes one. */
async function account(id: string, type: string) {
  const row = await bench.store.tenant('acme', (tx) => connectors.get(tx, id))
  if (row === undefined) throw new Error('no such connector')
  const grant = await openConnectorGrant(bench.ports, row)
  const { provider, settings } = usableProvider(bench.ports.catalog, type)
  const http = createProviderHttp({
    provider,
    settings,
    tokenSource: grant,
    clock: bench.clock,
    log: bench.ports.log,
    signal: new AbortController().signal,
    ...bench.ports.outbound,
  })
  return provider.account(http, { settings, fields: grant.tokens().fields ?? { texts: {}, secrets: {} } })
}

describe('an account is connected over HTTP', () => {
  it.each(KINDS)('%s', async (type, kind) => {
    const made = await create(type)
    expect([made.status, made.json['auth_kind'], made.json['status']]).toEqual([201, kind, 'active'])
    const id = String(made.json['id'])
    expect(await account(id, type)).toMatchObject({ id: 'account-1' })
    const shown = await bench.call('GET', `/v1/connectors/${id}`)
    const test = await bench.call('POST', `/v1/connectors/${id}/test`, { body: {} })
    expect(test.json).toMatchObject({ success: true, details: { account: { id: 'account-1' } } })
    for (const canary of secrets())
      expect(made.text + shown.text + test.text + bench.logged()).not.toContain(canary)
  })

  it('and takes the names of fields in the spelling of /v1 too, but not in both at once', async () => {
    expect(await create('by-key', { api_key: KEY })).toMatchObject({ status: 201 })
    const both = await create('by-key', { api_key: KEY, apiKey: KEY })
    expect(fault(both)).toEqual([400, 'config'])
    expect(both.text).toContain('it may have apiKey')
  })

  it('and shows what was entered, with its default, and no secret', async () => {
    const made = await create('by-basic')
    expect(made.json['fields']).toEqual({ user: 'ann', region: 'eu' })
    const robot = await create('by-robot')
    expect(robot.json['fields']).toEqual({ person: 'ann@company.example' })
  })

  it('and credentials go where its kind says, never into the query', async () => {
    service.seen.length = 0
    await create('by-header')
    await create('own-server')
    await create('by-headers')
    const calls = service.seen.filter(({ path }) => path.startsWith('/me'))
    expect(calls.map(({ authorization, key }) => [authorization, key])).toEqual([
      [undefined, KEY],
      [`Token ${KEY}`, undefined],
      [undefined, KEY],
    ])
    expect(service.seen.some(({ path }) => path.includes('canary'))).toBe(false)
  })

  it('a service account asks its declared address only, for the person it acts for', async () => {
    service.seen.length = 0
    await create('by-robot')
    const asked = service.seen.find(({ path }) => path === '/token')
    const assertion = new URLSearchParams(asked?.body).get('assertion') ?? ''
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({
      iss: 'robot@project.example',
      sub: 'ann@company.example',
      aud: `${service.origin}/token`,
      scope: 'https://scopes.example/read https://scopes.example/things',
    })
  })
})

describe('what was opened and has ended', () => {
  it.each(OPENED)('%s is opened anew, once for many calls', async (type) => {
    const id = String((await create(type)).json['id'])
    const before = service.opened()
    service.refuse('tokens')
    await Promise.all(Array.from({ length: 10 }, () => account(id, type)))
    expect(service.opened()).toBe(before + 1)
  })

  it.each(['by-client', 'by-robot'] as const)('%s is opened anew before its time is over', async (type) => {
    const id = String((await create(type)).json['id'])
    const before = service.opened()
    bench.clock.add(3_590_000)
    const health = await bench.call('GET', `/v1/connectors/${id}/health`)
    await account(id, type)
    expect([service.opened(), health.json['token']?.['state']]).toEqual([before + 1, 'valid'])
  })

  it.each(OPENED)('%s that is refused is TOKEN_REVOKED, and must be connected again', async (type) => {
    const id = String((await create(type)).json['id'])
    service.refuse('grants')
    bench.clock.add(4_000_000)
    const test = await bench.call('POST', `/v1/connectors/${id}/test`, { body: {} })
    expect(test.json).toMatchObject({ success: false, error: { code: 'TOKEN_REVOKED' } })
    const { json } = await bench.call('GET', `/v1/connectors/${id}`)
    expect(json['status']).toBe('reconnect_needed')
  })
})

describe('what is not right is refused by its field, and nothing is kept', () => {
  it.each<readonly [string, KeyProviderId, Record<string, unknown>, string]>([
    ['a key that is refused', 'by-key', { apiKey: 'another-key' }, 'config.apiKey'],
    ['a key with a line break', 'by-key', { apiKey: 'a\r\nX-Evil: 1' }, 'config.apiKey'],
    ['no key', 'by-key', { apiKey: '' }, 'config.apiKey'],
    ['a member too many', 'by-key', { apiKey: KEY, owner: 'me' }, 'config'],
    ['a password that is refused', 'by-basic', { user: 'ann', password: 'wrong' }, 'config.password'],
    ['a user with a colon', 'by-basic', { user: 'ann:x', password: PASSWORD }, 'config.user'],
    ['a user of another form', 'by-basic', { user: 'ANN', password: PASSWORD }, 'config.user'],
    ['no such choice', 'by-basic', { user: 'ann', password: PASSWORD, region: 'moon' }, 'config.region'],
    ['no JSON key', 'by-robot', { keyFile: '{"private_key":"x"}' }, 'config.keyFile'],
    ['a password of calls', 'by-calls', { password: 'wrong' }, 'config.password'],
    ['a private server', 'own-server', { url: 'https://10.0.0.1', apiKey: KEY }, 'config.url'],
    ['a loopback server', 'own-server', { url: 'http://127.0.0.1:1', apiKey: KEY }, 'config.url'],
    ['a local name', 'own-server', { url: 'https://localhost', apiKey: KEY }, 'config.url'],
    ['plain http', 'own-server', { url: 'http://server.example', apiKey: KEY }, 'config.url'],
    ['an address with a path', 'own-server', { url: 'https://server.example/x', apiKey: KEY }, 'config.url'],
    [
      'an address with a password',
      'own-server',
      { url: 'https://a:b@server.example', apiKey: KEY },
      'config.url',
    ],
  ])('%s', async (_what, type, config, path) => {
    const made = await create(type, config)
    expect(fault(made)).toEqual([400, path])
    expect(made.text + bench.logged()).not.toContain(KEY)
  })

  it('a public name that resolves to this machine is not connected to', async () => {
    const made = await create('own-server', { url: 'https://server.example', apiKey: KEY })
    expect([made.status, made.json['error']?.['code']]).toEqual([503, 'PROVIDER_DOWN'])
  })

  it('a flipped service account key', async () => {
    const key = JSON.parse(service.serviceKey) as { client_email: string }
    const other = JSON.stringify({ ...key, client_email: 'other@project.example' })
    expect(fault(await create('by-robot', { keyFile: other }))).toEqual([400, 'config.keyFile'])
  })

  it('a kind that the type has not', async () => {
    const body = { connector_type: 'by-key', auth_kind: 'basic', config: { apiKey: KEY } }
    expect(fault(await bench.call('POST', '/v1/connectors', { body }))).toEqual([400, 'auth_kind'])
    expect(fault(await bench.call('POST', '/v1/connectors/test', { body }))).toEqual([400, 'auth_kind'])
  })
})

describe('credentials', () => {
  it('are replaced by PUT, tested first', async () => {
    const id = String((await create('by-key')).json['id'])
    const put = (config: unknown) => bench.call('PUT', `/v1/connectors/${id}`, { body: { config } })
    expect(fault(await put({ apiKey: 'wrong-key' }))).toEqual([400, 'config.apiKey'])
    expect((await put({ apiKey: KEY })).status).toBe(200)
  })

  it('are tested without being kept', async () => {
    const body = { connector_type: 'by-basic', config: { user: 'ann', password: 'wrong' } }
    const { json } = await bench.call('POST', '/v1/connectors/test', { body })
    expect(json).toMatchObject({ success: false, error: { code: 'TOKEN_REVOKED' } })
  })

  it('are refused by the path of the field whose thing is not there', async () => {
    const config = { apiKey: KEY, query: 'missing' }
    const body = { connector_type: 'by-query', config }
    expect(fault(await bench.call('POST', '/v1/connectors/test', { body }))).toEqual([400, 'config.query'])
    expect(fault(await create('by-query', config))).toEqual([400, 'config.query'])
    expect(fault(await create('by-query', { apiKey: KEY, query: 'a\u0000b' }))).toEqual([400, 'config.query'])
  })

  it('have a form that can be drawn', async () => {
    const { json } = await bench.call('GET', '/v1/catalog/by-basic')
    expect(json['auth']?.[0 as never]).toMatchObject({
      kind: 'basic',
      fields: {
        required: ['user', 'password'],
        additionalProperties: false,
        properties: {
          user: { title: 'User', description: 'Your name there.', pattern: '^(?:[a-z:]{2,20})$' },
          password: { writeOnly: true, format: 'password' },
          region: { enum: ['eu', 'us'], default: 'eu' },
        },
      },
    })
  })
})
