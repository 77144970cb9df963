/** /v1 as a tenant's application uses it: nothing unchecked is kept, nothing secret comes back, nobody sees another's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectorCredentials, connectors, records } from '../../../src/store/index.js'
import { call as callSandbox } from '../devnet/sandbox-service/journey.js'
import { openConnectorBench, type CallOptions, type ConnectorBench } from '../connectors/bench.js'

let bench: ConnectorBench
beforeAll(async () => {
  bench = await openConnectorBench()
})
afterAll(() => bench.close())

const NOBODY = '00000000-0000-4000-8000-000000000000'

async function make(body: object = {}, options: CallOptions = {}) {
  const config = await bench.tokens()
  const made = await bench.call('POST', '/v1/connectors', {
    body: { connector_type: 'sandbox', config, ...body },
    ...options,
  })
  expect(made.status).toBe(201)
  return { id: String(made.json['id']), made, config }
}

const rowsOf = (tenant: string) =>
  bench.store.tenant(tenant, async (tx) => ({
    connectors: (await connectors.list(tx, { limit: 1_000 })).length,
    connections: (await tx.selectFrom('connections').select('id').execute()).length,
    credentials: (await connectorCredentials.listAll(tx, { limit: 1_000 })).length,
  }))

describe('making a connector', () => {
  it('tests the credentials of the seed’s request, keeps them sealed, and is active', async () => {
    const { made, config, id } = await make({ display_name: 'Notes of Maya', sync_frequency: 'daily' })
    expect(made.json).toMatchObject({
      connector_type: 'sandbox',
      display_name: 'Notes of Maya',
      subject: 'ann',
      auth_kind: 'oauth2',
      status: 'active',
      streams: null,
      sync_frequency: 'daily',
      last_error: null,
    })
    expect(made.headers.get('location')).toBe(`/v1/connectors/${id}`)
    expect(made.headers.get('etag')).toBe('"1"')
    // The first run is due at once.
    expect(Date.parse(String(made.json['next_run_at']))).toBeLessThanOrEqual(bench.clock.now())
    const kept = await bench.store.node(async (tx) => [
      await connectorCredentials.list(tx, id),
      await tx.selectFrom('auditLog').selectAll().execute(),
      await tx.selectFrom('connectors').selectAll().execute(),
    ])
    const everything = JSON.stringify(kept) + made.text + bench.logged()
    for (const token of [config.access_token, config.refresh_token]) expect(everything).not.toContain(token)
  })

  it('waits for a sign-in when there are no credentials', async () => {
    const { status, json } = await bench.call('POST', '/v1/connectors', {
      body: { connector_type: 'sandbox', sync_frequency: 'every 5 minutes', config: {} },
    })
    expect(status).toBe(201)
    expect(json).toMatchObject({ status: 'pending', display_name: 'Sandbox', next_run_at: null })
    const { json: health } = await bench.call('GET', `/v1/connectors/${String(json['id'])}/health`)
    expect(health).toMatchObject({ account: null, token: { state: 'missing', expires_at: null } })
    const sync = await bench.call('POST', `/v1/connectors/${String(json['id'])}/sync`)
    expect([sync.status, sync.json['error']?.['code']]).toEqual([409, 'TOKEN_REVOKED'])
  })

  it('stays tested when it is not to run yet, until it is resumed', async () => {
    const { made, id } = await make({ activate: false, sync_frequency: 'hourly' })
    expect(made.json).toMatchObject({ status: 'tested', next_run_at: null })
    const { json } = await bench.call('POST', `/v1/connectors/${id}/resume`)
    expect(json['status']).toBe('active')
    expect(json['next_run_at']).not.toBeNull()
  })

  it('is done once for one Idempotency-Key', async () => {
    const tenant = 'twice'
    const body = { connector_type: 'sandbox', config: await bench.tokens() }
    const headers = { 'idempotency-key': 'k-1' }
    const first = await bench.call('POST', '/v1/connectors', { tenant, body, headers })
    const second = await bench.call('POST', '/v1/connectors', { tenant, body, headers })
    expect(second.json).toEqual(first.json)
    expect((await rowsOf(tenant)).connectors).toBe(1)
  })

  it.each([
    ['an unknown type', { connector_type: 'nobody' }, 'connector_type'],
    ['a name of all objects', { connector_type: '__proto__' }, 'connector_type'],
    ['no type', { connector_type: undefined }, 'connector_type'],
    ['a member that is not known', { colour: 'red' }, ''],
    ['a status of its own', { status: 'active' }, ''],
    ['an owner of its own', { tenant: 'other' }, ''],
    ['a cursor of its own', { next_run_at: '2030-01-01T00:00:00Z' }, ''],
    ['credentials without a token', { config: { refresh_token: 'x' } }, 'config.access_token'],
    ['a token with a line break', { config: { access_token: 'a\r\nb' } }, 'config.access_token'],
    ['a token that is no text', { config: { access_token: { $ne: null } } }, 'config.access_token'],
    ['a credential that is not known', { config: { access_token: 'x', password: 'y' } }, 'config'],
    ['a token that is refused', { config: { access_token: 'never-given-out' } }, 'config.access_token'],
    ['less than 5 minutes', { sync_frequency: 'every 4 minutes' }, 'sync_frequency'],
    ['a cron of every minute', { sync_frequency: '* * * * *' }, 'sync_frequency'],
    ['a cron that never fires', { sync_frequency: '0 0 30 2 *' }, 'sync_frequency'],
    ['a frequency of another form', { sync_frequency: 'often' }, 'sync_frequency'],
    ['an unknown stream', { streams: ['posts', 'letters'] }, 'streams.1'],
    ['no stream', { streams: [] }, 'streams'],
    ['a stream twice', { streams: ['posts', 'posts'] }, 'streams'],
    ['an empty name', { display_name: '  ' }, 'display_name'],
    ['a name of two lines', { display_name: 'a\nb' }, 'display_name'],
    ['a window of no day', { options: { backfill_days: 0 } }, 'options.backfill_days'],
    ['a window of more than ten years', { options: { backfill_days: 3_651 } }, 'options.backfill_days'],
    ['a window of half a day', { options: { backfill_days: 0.5 } }, 'options.backfill_days'],
    ['a window that is a text', { options: { backfill_days: '30' } }, 'options.backfill_days'],
    ['an option that is not known', { options: { backfill_from: 1 } }, 'options'],
    ['options that are none', { options: [30] }, 'options'],
  ])('refuses %s, names the place, and writes nothing', async (_what, change, path) => {
    const tenant = 'strict'
    const before = await rowsOf(tenant)
    const body = { connector_type: 'sandbox', config: await bench.tokens(), ...change }
    const { status, json } = await bench.call('POST', '/v1/connectors', { tenant, body })
    expect(status).toBe(400)
    expect(json['error']?.['code']).toBe('REQUEST_INVALID')
    expect(json['error']?.['fields']).toEqual([{ path, message: expect.any(String) as string }])
    expect(await rowsOf(tenant)).toEqual(before)
  })

  it('keeps nothing while the provider does not answer', async () => {
    const tenant = 'strict'
    const body = { connector_type: 'sandbox', config: await bench.tokens() }
    bench.sandbox.admin.setFault({ route: 'me', fault: { kind: 'html' }, times: 1 })
    const { status, json } = await bench.call('POST', '/v1/connectors', { tenant, body })
    expect([status, json['error']?.['code']]).toEqual([502, 'PROVIDER_CHANGED'])
    expect((await rowsOf(tenant)).connectors).toBe(0)
  })

  it('says when the operator has not set a type up', async () => {
    const { status, json } = await bench.call('POST', '/v1/connectors', { body: { connector_type: 'unset' } })
    expect([status, json['error']?.['code']]).toEqual([503, 'PROVIDER_NOT_CONFIGURED'])
  })
})

describe('tests', () => {
  it('tells whose account credentials open, and keeps nothing', async () => {
    const tenant = 'tester'
    const before = await rowsOf(tenant)
    const body = { connector_type: 'sandbox', config: { access_token: (await bench.tokens()).access_token } }
    const { json } = await bench.call('POST', '/v1/connectors/test', { tenant, body })
    expect(json).toEqual({
      success: true,
      details: { account: { id: 'maya', name: 'Maya Okafor', username: 'maya.okafor' } },
    })
    expect(await rowsOf(tenant)).toEqual(before)
  })

  it('tells a refused credential as a result with a code and a sentence', async () => {
    const body = { connector_type: 'sandbox', config: { access_token: 'never-given-out' } }
    const { status, json } = await bench.call('POST', '/v1/connectors/test', { body })
    expect(status).toBe(200)
    expect(json).toEqual({
      success: false,
      error: { code: 'TOKEN_REVOKED', message: 'Token expired, please reconnect.' },
    })
  })

  it('that finds another’s sealed row in its place fails by name, and health still tells the rest', async () => {
    const [own, other] = [await make(), await make()]
    await bench.store.tenant('acme', async (tx) => {
      for (const field of ['account', 'tokens'] as const) {
        const moved = await connectorCredentials.get(tx, other.id, field)
        const row = { connectorId: own.id, tenant: 'acme', field, sealed: moved?.sealed ?? '' }
        await connectorCredentials.put(tx, { ...row, nowMs: bench.clock.now() })
      }
    })
    const test = await bench.call('POST', `/v1/connectors/${own.id}/test`)
    expect([test.status, test.json['error']?.['code']]).toEqual([500, 'SEAL_FAILED'])
    const { status, json } = await bench.call('GET', `/v1/connectors/${own.id}/health`)
    expect(status).toBe(200)
    const token = { state: 'unreadable', expires_at: null }
    expect(json).toMatchObject({ status: 'active', account: null, token, records: 0 })
  })

  it('of a connector refreshes an ended token, and a grant that was taken back needs a new sign-in', async () => {
    const { id } = await make({ sync_frequency: 'daily' })
    await bench.sandbox.admin.expireAccessTokens()
    const good = await bench.call('POST', `/v1/connectors/${id}/test`)
    expect(good.json['success']).toBe(true)
    await bench.sandbox.admin.revokeGrants()
    const bad = await bench.call('POST', `/v1/connectors/${id}/test`)
    expect(bad.json).toMatchObject({ success: false, error: { code: 'TOKEN_REVOKED' } })
    const { json } = await bench.call('GET', `/v1/connectors/${id}`)
    expect(json).toMatchObject({ status: 'reconnect_needed', next_run_at: null })
    const { json: health } = await bench.call('GET', `/v1/connectors/${id}/health`)
    expect(health['token']?.['state']).toBe('refused')
    // New credentials of the same account end that.
    const config = await bench.tokens()
    const again = await bench.call('PUT', `/v1/connectors/${id}`, { body: { config } })
    expect(again.json).toMatchObject({ status: 'active' })
  })
})

describe('another tenant', () => {
  it.each([
    ['GET', ''],
    ['PUT', ''],
    ['DELETE', ''],
    ['POST', '/test'],
    ['POST', '/pause'],
    ['POST', '/resume'],
    ['POST', '/sync'],
    ['GET', '/health'],
    ['GET', '/usage'],
    ['GET', '/preview'],
    ['GET', '/records'],
    ['GET', '/records/export'],
  ])('gets of %s %s what one gets that never was', async (method, path) => {
    const { id } = await make()
    const ask = async (connector: string) => {
      const { status, json } = await bench.call(method, `/v1/connectors/${connector}${path}`, {
        tenant: 'other',
        ...(method === 'PUT' && { body: { display_name: 'mine now' } }),
      })
      return { status, code: json['error']?.['code'], members: Object.keys(json['error'] ?? {}) }
    }
    const answer = await ask(id)
    expect(answer).toMatchObject({ status: 404, code: 'CONNECTOR_UNKNOWN' })
    expect(await ask(NOBODY)).toEqual(answer)
    expect(await ask('no-uuid')).toEqual(answer)
    expect((await bench.call('GET', `/v1/connectors/${id}`)).status).toBe(200)
  })

  it('lists only its own, and cannot make a sign-in for another’s', async () => {
    const { id } = await make()
    const { json } = await bench.call('GET', '/v1/connectors', { tenant: 'other' })
    expect(json['data']).toEqual([])
    const body = { connector_id: id }
    const start = await bench.call('POST', '/v1/oauth/sandbox/authorize', { tenant: 'other', body })
    expect([start.status, start.json['error']?.['code']]).toEqual([404, 'CONNECTOR_UNKNOWN'])
  })
})

describe('scopes', () => {
  it.each([
    ['GET', '/v1/catalog', 'connectors:read'],
    ['GET', '/v1/connectors', 'connectors:read'],
    ['POST', '/v1/connectors', 'connectors:write'],
    ['POST', '/v1/connectors/test', 'connectors:write'],
    ['POST', '/v1/connectors/batch', 'connectors:write'],
    ['PUT', `/v1/connectors/${NOBODY}`, 'connectors:write'],
    ['DELETE', `/v1/connectors/${NOBODY}`, 'connectors:write'],
    ['GET', `/v1/connectors/${NOBODY}/records`, 'records:read'],
    ['GET', `/v1/connectors/${NOBODY}/preview`, 'records:read'],
    ['GET', '/v1/audit', 'audit:read'],
    ['POST', '/v1/oauth/sandbox/authorize', 'connectors:write'],
  ] as const)('%s %s needs %s', async (method, path, scope) => {
    const all = ['connectors:read', 'connectors:write', 'records:read', 'audit:read'] as const
    const scopes = all.filter((one) => one !== scope)
    const { status } = await bench.call(method, path, { scopes })
    expect(status).toBe(403)
  })
})

describe('keeping a connector', () => {
  it('lists with filters, page by page', async () => {
    const tenant = 'lister'
    const ids = []
    for (let n = 0; n < 3; n += 1) ids.push((await make({ display_name: `n${n}` }, { tenant })).id)
    await bench.call('POST', `/v1/connectors/${String(ids[1])}/pause`, { tenant })
    const page = async (query: string) =>
      (await bench.call('GET', `/v1/connectors?${query}`, { tenant })).json
    const names = (json: object) => (json as { data: { id: string }[] }).data.map(({ id }) => id)
    expect(names(await page('status=active'))).toEqual([ids[0], ids[2]])
    expect(names(await page('status=paused'))).toEqual([ids[1]])
    expect(names(await page('connector_type=facebook'))).toEqual([])
    const first = await page('limit=2')
    expect(names(first)).toEqual(ids.slice(0, 2))
    const cursor = encodeURIComponent(String(first['next_cursor']))
    const second = await page(`limit=2&cursor=${cursor}`)
    expect(names(second)).toEqual(ids.slice(2))
    expect(second['next_cursor']).toBeNull()
    expect((await bench.call('GET', '/v1/connectors?status=great', { tenant })).status).toBe(400)
    // A cursor is good for its own list only.
    const elsewhere = await bench.call('GET', `/v1/connectors?cursor=${cursor}`, { tenant: 'other' })
    expect(elsewhere.status).toBe(400)
  })

  it('changes what may be changed, for the version that was read', async () => {
    const { id } = await make({ sync_frequency: 'daily' })
    const body = { display_name: 'New', sync_frequency: 'weekly', streams: ['posts'] }
    const changed = await bench.call('PUT', `/v1/connectors/${id}`, { body, headers: { 'if-match': '"1"' } })
    expect(changed.json).toMatchObject(body)
    expect(changed.headers.get('etag')).toBe('"2"')
    const late = await bench.call('PUT', `/v1/connectors/${id}`, { body, headers: { 'if-match': '"1"' } })
    expect([late.status, late.json['error']?.['code']]).toEqual([412, 'PRECONDITION_FAILED'])
    const none = await bench.call('PATCH', `/v1/connectors/${id}`, { body: { sync_frequency: null } })
    expect(none.json).toMatchObject({ sync_frequency: null, next_run_at: null, streams: ['posts'] })
    // Runs show in a connector and leave its version: the tag is no word on whether it is the same.
    const read = await bench.call('GET', `/v1/connectors/${id}`, { headers: { 'if-none-match': '"3"' } })
    expect([read.status, read.headers.get('etag')]).toEqual([200, '"3"'])
    const type = await bench.call('PUT', `/v1/connectors/${id}`, { body: { connector_type: 'facebook' } })
    expect(type.status).toBe(400)
  })

  it('is one account for life', async () => {
    const { id } = await make()
    const config = await bench.tokens('jonas')
    const { status, json } = await bench.call('PUT', `/v1/connectors/${id}`, { body: { config } })
    expect([status, json['error']?.['fields']?.[0]?.['path']]).toEqual([400, 'config.access_token'])
    const { json: health } = await bench.call('GET', `/v1/connectors/${id}/health`)
    expect(health['account']).toMatchObject({ id: 'maya' })
  })

  it('pauses with what runs, syncs only while it is not paused, and goes on when resumed', async () => {
    const { id } = await make({ sync_frequency: 'hourly' })
    bench.jobs.length = 0
    const synced = await bench.call('POST', `/v1/connectors/${id}/sync`)
    expect([synced.status, synced.json]).toEqual([202, { job_id: 'job-1' }])
    const paused = await bench.call('POST', `/v1/connectors/${id}/pause`)
    expect(paused.json).toMatchObject({ status: 'paused', next_run_at: null })
    expect(bench.jobs).toEqual([`sync ${id}`, `end ${id}`])
    expect((await bench.call('POST', `/v1/connectors/${id}/sync`)).status).toBe(400)
    const resumed = await bench.call('POST', `/v1/connectors/${id}/resume`)
    expect(resumed.json['status']).toBe('active')
    expect(resumed.json['next_run_at']).not.toBeNull()
  })

  it('deletes: ends runs, revokes at the provider, erases, tells both, and keeps only the audit log', async () => {
    const { id, config } = await make()
    await bench.store.tenant('acme', (tx) =>
      records.upsertMany(tx, [newRecord(id, 'a'), newRecord(id, 'b')], bench.clock.now()),
    )
    bench.jobs.length = 0
    const { json } = await bench.call('DELETE', `/v1/connectors/${id}`)
    expect(json).toMatchObject({ deleted: true, revoked: true, revoke_error: null, erased_records: 2 })
    expect(json['erased_schemas']).toHaveLength(1)
    expect(bench.jobs).toEqual([`end ${id}`])
    expect((await callSandbox(bench.sandbox, config.access_token, '/api/me')).status).toBe(401)
    const left = await bench.store.node(async (tx) => [
      await connectorCredentials.list(tx, id),
      await records.list(tx, { connectorId: id, includeDeleted: true, limit: 10 }),
    ])
    expect(left).toEqual([[], []])
    const { json: log } = await bench.call('GET', `/v1/audit?connector_id=${id}`)
    const actions = (log['data'] as unknown as { action: string }[]).map(({ action }) => action)
    expect(actions).toEqual([
      'connector.created',
      'credentials.stored',
      'credentials.used',
      'connector.deleted',
    ])
    expect((await bench.call('GET', `/v1/connectors/${id}`)).status).toBe(404)
  })

  it('deletes the version that was read, and once, however many ask', async () => {
    const { id } = await make()
    const path = `/v1/connectors/${id}`
    const late = await bench.call('DELETE', path, { headers: { 'if-match': '"7"' } })
    expect([late.status, late.json['error']?.['code']]).toEqual([412, 'PRECONDITION_FAILED'])
    const headers = { 'if-match': String((await bench.call('GET', path)).headers.get('etag')) }
    const asks = [
      bench.call('DELETE', path, { headers }),
      bench.call('DELETE', path),
      bench.call('DELETE', path),
    ]
    const statuses = (await Promise.all(asks)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    const { json: log } = await bench.call('GET', `/v1/audit?connector_id=${id}&action=connector.deleted`)
    expect(log['data']).toHaveLength(1)
  })

  it('deletes also when the provider cannot revoke, and says so', async () => {
    const { id } = await make()
    bench.sandbox.admin.setFault({ route: 'revoke', fault: { kind: 'status', status: 400 }, times: 1 })
    const { json } = await bench.call('DELETE', `/v1/connectors/${id}`)
    expect(json).toMatchObject({ deleted: true, revoked: false, revoke_error: 'PROVIDER_CHANGED' })
    expect((await bench.call('GET', `/v1/connectors/${id}`)).status).toBe(404)
  })
})

function newRecord(connectorId: string, documentId: string) {
  return {
    connectorId,
    tenant: 'acme',
    schemaUri: 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json',
    documentId,
    stream: documentId === 'c' ? 'files' : 'posts',
    sourceId: `source-${documentId}`,
    data: { name: `Record ${documentId}` },
    contentHash: `hash-${documentId}`,
  }
}

describe('what was read', () => {
  it('is given by page, goes on from where a reader was, and tells what was deleted when asked', async () => {
    const { id } = await make()
    const write = (...names: string[]) =>
      bench.store.tenant('acme', (tx) =>
        records.upsertMany(
          tx,
          names.map((name) => newRecord(id, name)),
          bench.clock.now(),
        ),
      )
    await write('a', 'b', 'c')
    const read = async (query: string) =>
      (await bench.call('GET', `/v1/connectors/${id}/records?${query}`)).json as unknown as {
        readonly data: readonly { id: string; deleted: boolean; data: unknown }[]
        readonly next_cursor: string | null
        readonly resume_cursor: string | null
      }
    const names = ({ data }: Awaited<ReturnType<typeof read>>) => data.map((record) => record.id)
    const first = await read('limit=2')
    expect(names(first)).toEqual(['a', 'b'])
    const second = await read(`limit=2&cursor=${encodeURIComponent(first.next_cursor ?? '')}`)
    expect([names(second), second.next_cursor]).toEqual([['c'], null])
    expect(names(await read('stream=files'))).toEqual(['c'])
    const resume = encodeURIComponent(second.resume_cursor ?? '')
    expect(names(await read(`limit=2&cursor=${resume}`))).toEqual([])
    await bench.store.tenant('acme', async (tx) => {
      const schemaUri = newRecord(id, 'a').schemaUri
      await records.tombstone(tx, { connectorId: id, schemaUri }, ['a'], bench.clock.now())
    })
    const deleted = await read('include_deleted=true')
    expect(deleted.data.find((record) => record.id === 'a')).toMatchObject({ deleted: true, data: null })
    expect(names(await read(''))).toEqual(['b', 'c'])
  })

  it('is exported whole as lines of JSON', async () => {
    const { id } = await make()
    const names = Array.from({ length: 1_203 }, (_, n) => `n${n}`)
    await bench.store.tenant('acme', (tx) =>
      records.upsertMany(
        tx,
        names.map((name) => newRecord(id, name)),
        bench.clock.now(),
      ),
    )
    const { headers, text } = await bench.call('GET', `/v1/connectors/${id}/records/export`)
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string })
    expect(new Set(lines.map((line) => line.id))).toEqual(new Set(names))
    expect(lines).toHaveLength(names.length)
  })

  it('can be tasted before: a first page in schema form, and nothing of it is stored', async () => {
    const { id } = await make()
    const { json } = await bench.call('GET', `/v1/connectors/${id}/preview?stream=posts&limit=3`)
    expect(json).toMatchObject({ stream: 'posts', set_aside: expect.any(Number) as number })
    const data = json['data'] as unknown as { schema: string; sourceAccountId: string }[]
    expect(data).toHaveLength(3)
    expect(data[0]).toMatchObject({ schema: json['schema'], sourceAccountId: 'maya' })
    const events = await bench.call('GET', `/v1/connectors/${id}/preview?stream=events`)
    expect((events.json['data'] as unknown as object[]).length).toBeGreaterThan(0)
    expect(await bench.store.tenant('acme', (tx) => records.count(tx, id))).toBe(0)
    expect((await bench.call('GET', `/v1/connectors/${id}/preview?stream=letters`)).status).toBe(400)
  })

  it('is counted by day', async () => {
    const { id } = await make()
    const { json } = await bench.call('GET', `/v1/connectors/${id}/usage?from=2026-01-01`)
    expect(json).toEqual({
      from: '2026-01-01',
      total: { calls: 0, records: 0, bytes: 0, errors: 0 },
      days: [],
    })
    expect((await bench.call('GET', `/v1/connectors/${id}/usage?from=yesterday`)).status).toBe(400)
  })
})

describe('many at once', () => {
  it('makes, tests and deletes; one that fails stops no other', async () => {
    const tenant = 'batcher'
    const good = { connector_type: 'sandbox', config: await bench.tokens() }
    const bad = { connector_type: 'sandbox', sync_frequency: 'often' }
    const made = await bench.call('POST', '/v1/connectors/batch', {
      tenant,
      body: { action: 'create', connectors: [good, bad, { connector_type: 'sandbox' }] },
    })
    const results = made.json['results'] as unknown as {
      ok: boolean
      result?: { id: string }
      error?: { code: string; fields: { path: string }[] }
    }[]
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(results[1]?.error).toMatchObject({ code: 'REQUEST_INVALID', fields: [{ path: 'sync_frequency' }] })
    const ids = [results[0]?.result?.id, NOBODY, results[2]?.result?.id]
    const tested = await bench.call('POST', '/v1/connectors/batch', { tenant, body: { action: 'test', ids } })
    expect(tested.json['results']).toMatchObject([
      { ok: true, result: { success: true } },
      { ok: false, error: { code: 'CONNECTOR_UNKNOWN' } },
      { ok: true, result: { success: false, error: { code: 'TOKEN_REVOKED' } } },
    ])
    const gone = await bench.call('POST', '/v1/connectors/batch', { tenant, body: { action: 'delete', ids } })
    expect(gone.json['results']).toMatchObject([{ ok: true }, { ok: false }, { ok: true }])
    expect((await rowsOf(tenant)).connectors).toBe(0)
  })
})

describe('the catalog', () => {
  it('names every type with its forms, streams and what is missing', async () => {
    const { json } = await bench.call('GET', '/v1/catalog')
    const data = json['data'] as unknown as readonly object[]
    expect(data).toHaveLength(2)
    expect(data[0]).toMatchObject({
      id: 'sandbox',
      category: 'development',
      status: 'available',
      missing_settings: [],
      auth: [
        {
          kind: 'oauth2',
          redirect_uri: `${bench.origin}/v1/oauth/sandbox/callback`,
          fields: {
            type: 'object',
            required: ['access_token'],
            additionalProperties: false,
            properties: { access_token: { type: 'string', writeOnly: true } },
          },
        },
      ],
    })
    expect(data[1]).toMatchObject({ status: 'not_configured', missing_settings: ['UNSET_CLIENT_SECRET'] })
    expect((await bench.call('GET', '/v1/catalog/sandbox')).json).toEqual(data[0])
    expect((await bench.call('GET', '/v1/catalog/nobody')).status).toBe(404)
  })
})
