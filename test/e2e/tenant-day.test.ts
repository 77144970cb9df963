/** A tenant's day over `/v1`, on a whole node: catalog, sign-in, sync by the queue, records, an edit, a stranger, the end. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES } from '../../src/api/authentication/principal.js'
import { readJwtTrust } from '../../src/api/authentication/jwt-trust.js'
import { readConfig } from '../../src/config.js'
import { searchLeaks } from '../../src/devnet/leak-search.js'
import { approve } from '../../src/devnet/sandbox-service/index.js'
import { systemClock } from '../../src/lib/clock.js'
import { silentLog } from '../../src/lib/log.js'
import { Client } from 'pg'
import { startNode, type RunningNode } from '../../src/main.js'
import { providers } from '../../providers/index.js'
import { makeTestDatabase, type TestDatabase } from '../support/database.js'
import { onEveryEngine } from '../support/store-suite.js'
import { openReceiver, type Receiver } from '../support/webhook-receiver.js'

const OPERATOR = 'operator-token-of-this-test-0123456789'
await onEveryEngine('a tenant’s day', (kind) => {
  let folder: string
  let database: TestDatabase | undefined
  let node: RunningNode
  let receiver: Receiver
  const tokens: Record<string, string> = {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenant-day-'))
    receiver = await openReceiver()
    database = kind === 'pglite' ? undefined : await makeTestDatabase(kind)
    const config = readConfig({
      DATA_DIR: folder,
      DATABASE_URL: database?.options.databaseUrl ?? '',
      PORT: '0',
      DEVNET_PORT: '0',
      SANDBOX_PORT: '0',
      OPERATOR_TOKEN: OPERATOR,
      WEBHOOK_ALLOW_ORIGINS: receiver.origin,
      // One reading, however slow the machine is: the tests look at the first success.
      SLICE_MS: '120000',
    })
    node = await startNode({ config, log: silentLog })
    const trust = await readJwtTrust(config)
    if (trust?.kind !== 'secret') throw new Error('no secret')
    for (const tenant of ['acme', 'other']) {
      const wishes = { tenant, subject: 'ann', scopes: SCOPES, lifetimeMs: 600_000 }
      tokens[tenant] = await mintJwt(trust, wishes, systemClock)
    }
  }, 90_000)
  afterAll(async () => {
    await node.close()
    await receiver.close()
    await database?.remove()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  interface Answer {
    readonly status: number
    readonly json: Readonly<Record<string, unknown>>
    readonly text: string
  }

  async function call(method: string, path: string, body?: object, tenant = 'acme'): Promise<Answer> {
    const answer = await fetch(`${node.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tokens[tenant] ?? tenant}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, text, json: parsed(text) }
  }

  function parsed(text: string): Answer['json'] {
    try {
      return JSON.parse(text) as Answer['json']
    } catch {
      return {}
    }
  }

  let id = ''

  /** Waits until the connector has been synced after `since`. */
  async function synced(since: unknown): Promise<Answer['json']> {
    for (let looks = 0; looks < 300; looks += 1) {
      const { json } = await call('GET', `/v1/connectors/${id}/health`)
      if (json['last_success_at'] !== since && json['last_success_at'] !== null) return json
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error('the connector was not synced in 30 s')
  }

  it('begins with the catalog: every provider of the project, and how each is connected', async () => {
    const { status, text } = await call('GET', '/v1/catalog')
    expect(status).toBe(200)
    for (const provider of providers) expect(text).toContain(`"${provider.id}"`)
    expect((await fetch(`${node.url}/v1/catalog`)).status).toBe(401)
  })

  let hook = ''

  it('has its application told of what happens', async () => {
    const made = await call('POST', '/v1/webhooks', { url: receiver.url })
    expect(made.status).toBe(201)
    hook = String(made.json['id'])
    receiver.secret = String(made.json['secret'])
    expect((await call('POST', `/v1/webhooks/${hook}/test`)).status).toBe(202)
    const [test] = await receiver.until(1)
    expect(test).toMatchObject({ verified: true, json: { type: 'webhook.test', data: { webhook_id: hook } } })
  }, 30_000)

  it('connects an account in a browser, and the first sync runs by itself', async () => {
    const wishes = { display_name: 'Our sandbox', sync_frequency: 'daily' }
    const asked = await call('POST', '/v1/oauth/sandbox/authorize', wishes)
    expect(asked.status).toBe(200)
    const { authorize_url: url, connector } = asked.json as {
      authorize_url: string
      connector: { id: string; status: string }
    }
    id = connector.id
    expect(connector.status).toBe('pending')
    const started = await fetch(url, { redirect: 'manual' })
    const cookie = started.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; ')
    const callback = await approve(started.headers.get('location') ?? '')
    const connected = await fetch(callback, { headers: { cookie, accept: 'application/json' } })
    expect(await connected.json()).toMatchObject({ status: 'connected', connector_id: id })
    // The run may take several readings: the application is told of its end.
    await receiver.until(3)
    const health = await synced(null)
    const { expected } = node.embedded!.sandbox
    const records = Object.values(expected).reduce((sum, counts) => sum + counts.records, 0)
    expect(health).toMatchObject({ status: 'active', records, consecutive_failures: 0 })
  }, 60_000)

  it('reads its records in pages, and a stranger reads nothing and learns nothing', async () => {
    const page = await call('GET', `/v1/connectors/${id}/records?stream=posts&limit=100`)
    expect(page.json['data']).toHaveLength(100)
    expect(typeof page.json['next_cursor']).toBe('string')
    for (const path of ['', '/records', '/health', '/usage', '/preview']) {
      const foreign = await call('GET', `/v1/connectors/${id}${path}`, undefined, 'other')
      const unknown = await call('GET', `/v1/connectors/00000000-0000-4000-8000-000000000000${path}`)
      expect([path, foreign.status]).toEqual([path, 404])
      expect(JSON.stringify(foreign.json).replace(/"requestId":"[^"]*"/, '')).toBe(
        JSON.stringify(unknown.json).replace(/"requestId":"[^"]*"/, ''),
      )
    }
    expect((await call('GET', '/v1/connectors', undefined, 'other')).json['data']).toEqual([])
  })

  it('brings an edit when asked to sync, and writes nothing else', async () => {
    const before = (await call('GET', `/v1/connectors/${id}/records?limit=1`)).json
    const resume = (await call('GET', `/v1/connectors/${id}/records?limit=500`)).json
    expect(before['next_cursor']).toBeTruthy()
    expect(resume).toBeTruthy()
    const { last_success_at: last } = (await call('GET', `/v1/connectors/${id}/health`)).json
    const [, post = ''] = node.embedded!.sandbox.admin.ids({ stream: 'posts' })
    await node.embedded!.sandbox.admin.edit({ stream: 'posts', id: post }, { text: 'edited by hand' })
    expect((await call('POST', `/v1/connectors/${id}/sync`)).status).toBe(202)
    await synced(last)
    const { text } = await call('GET', `/v1/connectors/${id}/records/export?stream=posts`)
    expect(text.split('\n').filter((line) => line.includes('edited by hand'))).toHaveLength(1)
  }, 60_000)

  it('pauses, resumes, and refuses what is not its to set', async () => {
    expect((await call('POST', `/v1/connectors/${id}/pause`)).json).toMatchObject({ status: 'paused' })
    expect((await call('POST', `/v1/connectors/${id}/resume`)).json).toMatchObject({ status: 'active' })
    for (const body of [{ status: 'active' }, { tenant: 'other' }, { sync_frequency: 'every 1 minute' }]) {
      const refused = await call('PUT', `/v1/connectors/${id}`, body)
      expect(refused).toMatchObject({ status: 400, json: { error: { code: 'REQUEST_INVALID' } } })
    }
  })

  it('holds tokens sealed: none is in the store, an answer or an export', async () => {
    const found = await searchLeaks({
      folder,
      skip: ['sandbox', 'devnet'],
      texts: [],
      patterns: [/sbx_(at|rt)_[A-Za-z0-9_-]{20,}/],
    })
    expect(found).toEqual([])
    if (database !== undefined) expect(await allRows(database)).not.toMatch(/sbx_(at|rt)_[A-Za-z0-9_-]{20,}/)
    const { text } = await call('GET', `/v1/connectors/${id}`)
    expect(text).not.toMatch(/sbx_|token":"/)
  })

  it('gives a machine a token of its own with fewer rights, and takes it back', async () => {
    const made = await call('POST', '/v1/service-tokens', { name: 'reader', scopes: ['records:read'] })
    expect(made.status).toBe(201)
    const secret = String(made.json['token'])
    expect((await call('GET', `/v1/connectors/${id}/records?limit=1`, undefined, secret)).status).toBe(200)
    expect((await call('POST', `/v1/connectors/${id}/sync`, undefined, secret)).status).toBe(403)
    expect((await call('DELETE', `/v1/service-tokens/${String(made.json['id'])}`)).status).toBeLessThan(300)
    expect((await call('GET', `/v1/connectors/${id}/records?limit=1`, undefined, secret)).status).toBe(401)
  })

  it('gets a new key from its operator, and seals everything again while it serves', async () => {
    for (const [method, path] of [
      ['GET', '/ops/keys'],
      ['POST', '/ops/keys/rotate'],
    ] as const) {
      const stranger = await call(method, path)
      expect(stranger).toMatchObject({ status: 401, json: { error: { code: 'UNAUTHENTICATED' } } })
    }
    interface State {
      readonly id: string
      readonly state: string
      readonly total: number
      readonly sealed: Readonly<Record<string, number>>
    }
    const states = async () => (await call('GET', '/ops/keys', undefined, OPERATOR)).json['keys'] as State[]
    const [before] = await states()
    expect(before?.state).toBe('current')
    expect(before?.total).toBeGreaterThan(2)
    const rotated = await call('POST', '/ops/keys/rotate', undefined, OPERATOR)
    expect(rotated.status).toBe(202)
    // What is left under the old key ends by itself: kept answers and sign-ins.
    const lasting = async () => {
      const { sealed } = (await states()).find(({ id: own }) => own === before?.id) ?? { sealed: {} }
      return Object.keys(sealed).filter((table) => !['idempotency_keys', 'oauth_states'].includes(table))
    }
    await expect.poll(lasting, { timeout: 20_000 }).toEqual([])
    expect((await states())[0]?.total).toBeGreaterThan(2)
    expect((await call('POST', `/v1/connectors/${id}/test`)).json).toMatchObject({ success: true })
    expect((await states())[0]?.id).toBe(rotated.json['current'])
  }, 60_000)

  it('sees its jobs, and the operator those of all', async () => {
    for (const [who, status] of [
      ['acme', 200],
      [OPERATOR, 200],
      ['nobody', 401],
    ] as const) {
      const jobs = await call('GET', '/v1/jobs?state=dead', undefined, who)
      expect([who, jobs.status]).toEqual([who, status])
      if (status === 200) expect(jobs.json).toEqual({ data: [], next_cursor: null })
    }
    expect((await call('GET', '/v1/jobs?state=lost')).json).toMatchObject({
      error: { code: 'REQUEST_INVALID' },
    })
    const redrive = await call('POST', '/v1/jobs/00000000-0000-4000-8000-000000000000/redrive')
    expect(redrive).toMatchObject({ status: 404, json: { error: { code: 'JOB_UNKNOWN' } } })
  })

  it('ends with a deletion that is revoked at the provider and leaves nothing', async () => {
    const removed = await call('DELETE', `/v1/connectors/${id}`)
    expect(removed.json).toMatchObject({ revoked: true })
    expect((await call('GET', `/v1/connectors/${id}`)).status).toBe(404)
    expect((await call('GET', '/v1/audit')).text).toContain('connector.deleted')
  })

  it('was told of the whole day, in signed events that hold no record and no token', async () => {
    const types = async () => (await receiver.until(5)).map(({ json }) => json.type)
    // Resuming syncs too, unless the deletion is faster: there are two or three runs.
    await expect.poll(types, { timeout: 20_000 }).toContain('connection.deleted')
    const told = await receiver.until(5)
    expect(told.every(({ verified }) => verified)).toBe(true)
    expect(new Set(await types())).toEqual(
      new Set(['connection.created', 'connection.deleted', 'sync.completed', 'webhook.test']),
    )
    expect((await types()).filter((type) => type === 'sync.completed').length).toBeGreaterThanOrEqual(2)
    for (const { json, text } of told) {
      if (json.type !== 'webhook.test') expect(json.data['connector_id']).toBe(id)
      expect(text).not.toMatch(/sbx_|edited by hand/)
    }
    const since = { since: '2020-01-01T00:00:00Z', missed_only: true }
    const missed = await call('POST', `/v1/webhooks/${hook}/replay`, since)
    expect(missed).toMatchObject({ status: 202, json: { replayed: 0, more: false } })
    await expect
      .poll(async () => (await call('GET', `/v1/webhooks/${hook}/deliveries?state=delivered`)).json['data'])
      .toHaveLength(told.length)
  }, 30_000)
})

/** Every row of every table of the store and of its queue, as text. */
async function allRows({ options }: TestDatabase): Promise<string> {
  const client = new Client({ connectionString: options.databaseUrl })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema in (current_schema(), current_schema() || '_jobs')`,
    )
    expect(tables.length).toBeGreaterThan(20)
    const texts: string[] = []
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`)
      texts.push(...rows.map(({ row }) => row))
    }
    return texts.join('\n')
  } finally {
    await client.end()
  }
}
