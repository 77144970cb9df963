/** The unified surface over real routes, store and sandbox: connecting in each way, live reads, state, tokens, and the operator's rules. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider as sandbox } from '../../../providers/sandbox/index.js'
import { createServiceTokens } from '../../../src/api/authentication/service-tokens.js'
import { approve } from '../../../src/devnet/sandbox-service/index.js'
import { reveal } from '../../../src/lib/redacted.js'
import type { Provider } from '../../../src/provider/index.js'
import { auditLog, connections, connectorCredentials, leases, usageDaily } from '../../../src/store/index.js'
import { locationOf, openBrowser } from '../connect/browser.js'
import {
  APPLICATION,
  OPERATOR,
  openConnectorBench,
  type Called,
  type CallOptions,
  type ConnectorBench,
  type Json,
} from '../connectors/bench.js'

const SANDBOX = '/api/connectors/sandbox'
const { browse, ...plain } = sandbox
const withoutBrowse: Provider = { ...plain, id: 'silent' }
const withoutFilters: Provider = {
  ...plain,
  id: 'plain',
  ...(browse && { browse: { ...browse, filters: ['search'], comments: undefined } }),
} as unknown as Provider
let bench: ConnectorBench
let id: string

beforeAll(async () => {
  bench = await openConnectorBench('pglite', { twins: [withoutBrowse, withoutFilters] })
  id = await connected()
})
afterAll(() => bench.close())

const post = (path: string, body: unknown, options: CallOptions = {}): Promise<Called> =>
  bench.call('POST', path, { body, ...options })
const get = (path: string, options: CallOptions = {}): Promise<Called> => bench.call('GET', path, options)
const data = ({ json }: Called): Json => json['data'] as Json
const ends = ({ status, json }: Called) => [status, json['error']?.['code']]
const faults = ({ json }: Called) => json['error']?.['errors']
const read = (what: string, query: string, options?: CallOptions): Promise<Called> =>
  get(`${SANDBOX}/${what}?connectionId=${id}${query}`, options)

async function connected(person?: string): Promise<string> {
  const made = await post(`${SANDBOX}/connect/callback`, { config: await bench.tokens(person) })
  expect(made.status, made.text).toBe(200)
  return String(data(made)['connection']?.['id'])
}

const audited = async (action: string) => {
  const rows = await bench.store.tenant('acme', (tx) => auditLog.list(tx, { limit: 10_000 }))
  return rows.filter((row) => row.action === action)
}

describe('providers', () => {
  it('tell their forms, streams and what can be read live', async () => {
    const { json } = await get('/api/connectors?category=development')
    expect(json).toMatchObject({ success: true, error: null, meta: { page: { nextCursor: null } } })
    const sandbox = (json['data'] as unknown as Json[]).find((one) => one['id']?.toString() === 'sandbox')
    expect(sandbox).toMatchObject({
      enabled: true,
      configured: true,
      capabilities: {
        containers: ['folder', 'calendar'],
        items: ['file', 'event'],
        filters: ['container', 'kind', 'search', 'time'],
        comments: true,
      },
    })
    expect(JSON.stringify(sandbox)).toContain('"access_token"')
    expect(ends(await get('/api/connectors/nothing'))).toEqual([404, 'PROVIDER_UNKNOWN'])
    expect(data(await get('/api/connectors/unset'))).toMatchObject({ configured: false })
  })

  it('are probed: set up, answering, and opening the account', async () => {
    const probed = data(await post(`${SANDBOX}/probe`, { connectionId: id }))
    expect(probed).toMatchObject({
      enabled: true,
      configured: true,
      reachable: true,
      connection: { id, valid: true, account: { id: 'maya' } },
    })
    expect(data(await post('/api/connectors/unset/probe', {}))).toMatchObject({
      configured: false,
      missingSettings: ['UNSET_CLIENT_SECRET'],
      reachable: null,
      connection: null,
    })
  })
})

describe('connecting', () => {
  const start = async (wish: object = {}) => {
    const asked = await post(`${SANDBOX}/connect`, { redirectUri: APPLICATION, ...wish })
    expect(asked.status, asked.text).toBe(200)
    const begun = data(asked)
    const url = String(begun['authorizeUrl'])
    const [state, binding] = [String(begun['state']), String(begun['binding'])]
    return { url, state, binding, id: String(begun['connection']?.['id']), asked }
  }
  const codeOf = async (url: string) => Object.fromEntries(new URL(await approve(url)).searchParams)
  const finish = (body: object, options?: CallOptions) => post(`${SANDBOX}/connect/callback`, body, options)

  it('by a sign-in that comes back to this node', async () => {
    const asked = data(
      await post(`${SANDBOX}/connect`, { redirectUrl: APPLICATION, state: 's', displayName: 'Ours' }),
    )
    expect(asked).toMatchObject({ kind: 'sign-in', connection: { status: 'pending', displayName: 'Ours' } })
    expect(asked).not.toHaveProperty('binding')
    const browser = openBrowser()
    const back = await browser.get(
      await approve(locationOf(await browser.get(String(asked['authorizeUrl']))).href),
    )
    expect(back.headers.get('location')).toBe(
      `${APPLICATION}?state=s&connector_id=${String(asked['connection']?.['id'])}&status=connected`,
    )
  })

  it('by a sign-in that comes back to the application, which hands in code, state and binding; the verifier stays here', async () => {
    const { url, state, binding, id: made, asked } = await start()
    const out = new URL(url).searchParams
    expect([out.get('redirect_uri'), out.get('state'), out.get('code_challenge_method')]).toEqual([
      APPLICATION,
      state,
      'S256',
    ])
    expect(asked.headers.get('set-cookie')).toBe(
      `cn-browser=${binding}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax`,
    )
    const { code, iss } = await codeOf(url)
    const done = await finish({ code, iss, state, binding })
    expect(data(done)).toMatchObject({ kind: 'connected', connection: { id: made, status: 'active' } })
    expect(ends(await finish({ code, iss, state, binding }))).toEqual([400, 'STATE_UNKNOWN'])
    expect(asked.text).not.toMatch(/verifier/i)
    expect(bench.logged()).not.toContain(code)
  })

  it('takes the binding out of this node’s cookie too', async () => {
    const { url, state, binding } = await start()
    const { code, iss } = await codeOf(url)
    const done = await finish({ code, iss, state }, { headers: { cookie: `cn-browser=${binding}` } })
    expect(done.status).toBe(200)
  })

  it.each([
    ['another binding', { binding: 'A'.repeat(43) }, {}, [400, 'STATE_UNKNOWN']],
    ['no binding', { binding: undefined }, {}, [400, 'STATE_UNKNOWN']],
    ['another state', { state: 'B'.repeat(43) }, {}, [400, 'STATE_UNKNOWN']],
    ['another tenant', {}, { tenant: 'other' }, [400, 'STATE_UNKNOWN']],
    ['another issuer', { iss: 'https://evil.example' }, {}, [400, 'STATE_UNKNOWN']],
    ['no issuer', { iss: undefined }, {}, [400, 'STATE_UNKNOWN']],
    ['a refusal of the person', { error: 'access_denied' }, {}, [403, 'CONSENT_DENIED']],
    ['a made-up code', { code: 'made-up' }, {}, [409, 'CODE_REJECTED']],
  ] as const)('refuses %s', async (_why, twist, options, expected) => {
    const { url, state, binding, id: made } = await start()
    const { code, iss } = await codeOf(url)
    expect(ends(await finish({ code, iss, state, binding, ...twist }, options))).toEqual(expected)
    expect(await bench.store.tenant('acme', (tx) => connectorCredentials.list(tx, made))).toEqual([])
  })

  it('neither finishes the other’s sign-in: the page of this node those of applications, nor the other way round', async () => {
    const { url, binding } = await start()
    const query = new URLSearchParams(await codeOf(url)).toString()
    const headers = { cookie: `cn-browser=${binding}`, accept: 'application/json' }
    const here = await fetch(`${bench.origin}/v1/oauth/sandbox/callback?${query}`, { headers })
    expect(await here.json()).toMatchObject({ error: { code: 'STATE_UNKNOWN' } })

    const asked = data(await post(`${SANDBOX}/connect`, {}))
    const started = await fetch(String(asked['authorizeUrl']), { redirect: 'manual' })
    const back = await codeOf(started.headers.get('location') ?? '')
    const cookie = started.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    expect(ends(await finish(back, { headers: { cookie } }))).toEqual([400, 'STATE_UNKNOWN'])
  })

  it('sends nobody to an address that the operator did not list', async () => {
    for (const redirectUri of ['https://elsewhere.example/', 'javascript:alert(1)', `${APPLICATION}#x`])
      expect(ends(await post(`${SANDBOX}/connect`, { redirectUri }))).toEqual([400, 'REDIRECT_REFUSED'])
  })

  it('with credentials, tested first; faults have the names of this surface', async () => {
    const refused = await post(`${SANDBOX}/connect`, { config: { access_token: 'of-nobody' } })
    expect(ends(refused)).toEqual([400, 'REQUEST_INVALID'])
    const odd = await post(`${SANDBOX}/connect`, {
      displayName: ' ',
      syncFrequency: 'often',
      streams: ['nothing'],
    })
    expect((faults(odd) as unknown as Json[]).map((fault) => String(fault['path'])).sort()).toEqual([
      'displayName',
      'streams.0',
      'syncFrequency',
    ])
    expect(faults(await post(`${SANDBOX}/connect`, { authKind: 'basic' }))).toEqual([
      { path: 'authKind', message: 'must be one of oauth2' },
    ])
    expect(faults(await post(`${SANDBOX}/validate`, {}))).toEqual([
      { path: 'connectionId', message: 'is needed' },
    ])
    expect(ends(await post(`${SANDBOX}/connect`, { status: 'active' }))).toEqual([400, 'REQUEST_INVALID'])
    expect(ends(await post('/api/connectors/unset/connect', {}))).toEqual([503, 'PROVIDER_NOT_CONFIGURED'])
  })

  it('by a ready choice of the provider, for a new connection only', async () => {
    expect(data(await get(SANDBOX))['presets']).toMatchObject([{ id: 'everything-daily' }])
    const preset = 'everything-daily'
    const made = await post(`${SANDBOX}/connect`, { preset, config: await bench.tokens() })
    expect(data(made)['connection']).toMatchObject({ syncFrequency: 'daily', streams: null })
    const again = { preset, connectionId: id, config: await bench.tokens() }
    expect(faults(await post(`${SANDBOX}/connect`, again))).toMatchObject([{ path: 'preset' }])
  })

  it('is validated before and after', async () => {
    const config = await bench.tokens()
    expect(data(await post(`${SANDBOX}/validate`, { config }))).toMatchObject({
      valid: true,
      account: { id: 'maya' },
    })
    expect(data(await post(`${SANDBOX}/validate`, { config: { access_token: 'x' } }))).toMatchObject({
      valid: false,
      account: null,
      problem: { code: 'TOKEN_REVOKED' },
    })
    expect(data(await post('/api/connections/validate', { connectionId: id }))).toMatchObject({ valid: true })
  })
})

describe('live reads', () => {
  it('give containers page by page, and everything of their items', async () => {
    const first = await read('containers', '&limit=3')
    const next = String(first.json['meta']?.['page']?.['nextCursor'])
    const second = await read('containers', `&limit=3&cursor=${encodeURIComponent(next)}`)
    const ids = [first, second].flatMap(({ json }) =>
      (json['data'] as unknown as Json[]).map((one) => String(one['id'])),
    )
    expect(ids).toEqual(['files', 'work', 'home', 'reading'])
    expect(second.json['meta']?.['page']).toEqual({ nextCursor: null, limit: 3 })
    const { json } = await read('items', '&containerId=files&limit=1')
    expect(Object.keys((json['data'] as unknown as Json[])[0] ?? {})).toEqual([
      'id',
      'kind',
      'name',
      'containerId',
      'mimeType',
      'sizeBytes',
      'url',
      'createdAt',
      'updatedAt',
    ])
  })

  it('select members, and show what the service sent without its tokens', async () => {
    const { json } = await read('items', '&kind=event&fields=name,containerId&raw=true&limit=1')
    const [event] = json['data'] as unknown as Json[]
    expect(Object.keys(event ?? {})).toEqual(['id', 'name', 'containerId', 'raw'])
    expect(event?.['raw']).toMatchObject({ type: 'event', organizer: { name: 'Maya Okafor' } })
  })

  it.each([
    ['items', 'containerId'],
    ['comments', 'itemId'],
  ])('of %s name the id (%s) under which the service has nothing', async (what, path) => {
    const refused = await read(what, `&${path}=of-nothing`)
    expect(ends(refused)).toEqual([400, 'REQUEST_INVALID'])
    expect(faults(refused)).toEqual([{ path, message: 'is nothing that the account has, or can see' }])
  })

  it('filter by words and time', async () => {
    const all = (await read('items', '&containerId=files')).json['data'] as unknown as Json[]
    const changed = String(all[0]?.['updatedAt'])
    const since = await read('items', `&containerId=files&since=${changed}`)
    expect(since.status).toBe(200)
    const later = all.filter((one) => String(one['updatedAt']) >= changed).map((one) => one['id'])
    expect((since.json['data'] as unknown as Json[]).map((one) => one['id'])).toEqual(later)
    expect((await read('items', '&search=nobody-wrote-this')).json['data']).toEqual([])
    expect((await read('comments', '&itemId=work-event-0000000')).status).toBe(200)
  })

  it('store nothing, are counted as calls and written into the audit log', async () => {
    const day = async () =>
      (await bench.store.tenant('acme', (tx) => usageDaily.list(tx, id, '1970-01-01'))).reduce(
        (sum, { calls }) => sum + calls,
        0,
      )
    const uses = async () =>
      (await audited('credentials.used')).filter(({ facts }) => facts['purpose'] === 'browse').length
    const before = [await day(), await uses()]
    await read('containers', '')
    expect([await day(), await uses()]).toEqual([before[0]! + 1, before[1]! + 1])
    const kept = await get(`/v1/connectors/${id}/records`)
    expect(kept.json['data']).toEqual([])
  })

  it.each([
    ['no connection', `${SANDBOX}/items`, 'connectionId'],
    ['no item', `${SANDBOX}/comments?connectionId=ID`, 'itemId'],
    ['an unknown kind', `${SANDBOX}/items?connectionId=ID&kind=unicorn`, 'kind'],
    ['an odd time', `${SANDBOX}/items?connectionId=ID&since=yesterday`, 'since'],
    [
      'a time that ends before it begins',
      `${SANDBOX}/items?connectionId=ID&since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z`,
      'until',
    ],
    ['an unknown member', `${SANDBOX}/items?connectionId=ID&fields=id,token`, 'fields'],
    ['an odd limit', `${SANDBOX}/items?connectionId=ID&limit=101`, 'limit'],
    ['an odd raw', `${SANDBOX}/items?connectionId=ID&raw=yes`, 'raw'],
    ['a made-up cursor', `${SANDBOX}/items?connectionId=ID&cursor=abc`, 'cursor'],
  ])('refuse %s', async (_why, path, field) => {
    const answer = await get(path.replace('ID', id))
    expect([...ends(answer), (faults(answer) as unknown as Json[])[0]?.['path']]).toEqual([
      400,
      'REQUEST_INVALID',
      field,
    ])
  })

  it.each([
    ['silent', 'containers', '', 'containers', 'Sandbox offers nothing to read live'],
    [
      'plain',
      'items',
      '&kind=file',
      'kind',
      'Sandbox offers containers (folder, calendar); items (file, event) by search',
    ],
    [
      'plain',
      'items',
      '&since=2026-01-01T00:00:00Z',
      'since',
      'Sandbox offers containers (folder, calendar); items (file, event) by search',
    ],
    [
      'plain',
      'comments',
      '&itemId=1',
      'comments',
      'Sandbox offers containers (folder, calendar); items (file, event) by search',
    ],
  ])('of %s name what it offers instead of %s%s', async (type, what, query, path, offer) => {
    const made = await post(`/api/connectors/${type}/connect`, { config: await bench.tokens() })
    const own = String(data(made)['connection']?.['id'])
    const calls = bench.sandbox.admin.counts().calls.items
    const answer = await get(`/api/connectors/${type}/${what}?connectionId=${own}${query}`)
    expect(ends(answer)).toEqual([422, 'CAPABILITY_MISSING'])
    expect(answer.json['error']).toMatchObject({ detail: offer, errors: [{ path, message: offer }] })
    expect(bench.sandbox.admin.counts().calls.items).toBe(calls)
    await post('/api/connections/revoke', { connectionId: own, erase: true })
  })

  it('take a cursor only for its tenant, connection and question', async () => {
    const { json } = await read('items', '&limit=1')
    const cursor = encodeURIComponent(String(json['meta']?.['page']?.['nextCursor']))
    const other = await connected('jonas')
    expect((await read('items', `&limit=1&cursor=${cursor}`)).status).toBe(200)
    for (const path of [
      `${SANDBOX}/items?connectionId=${other}&limit=1&cursor=${cursor}`,
      `${SANDBOX}/items?connectionId=${id}&kind=file&cursor=${cursor}`,
      `${SANDBOX}/containers?connectionId=${id}&cursor=${cursor}`,
    ])
      expect(ends(await get(path)), path).toEqual([400, 'REQUEST_INVALID'])
    expect(ends(await read('items', '', { tenant: 'other' }))).toEqual([404, 'CONNECTOR_UNKNOWN'])
    expect(ends(await get(`/api/connectors/unset/items?connectionId=${id}`))).toEqual([
      404,
      'CONNECTOR_UNKNOWN',
    ])
    expect(ends(await read('items', '', { scopes: ['connectors:read'] }))).toEqual([403, 'FORBIDDEN'])
  })
})

describe('connections', () => {
  it('are made or changed by one address, and listed in pages', async () => {
    const made = await post('/api/connections', { connectorId: 'sandbox', displayName: 'One' })
    expect(made.status).toBe(201)
    const changed = await post('/api/connections', {
      id: data(made)['id'],
      displayName: 'Two',
      syncFrequency: 'daily',
    })
    expect(data(changed)).toMatchObject({ id: data(made)['id'], displayName: 'Two', syncFrequency: 'daily' })
    const odd = { id: data(made)['id'], connectorId: 'unset' }
    expect(faults(await post('/api/connections', odd))).toMatchObject([{ path: 'connectorId' }])
    expect(faults(await post('/api/connections', {}))).toMatchObject([{ path: 'connectorId' }])
    expect(ends(await post('/api/connections', { id: data(made)['id'] }, { tenant: 'other' }))).toEqual([
      404,
      'CONNECTOR_UNKNOWN',
    ])
    const page = await get('/api/connections?limit=1&connectorId=sandbox')
    const cursor = encodeURIComponent(String(page.json['meta']?.['page']?.['nextCursor']))
    expect((await get(`/api/connections?limit=1&connectorId=sandbox&cursor=${cursor}`)).status).toBe(200)
    expect(ends(await get(`/api/connections?limit=1&cursor=${cursor}`))).toEqual([400, 'REQUEST_INVALID'])
    expect(ends(await get('/api/connections?status=odd'))).toEqual([400, 'REQUEST_INVALID'])
    expect((await get('/api/connections', { tenant: 'other' })).json['data']).toEqual([])
  })

  it('take new credentials of the same account only', async () => {
    const config = await bench.tokens()
    const stored = await post('/api/connections/token', { connectionId: id, config })
    expect(stored.status).toBe(200)
    expect(stored.text).not.toContain(config.access_token)
    const others = { connectionId: id, config: await bench.tokens('jonas') }
    expect(ends(await post('/api/connections/token', others))).toEqual([400, 'REQUEST_INVALID'])
  })

  it('end their grant and stay, for the same account; or go with everything', async () => {
    const own = await connected()
    const revoked = data(await post(`${SANDBOX}/revoke`, { connectionId: own }))
    expect(revoked).toMatchObject({ revoked: true, reason: null, connection: { status: 'reconnect_needed' } })
    const fields = await bench.store.tenant('acme', (tx) => connectorCredentials.list(tx, own))
    expect(fields.map(({ field }) => field)).toEqual(['account'])
    expect((await get(`/v1/connectors/${own}/health`)).json).toMatchObject({ token: { state: 'missing' } })
    expect(ends(await get(`${SANDBOX}/items?connectionId=${own}`))).toEqual([409, 'TOKEN_REVOKED'])
    expect(ends(await post(`${SANDBOX}/jobs`, { connectionId: own }))).toEqual([409, 'TOKEN_REVOKED'])
    const again = { connectionId: own, config: await bench.tokens() }
    expect(data(await post(`${SANDBOX}/connect`, again))).toMatchObject({ connection: { status: 'active' } })
    const erased = data(await post('/api/connections/revoke', { connectionId: own, erase: true }))
    expect(erased).toMatchObject({ revoked: true, connection: null })
    expect(ends(await post('/api/connections/validate', { connectionId: own }))).toEqual([
      404,
      'CONNECTOR_UNKNOWN',
    ])
  })

  it('change nothing while the provider cannot be asked to revoke', async () => {
    const own = await connected()
    const fault = { kind: 'status', status: 429, retryAfterS: 3_600 } as const
    bench.sandbox.admin.setFault({ route: 'revoke', fault })
    expect(ends(await post('/api/connections/revoke', { connectionId: own }))).toEqual([503, 'RATE_LIMITED'])
    const fields = await bench.store.tenant('acme', (tx) => connectorCredentials.list(tx, own))
    expect(fields.map(({ field }) => field)).toEqual(['account', 'tokens'])
    expect((await get(`/v1/connectors/${own}`)).json).toMatchObject({ status: 'active' })
  })
})

describe('sync state', () => {
  const path = () => `/api/connections/${id}/sync-state`
  it('is set by the stream’s own form, and shown', async () => {
    expect(data(await get(path()))).toEqual({ streams: [] })
    const set = await post(path(), { stream: 'posts', cursor: 'page-7' })
    const states = data(set)['streams'] as unknown as Json[]
    expect(states).toMatchObject([
      { stream: 'posts', partition: '', cursor: 'page-7', full: false, revision: 1 },
    ])
    await post(path(), { stream: 'events', partition: 'work', cursor: { page: 'p' } })
    await post(path(), { stream: 'posts', cursor: null })
    expect((data(await get(path()))['streams'] as unknown as Json[]).map((one) => one['cursor'])).toEqual([
      { page: 'p' },
      null,
    ])
    expect((await audited('connector.cursor_set')).map(({ facts }) => facts)).toEqual([
      { stream: 'posts', reset: false },
      { stream: 'events', reset: false },
      { stream: 'posts', reset: true },
    ])
  })
  it.each([
    ['an unknown stream', { stream: 'nothing', cursor: null }, 'stream'],
    ['a cursor of another form', { stream: 'posts', cursor: { page: 1 } }, 'cursor'],
    ['a partition where there is none', { stream: 'posts', partition: 'x', cursor: null }, 'partition'],
    ['no partition where there are some', { stream: 'events', cursor: null }, 'partition'],
    ['no cursor', { stream: 'posts' }, 'cursor'],
  ])('refuses %s', async (_why, body, field) => {
    const answer = await post(path(), body)
    expect([...ends(answer), (faults(answer) as unknown as Json[])[0]?.['path']]).toEqual([
      400,
      'REQUEST_INVALID',
      field,
    ])
  })
  it('is not changed while a sync runs', async () => {
    const { connectionId } = await bench.store.tenant('acme', (tx) =>
      tx.selectFrom('connectors').select('connectionId').where('id', '=', id).executeTakeFirstOrThrow(),
    )
    const lease = await leases.acquire(bench.store.db, connectionId, 'a sync', bench.clock.now())
    if (lease === 'busy') throw new Error('the lease is busy')
    expect(ends(await post(path(), { stream: 'posts', cursor: null }))).toEqual([503, 'WRITE_CONFLICT'])
    await leases.release(bench.store.db, connectionId, lease.leaseNumber)
    expect((await post(path(), { stream: 'posts', cursor: null })).status).toBe(200)
    expect((await connections.get(bench.store.db, connectionId))?.leaseHolder).toBeNull()
  })
})

describe('a plain token', () => {
  const path = () => `/api/connections/${id}/token`
  const service = async (scopes: readonly ('credentials:read' | 'connectors:read')[], tenant = 'acme') => {
    const maker = { tenant, subject: 'ann', scopes: new Set(scopes), kind: 'jwt', actor: 'ann' } as const
    const { token } = await createServiceTokens(bench.ports).issue(maker, { name: 'x', scopes })
    return reveal(token)
  }
  it('is read by a service token of that scope alone, and each reading is in the audit log', async () => {
    const reads = async () =>
      (await audited('credentials.used')).filter(({ facts }) => facts['purpose'] === 'read').length
    const before = await reads()
    const answer = await get(path(), { token: await service(['credentials:read']) })
    expect(data(answer)).toMatchObject({ header: 'authorization', prefix: 'Bearer ' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const me = await fetch(`${bench.sandbox.origin}/api/me`, {
      headers: { authorization: `Bearer ${String(data(answer)['accessToken'])}` },
    })
    expect(me.status).toBe(200)
    expect(data(answer)).not.toHaveProperty('refreshToken')
    expect(await reads()).toBe(before + 1)
    expect(ends(await get(path(), { token: await service(['connectors:read']) }))).toEqual([403, 'FORBIDDEN'])
    expect(ends(await get(path()))).toEqual([403, 'FORBIDDEN'])
    expect(ends(await get(path(), { token: await service(['credentials:read'], 'other') }))).toEqual([
      404,
      'CONNECTOR_UNKNOWN',
    ])
    expect(await reads()).toBe(before + 1)
  })
})

describe('the operator', () => {
  const rule = (body: unknown, path = SANDBOX) => bench.call('PATCH', path, { body, token: OPERATOR })

  it('switches a provider off: nothing new begins, what is there can be ended; and on again', async () => {
    const own = await connected()
    expect(data(await rule({ enabled: false }))).toMatchObject({ enabled: false, ruling: { enabled: false } })
    const off = [403, 'PROVIDER_DISABLED']
    expect(ends(await post(`${SANDBOX}/connect`, {}))).toEqual(off)
    expect(ends(await post('/api/connections', { connectorId: 'sandbox' }))).toEqual(off)
    expect(ends(await post(`${SANDBOX}/jobs`, { connectionId: own }))).toEqual(off)
    expect(ends(await read('items', ''))).toEqual(off)
    expect(ends(await post('/v1/oauth/sandbox/authorize', {}))).toEqual(off)
    expect((await get('/v1/catalog/sandbox')).json).toMatchObject({ status: 'disabled' })
    expect((await post('/api/connections/revoke', { connectionId: own, erase: true })).status).toBe(200)
    expect(data(await rule({ enabled: true }))).toMatchObject({ enabled: true })
    expect((await read('items', '')).status).toBe(200)
  })

  it('limits connections and how often they sync', async () => {
    const used = (await get('/api/connections?connectorId=sandbox&limit=200')).json[
      'data'
    ] as unknown as Json[]
    await rule({ limits: { maxConnections: used.length, minSyncMinutes: 60 } })
    expect(ends(await post('/api/connections', { connectorId: 'sandbox' }))).toEqual([409, 'LIMIT_REACHED'])
    const often = await post('/api/connections', { id, syncFrequency: 'every 30 minutes' })
    expect(faults(often)).toEqual([
      { path: 'syncFrequency', message: 'this provider takes at least 60 minutes between syncs' },
    ])
    expect((await post('/api/connections', { id, syncFrequency: '0 * * * *' })).status).toBe(200)
    const free = await rule({ limits: { maxConnections: null, minSyncMinutes: null } })
    expect(data(free)['limits']).toEqual({})
  })

  it('sets no secret, nothing unknown, and is alone in it', async () => {
    expect(faults(await rule({ settings: { clientSecret: 'x' } }))).toEqual([
      { path: 'settings.clientSecret', message: 'is a secret: it is set in the environment' },
    ])
    expect(faults(await rule({ settings: { origin: 'not an origin' } }))).toMatchObject([
      { path: 'settings.origin' },
    ])
    expect(ends(await rule({ settings: { unknown: 'x' } }))).toEqual([400, 'REQUEST_INVALID'])
    expect(ends(await rule({ enabled: true }, '/api/connectors/nothing'))).toEqual([404, 'PROVIDER_UNKNOWN'])
    expect(ends(await bench.call('PATCH', SANDBOX, { body: { enabled: false } }))).toEqual([403, 'FORBIDDEN'])
    const set = data(await rule({ settings: { clientId: 'another' } }))
    expect(set['ruling']).toMatchObject({ settings: { clientId: 'another' } })
    expect(data(await get(SANDBOX))).not.toHaveProperty('ruling')
    expect(data(await rule({ settings: { clientId: null } }))['ruling']).toMatchObject({ settings: {} })
  })
})
