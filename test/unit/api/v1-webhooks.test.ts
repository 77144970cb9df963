/** /v1/webhooks as an application uses it: what it may ask for, what it is shown, and whose events it is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog, webhookDeliveries, webhooks } from '../../../src/store/index.js'
import { EVENT_TYPES } from '../../../src/webhooks/outbound/index.js'
import { openConnectorBench, type CallOptions, type ConnectorBench } from '../connectors/bench.js'

let bench: ConnectorBench
beforeAll(async () => {
  bench = await openConnectorBench()
})
afterAll(() => bench.close())

const NOBODY = '00000000-0000-4000-8000-000000000000'
const URL_ = 'https://app.example/hooks'

async function make(body: object = {}, options: CallOptions = {}) {
  const made = await bench.call('POST', '/v1/webhooks', { body: { url: URL_, ...body }, ...options })
  expect(made.status).toBe(201)
  return { id: String(made.json['id']), made }
}

describe('a webhook', () => {
  it('is made with a secret that is shown once, sealed in its row and told nowhere else', async () => {
    const { id, made } = await make({ description: 'Ours', events: ['sync.failed'] })
    const secret = String(made.json['secret'])
    expect(secret).toMatch(/^whsec_/)
    expect(made.headers.get('location')).toBe(`/v1/webhooks/${id}`)
    expect(made.headers.get('etag')).toBe('"1"')
    const shown = {
      url: URL_,
      events: ['sync.failed'],
      enabled: true,
      disabled_reason: null,
      description: 'Ours',
      failing_since: null,
    }
    expect(made.json).toMatchObject(shown)
    const got = await bench.call('GET', `/v1/webhooks/${id}`)
    expect(got.json).toMatchObject(shown)
    const list = await bench.call('GET', '/v1/webhooks')
    const rows = await bench.store.node(async (tx) => [
      await tx.selectFrom('webhooks').selectAll().execute(),
      await tx.selectFrom('auditLog').selectAll().execute(),
    ])
    expect(got.text + list.text + JSON.stringify(rows) + bench.logged()).not.toContain(secret.slice(6))
  })

  it('hears everything unless it says what', async () => {
    expect((await make()).made.json['events']).toEqual(EVENT_TYPES)
  })

  it('is changed at the version that was read, and refused at another', async () => {
    const { id } = await make()
    const put = (headers: Record<string, string>) =>
      bench.call('PUT', `/v1/webhooks/${id}`, { body: { enabled: false }, headers })
    const changed = await put({ 'if-match': '"1"' })
    expect(changed.json).toMatchObject({ enabled: false, disabled_reason: 'request', url: URL_ })
    expect(changed.headers.get('etag')).toBe('"2"')
    const late = await put({ 'if-match': '"1"' })
    expect([late.status, late.json['error']?.['code']]).toEqual([412, 'PRECONDITION_FAILED'])
    const test = await bench.call('POST', `/v1/webhooks/${id}/test`)
    expect(test).toMatchObject({ status: 400, json: { error: { fields: [{ path: 'enabled' }] } } })
  })

  it('gets a new secret once for one Idempotency-Key', async () => {
    const { id, made } = await make()
    const rotate = () =>
      bench.call('POST', `/v1/webhooks/${id}/rotate`, { headers: { 'idempotency-key': `r-${id}` } })
    const [first, second] = [await rotate(), await rotate()]
    expect(second.json).toEqual(first.json)
    expect(first.json['secret']).not.toBe(made.json['secret'])
    expect(Date.parse(String(first.json['old_secret_until'])) - bench.clock.now()).toBeGreaterThan(86_000_000)
    expect(first.headers.get('etag')).toBe('"2"')
  })

  it('is deleted with its log', async () => {
    const { id } = await make()
    expect((await bench.call('POST', `/v1/webhooks/${id}/test`)).status).toBe(202)
    expect((await bench.call('DELETE', `/v1/webhooks/${id}`)).status).toBe(204)
    expect((await bench.call('GET', `/v1/webhooks/${id}`)).json).toMatchObject({
      error: { code: 'WEBHOOK_UNKNOWN' },
    })
    expect(await bench.store.node((tx) => webhookDeliveries.list(tx, id, { limit: 10 }))).toEqual([])
    const trail = await bench.store.tenant('acme', (tx) => auditLog.list(tx, { subject: `webhook:${id}` }))
    expect(trail.map(({ action, actor }) => [action, actor])).toEqual([
      ['webhook.created', 'user:ann'],
      ['webhook.deleted', 'user:ann'],
    ])
  })

  it('is one of twenty at most', async () => {
    const tenant = 'many'
    for (let count = 0; count < 20; count += 1) await make({}, { tenant })
    const refused = await bench.call('POST', '/v1/webhooks', { body: { url: URL_ }, tenant })
    expect([refused.status, refused.json['error']?.['code']]).toEqual([409, 'LIMIT_REACHED'])
  })
})

describe('a request that is refused, and writes nothing', () => {
  it.each([
    ['plain http', { url: 'http://app.example/' }, 'url'],
    ['a private address', { url: 'https://10.1.2.3/' }, 'url'],
    ['a local name', { url: 'https://localhost:8443/' }, 'url'],
    ['no address', { url: 'hooks' }, 'url'],
    ['none', {}, 'url'],
    ['an unknown event', { url: URL_, events: ['sync.started'] }, 'events.0'],
    ['the test event', { url: URL_, events: ['webhook.test'] }, 'events.0'],
    ['an event twice', { url: URL_, events: ['sync.failed', 'sync.failed'] }, 'events'],
    ['no event', { url: URL_, events: [] }, 'events'],
    ['a secret of its own', { url: URL_, secret: 'whsec_x' }, ''],
    ['a tenant', { url: URL_, tenant: 'other' }, ''],
    ['lines', { url: URL_, description: 'a\nb' }, 'description'],
  ])('names %s', async (_, body, path) => {
    const tenant = 'strict'
    const refused = await bench.call('POST', '/v1/webhooks', { body, tenant })
    expect([refused.status, refused.json['error']?.['code']]).toEqual([400, 'REQUEST_INVALID'])
    expect(refused.json['error']?.['fields']).toMatchObject([{ path }])
    expect(await bench.store.tenant(tenant, (tx) => webhooks.list(tx, { limit: 10 }))).toEqual([])
  })

  it.each([{ since: 'yesterday' }, { since: 5 }, {}, { since: '2026-01-01T00:00:00Z', all: true }])(
    'a replay of %j',
    async (body) => {
      const { id } = await make({}, { tenant: 'replays' })
      const refused = await bench.call('POST', `/v1/webhooks/${id}/replay`, { body, tenant: 'replays' })
      expect([refused.status, refused.json['error']?.['code']]).toEqual([400, 'REQUEST_INVALID'])
    },
  )

  it('lacks the scope', async () => {
    const { id } = await make()
    const read = { scopes: ['webhooks:read'] } as const
    expect((await bench.call('GET', `/v1/webhooks/${id}`, read)).status).toBe(200)
    for (const [method, path] of [
      ['POST', '/v1/webhooks'],
      ['PUT', `/v1/webhooks/${id}`],
      ['DELETE', `/v1/webhooks/${id}`],
      ['POST', `/v1/webhooks/${id}/rotate`],
      ['POST', `/v1/webhooks/${id}/test`],
      ['POST', `/v1/webhooks/${id}/replay`],
    ] as const) {
      const refused = await bench.call(method, path, { ...read, body: {} })
      expect([path, refused.status]).toEqual([path, 403])
    }
    expect((await bench.call('GET', `/v1/webhooks/${id}`, { scopes: ['connectors:read'] })).status).toBe(403)
  })
})

it('answers for another tenant’s webhook and delivery as for ones that never were', async () => {
  const { id } = await make({}, { tenant: 'theirs' })
  const told = await bench.call('POST', `/v1/webhooks/${id}/test`, { tenant: 'theirs' })
  const delivery = String(told.json['id'])
  const mine = await make({}, { tenant: 'ours' })
  const ask = async (hook: string, delivered: string) => {
    const answers: unknown[] = []
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PUT', '', { enabled: false }],
      ['DELETE', '', undefined],
      ['POST', '/rotate', {}],
      ['POST', '/test', {}],
      ['GET', '/deliveries', undefined],
      ['POST', '/replay', { since: '2026-01-01T00:00:00Z' }],
      ['POST', `/deliveries/${delivered}/replay`, {}],
    ] as const) {
      const { status, json } = await bench.call(method, `/v1/webhooks/${hook}${path}`, {
        tenant: 'ours',
        ...(body && { body }),
      })
      answers.push([method, path.replace(delivered, ''), status, json['error']?.['code']])
    }
    return answers
  }
  expect(await ask(id, delivery)).toEqual(await ask(NOBODY, NOBODY))
  expect(await ask('not-an-id', 'neither')).toEqual(await ask(NOBODY, NOBODY))
  const replay = (delivered: string) =>
    bench.call('POST', `/v1/webhooks/${mine.id}/deliveries/${delivered}/replay`, { tenant: 'ours' })
  for (const delivered of [delivery, NOBODY])
    expect((await replay(delivered)).json).toMatchObject({ error: { code: 'DELIVERY_UNKNOWN' } })
  const still = await bench.call('GET', `/v1/webhooks/${id}/deliveries`, { tenant: 'theirs' })
  expect(still.json['data']).toMatchObject([{ id: delivery, state: 'waiting', attempts: [] }])
})

it('shows its log in pages, newest first, by state', async () => {
  const tenant = 'pages'
  const { id } = await make({}, { tenant })
  const other = await make({}, { tenant })
  const made: string[] = []
  for (let count = 0; count < 5; count += 1) {
    bench.clock.add(1)
    made.unshift(String((await bench.call('POST', `/v1/webhooks/${id}/test`, { tenant })).json['id']))
  }
  const seen: string[] = []
  const log = (of: string, next: unknown) => {
    const cursor = next === null ? '' : `&cursor=${encodeURIComponent(next as string)}`
    return bench.call('GET', `/v1/webhooks/${of}/deliveries?limit=2${cursor}`, { tenant })
  }
  let next: unknown = null
  do {
    const { json } = await log(id, next)
    const data = json['data'] as unknown as readonly { readonly id: string }[]
    expect(data.length).toBeLessThanOrEqual(2)
    seen.push(...data.map((one) => one.id))
    next = json['next_cursor']
    if (next !== null) expect((await log(other.id, next)).status).toBe(400)
  } while (next !== null)
  expect(seen).toEqual(made)
  const delivered = await bench.call('GET', `/v1/webhooks/${id}/deliveries?state=delivered`, { tenant })
  expect(delivered.json['data']).toEqual([])
  expect((await bench.call('GET', `/v1/webhooks/${id}/deliveries?state=lost`, { tenant })).status).toBe(400)
})

it('is told what happens to its tenant’s connectors, without a credential, a record or a name', async () => {
  const tenant = 'told'
  const { id } = await make({}, { tenant })
  await make({}, { tenant: 'deaf' })
  const config = await bench.tokens()
  const made = await bench.call('POST', '/v1/connectors', {
    body: { connector_type: 'sandbox', config },
    tenant,
  })
  const connector = String(made.json['id'])
  await bench.call('POST', '/v1/connectors', { body: { connector_type: 'sandbox' }, tenant })
  await bench.sandbox.admin.revokeGrants()
  expect((await bench.call('POST', `/v1/connectors/${connector}/test`, { tenant })).json).toMatchObject({
    success: false,
  })
  await bench.call('DELETE', `/v1/connectors/${connector}`, { tenant })
  const events = await bench.store.node((tx) =>
    tx
      .selectFrom('webhookEvents')
      .select(['id', 'tenant', 'type', 'payload'])
      .where('type', '<>', 'webhook.test')
      .orderBy('createdAtMs')
      .execute(),
  )
  const data = { connector_id: connector, connector_type: 'sandbox' }
  expect(
    events.map(({ tenant: whose, type, payload }) => [
      whose,
      type,
      (JSON.parse(payload) as { data: unknown }).data,
    ]),
  ).toEqual([
    [tenant, 'connection.created', { ...data, subject: 'ann' }],
    [tenant, 'connection.reconnect_needed', { ...data, reason: 'TOKEN_REVOKED' }],
    [tenant, 'connection.deleted', { ...data, revoked: true, revoke_error: null, erased_records: 0 }],
  ])
  for (const { id: event } of events) expect(event).toMatch(/^msg_[0-9a-f]{32}$/)
  const text = JSON.stringify(events)
  for (const secret of [...Object.values(config), 'Maya', 'maya']) expect(text).not.toContain(secret)
  const log = await bench.call('GET', `/v1/webhooks/${id}/deliveries`, { tenant })
  expect(log.json['data']).toHaveLength(3)
})
