/** From a connector made over HTTP to its records read over HTTP: what connectors open is what a run takes. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openForSync } from '../../../src/connectors/index.js'
import { createProviderHttp } from '../../../src/outbound/index.js'
import { leaseStore, runNodeSync } from '../../../src/sync/index.js'
import { createTablesDestination } from '../../../src/tables/index.js'
import { openConnectorBench, type ConnectorBench } from './bench.js'

let bench: ConnectorBench
beforeAll(async () => {
  bench = await openConnectorBench()
})
afterAll(() => bench.close())

async function run(id: string) {
  const { store, ring, clock, log, outbound } = bench.ports
  return runNodeSync(
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
    {
      ...(await openForSync(bench.ports, id)),
      trigger: 'request',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  )
}

/** What the tenant's application was told, in order. */
async function told(connectorId: string) {
  const rows = await bench.store.node((tx) =>
    tx
      .selectFrom('webhookEvents')
      .select(['type', 'payload'])
      .orderBy('createdAtMs')
      .orderBy('type')
      .execute(),
  )
  return rows
    .map(({ type, payload }) => ({
      type,
      data: (JSON.parse(payload) as { data: Record<string, unknown> }).data,
    }))
    .filter(({ data }) => data['connector_id'] === connectorId)
}

it('a first run fills the records, health and usage, and holds no token; deleting leaves nothing behind', async () => {
  expect((await bench.call('POST', '/v1/webhooks', { body: { url: 'https://app.example/' } })).status).toBe(
    201,
  )
  const config = await bench.tokens()
  const body = { connector_type: 'sandbox', config, streams: ['posts', 'files'] }
  const made = await bench.call('POST', '/v1/connectors', { body })
  const id = String(made.json['id'])
  // The token ends before the run: it is refreshed under way.
  await bench.sandbox.admin.expireAccessTokens()
  expect(await run(id)).toMatchObject({ status: 'complete' })
  const { text } = await bench.call('GET', `/v1/connectors/${id}/records/export`)
  const lines = text.trimEnd().split('\n')
  const streams = new Set(lines.map((line) => (JSON.parse(line) as { stream: string }).stream))
  expect(streams).toEqual(new Set(['posts', 'files']))
  for (const token of Object.values(config)) expect(text).not.toContain(token)
  const { json: health } = await bench.call('GET', `/v1/connectors/${id}/health`)
  expect(health).toMatchObject({ status: 'active', consecutive_failures: 0, records: lines.length })
  expect(health['last_success_at']).not.toBeNull()
  const { json: usage } = await bench.call('GET', `/v1/connectors/${id}/usage`)
  expect(Number(usage['total']?.['calls'])).toBeGreaterThan(0)
  const events = await told(id)
  expect(events.map(({ type }) => type)).toEqual(['connection.created', 'sync.completed'])
  expect(events[1]?.data).toMatchObject({
    connector_type: 'sandbox',
    counts: { written: lines.length, deleted: 0, quarantined: 0 },
    more: false,
    suspected_deletes: [],
  })
  const { json: removed } = await bench.call('DELETE', `/v1/connectors/${id}`)
  expect(removed).toMatchObject({ revoked: true, erased_records: lines.length })
  const left = await bench.store.node(async (tx) => [
    ...(await tx.selectFrom('records').select('documentId').execute()),
    ...(await tx.selectFrom('syncCursors').select('stream').execute()),
    ...(await tx.selectFrom('quarantine').select('id').execute()),
    ...(await tx.selectFrom('scanItems').select('documentId').execute()),
  ])
  expect(left).toEqual([])
})

it('an item that its schema refuses lies in quarantine with the reason, and passes in the sync after it was mended', async () => {
  const body = { connector_type: 'sandbox', config: await bench.tokens(), streams: ['posts'] }
  const id = String((await bench.call('POST', '/v1/connectors', { body })).json['id'])
  const post = { stream: 'posts', id: bench.sandbox.admin.ids({ stream: 'posts' })[1] ?? '' } as const
  const kind = bench.sandbox.admin.read(post)?.['kind']
  await bench.sandbox.admin.edit(post, { kind: 'hologram' })
  const health = async () => (await bench.call('GET', `/v1/connectors/${id}/health`)).json
  await run(id)
  const before = await health()
  expect(before['quarantined']).toEqual([
    { stream: 'posts', reason: 'SCHEMA /type:must be equal to one of the allowed values', items: 1 },
  ])
  await bench.sandbox.admin.edit(post, { kind: kind ?? null })
  await run(id)
  expect(await health()).toMatchObject({ quarantined: [], records: Number(before['records']) + 1 })
})

it('a run whose grant was taken back ends the connector’s runs until it is connected again', async () => {
  const body = { connector_type: 'sandbox', config: await bench.tokens(), sync_frequency: 'daily' }
  const made = await bench.call('POST', '/v1/connectors', { body })
  const id = String(made.json['id'])
  await bench.sandbox.admin.revokeGrants()
  expect(await run(id)).toMatchObject({ status: 'error', error: { code: 'TOKEN_REVOKED' } })
  const { json } = await bench.call('GET', `/v1/connectors/${id}`)
  expect(json).toMatchObject({ status: 'reconnect_needed', last_error: { code: 'TOKEN_REVOKED' } })
  const events = await told(id)
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set(['connection.created', 'connection.reconnect_needed', 'sync.failed']),
  )
  expect(events).toHaveLength(3)
  expect(events.find(({ type }) => type === 'sync.failed')?.data).toMatchObject({
    error: { code: 'TOKEN_REVOKED', message: 'Token expired, please reconnect.' },
    consecutive_failures: 1,
  })
})
