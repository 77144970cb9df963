/** A tenant's sign-in at a service that is asked for a host, tells the rest, and grants less than it was asked for. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openForSync } from '../../../src/connectors/index.js'
import { createProviderHttp } from '../../../src/outbound/index.js'
import { syncs } from '../../../src/store/index.js'
import { leaseStore, runNodeSync } from '../../../src/sync/index.js'
import { createTablesDestination } from '../../../src/tables/index.js'
import {
  API,
  ISSUER,
  startToldService,
  TOLD,
  toldEntry,
  type ToldService,
} from '../../support/told-service.js'
import { locationOf, openBrowser } from '../connect/browser.js'
import { openConnectorBench, type ConnectorBench } from './bench.js'

let service: ToldService
let bench: ConnectorBench
beforeAll(async () => {
  service = await startToldService()
  bench = await openConnectorBench('pglite', { further: [toldEntry], network: service.network })
})
beforeEach(() => service.answer({}))
afterAll(async () => {
  await bench.close()
  await service.close()
})

const authorize = (body: object) => bench.call('POST', '/v1/oauth/told/authorize', { body })

/** From the application's link through the service's consent and back; `back` is what the service adds. */
async function signIn(body: object = {}, back: Readonly<Record<string, string>> = TOLD) {
  const { status, json } = await authorize({ fields: { shop: 'acme' }, ...body })
  expect(status).toBe(200)
  const browser = openBrowser()
  const out = locationOf(await browser.get(String(json['authorize_url'])))
  const state = out.searchParams.get('state') ?? ''
  const query = new URLSearchParams({ state, ...back }).toString()
  const answer = await browser.get(`${bench.origin}/v1/oauth/told/callback?${query}`, {
    accept: 'application/json',
  })
  const shown = (await answer.json()) as Record<string, unknown> & { error?: { code: string } }
  return { id: String(json['connector']?.['id']), out, status: answer.status, shown }
}

async function run(id: string) {
  const { store, ring, clock, log, outbound } = bench.ports
  const opened = await openForSync(bench.ports, id)
  const { status } = await runNodeSync(
    {
      store,
      clock,
      log,
      leases: leaseStore(store, clock, 'test'),
      destination: createTablesDestination({ store, ring, clock }),
      limits: { ms: 20_000, records: 5_000, bytes: 64 * 1024 * 1024 },
      fetchMs: 20_000,
      quotaLeft: () => undefined,
      providerHttp: ({ grant, ...rest }) =>
        createProviderHttp({ ...rest, tokenSource: grant, clock, log, ...outbound }),
    },
    { ...opened, trigger: 'request', signal: new AbortController().signal, onProgress: () => undefined },
  )
  const [last] = await syncs.listByConnection(store.db, opened.connection.id, 1)
  return { status, issues: last?.issues }
}
const calls = (part: string) => service.seen.filter((line) => line.includes(part)).length

describe('a sign-in with fields', () => {
  it('goes out to the host that was entered, and keeps what the service told', async () => {
    const { id, out, status, shown } = await signIn()
    expect(out.origin + out.pathname).toBe(`${ISSUER}/authorize`)
    expect([status, shown]).toEqual([200, { status: 'connected', connector_id: id, missing_permissions: [] }])
    const { json, text } = await bench.call('GET', `/v1/connectors/${id}`)
    expect(json).toMatchObject({
      status: 'active',
      fields: { shop: 'acme.told.example', company: 'c-7', api: API },
    })
    expect(await run(id)).toMatchObject({ status: 'complete', issues: [] })
    expect(text + bench.logged()).not.toContain('canary-told')
  })

  it('asks for the scopes of the chosen streams only, and an answer that names none grants those', async () => {
    service.answer({ granted: null })
    const { id, out, shown } = await signIn({ streams: ['orders'] })
    expect(out.searchParams.get('scope')).toBe('always read_orders')
    expect(shown['missing_permissions']).toEqual([])
    // Chosen later, without another sign-in.
    await bench.call('PATCH', `/v1/connectors/${id}`, { body: { streams: null } })
    expect(await run(id)).toMatchObject({
      status: 'complete',
      issues: [{ stream: 'people', code: 'SCOPE_MISSING' }],
    })
  })

  it.each([
    ['commas', 'always,read_orders'],
    ['spaces and names of OpenID Connect', 'openid email always read_orders'],
    ['a list', ['always', 'read_orders']],
    ['addresses', 'https://told.example/auth/always https://told.example/auth/read_orders'],
  ])(
    'reads what was granted, by %s: a stream without its scope is SCOPE_MISSING, and not asked for',
    async (_form, granted) => {
      service.answer({ granted })
      const before = calls('/c-7/people')
      const { id, shown } = await signIn()
      expect(shown['missing_permissions']).toEqual(['To copy people'])
      expect(await run(id)).toMatchObject({
        status: 'complete',
        issues: [{ stream: 'people', code: 'SCOPE_MISSING' }],
      })
      expect(calls('/c-7/people')).toBe(before)
    },
  )

  it('takes names that nobody can read for no refusal: the stream is asked for', async () => {
    service.answer({ granted: 'orders:all people:all' })
    const { id, shown } = await signIn()
    expect(shown['missing_permissions']).toEqual([])
    expect(await run(id)).toMatchObject({ status: 'complete', issues: [] })
  })

  it('is made again with the host that it has, and told anew', async () => {
    const { id } = await signIn()
    const { status, json } = await authorize({ connector_id: id })
    expect(status).toBe(200)
    const out = locationOf(await openBrowser().get(String(json['authorize_url'])))
    expect(out.host).toBe('acme.told.example')
  })
})

describe('refused is', () => {
  it.each<readonly [string, Record<string, string>, string]>([
    ['an answer of another issuer', { ...TOLD, iss: 'https://other.told.example' }, 'STATE_UNKNOWN'],
    ['an answer without its issuer', { code: 'good', company: 'c-7' }, 'STATE_UNKNOWN'],
    ['a callback that does not tell', { code: 'good', iss: ISSUER }, 'PROVIDER_CHANGED'],
    ['a told value of two lines', { ...TOLD, company: 'c\r\n7' }, 'PROVIDER_CHANGED'],
    ['another code', { ...TOLD, code: 'other' }, 'CODE_REJECTED'],
    ['a person who declines', { error: 'access_denied', iss: ISSUER }, 'CONSENT_DENIED'],
  ])('%s', async (_what, back, code) => {
    const { id, shown } = await signIn({}, back)
    expect(shown.error?.code).toBe(code)
    const { json } = await bench.call('GET', `/v1/connectors/${id}`)
    expect(json).toMatchObject({ status: 'pending', fields: {} })
  })

  it.each<readonly [string, Record<string, unknown>]>([
    ['an API at a foreign host', { api: 'https://evil.example' }],
    ['an API whose name only ends alike', { api: 'https://evilapi.told.example' }],
    ['an API without https', { api: 'http://eu.api.told.example' }],
    ['no API', { api: undefined }],
    ['a token answer of another form', { key: 7 }],
  ])('%s, before anything is sent there', async (_what, change) => {
    service.answer(change)
    const before = service.seen.length
    expect((await signIn()).shown.error?.code).toBe('PROVIDER_CHANGED')
    expect(service.seen.slice(before).every((line) => line.includes('/token '))).toBe(true)
  })

  it.each<readonly [string, object | undefined, string]>([
    ['no field', undefined, 'fields.shop'],
    ['a foreign host', { shop: 'evil.example' }, 'fields.shop'],
    ['a field too many', { shop: 'acme', api: 'https://evil.example' }, 'fields'],
  ])('%s', async (_what, fields, path) => {
    const { status, json } = await authorize(fields === undefined ? {} : { fields })
    expect([status, json['error']?.['fields']?.[0 as never]?.['path']]).toEqual([400, path])
  })
})
