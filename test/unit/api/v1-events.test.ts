/** The live view of a connector over real sockets: what it tells, to whom, and that it ends. */
import express from 'express'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Principal } from '../../../src/api/authentication/principal.js'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { eventRoutes } from '../../../src/api/v1/event-routes.js'
import { viewOf } from '../../../src/connectors/connector-view.js'
import { NodeError } from '../../../src/errors.js'
import { progressBus } from '../../../src/jobs/progress.js'
import { silentLog } from '../../../src/lib/log.js'
import type { Connector } from '../../../src/store/index.js'
import { NOW } from '../../support/store-rows.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function someConnector(tenant: string): Connector {
  return {
    id: randomUUID(),
    tenant,
    subject: 'someone',
    type: 'sandbox',
    displayName: 'Sandbox',
    authKind: 'oauth2',
    destination: 'tables',
    ownerDid: null,
    config: {},
    status: 'active',
    streams: null,
    syncFrequency: null,
    nextRunAtMs: null,
    connectionId: randomUUID(),
    lastSuccessAtMs: null,
    lastErrorAtMs: null,
    lastErrorCode: null,
    consecutiveFailures: 0,
    version: 1,
    createdAtMs: NOW,
    updatedAtMs: NOW,
    nextProbeAtMs: null,
    probedAtMs: null,
    probeErrorCode: null,
    nextRenewalAtMs: null,
    accountHash: null,
  }
}

async function openBench() {
  const bus = progressBus(() => NOW)
  const rows = new Map<string, Connector>()
  const routes = eventRoutes({
    jobs: bus,
    lookMs: 50,
    authenticate: async (req): Promise<Principal> => {
      const tenant = req.get('authorization')
      if (tenant === undefined) throw new NodeError('UNAUTHENTICATED')
      const scopes = new Set(tenant === 'scopeless' ? [] : (['connectors:read'] as const))
      return Promise.resolve({ tenant, subject: 's', scopes, kind: 'jwt', actor: 'user:s' })
    },
    connectors: {
      get: async ({ tenant }, id) => {
        const row = rows.get(id)
        if (row?.tenant !== tenant) throw new NodeError('CONNECTOR_UNKNOWN')
        return Promise.resolve(viewOf(row))
      },
    },
  })
  const server = createServer(express().use(routes.router, errorHandler({ log: silentLog })))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  ends.push(async () => {
    routes.close()
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    await closed
  })
  const ask = (id: string, tenant?: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/v1/connectors/${id}/events`, {
      headers: tenant === undefined ? {} : { authorization: tenant },
    })
  return { bus, rows, routes, ask }
}

/** Events as they come; `next` gives `undefined` at the end. Comments are left out. */
function events(answer: Response) {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async next(): Promise<
      { event: string; id: string | undefined; data: Record<string, unknown> } | undefined
    > {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end >= 0) {
          const lines = text.slice(0, end).split('\n')
          text = text.slice(end + 2)
          if (lines[0]?.startsWith(':')) continue
          const of = (name: string) =>
            lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
          return {
            event: of('event') ?? '',
            id: of('id'),
            data: JSON.parse(of('data') ?? '{}') as Record<string, unknown>,
          }
        }
        const { value, done } = await reader.read()
        if (done) return undefined
        text += value
      }
    },
  }
}

test('a reader gets the connector, the last thing told, and then everything as it happens', async () => {
  const { bus, rows, ask } = await openBench()
  const connector = someConnector('ours')
  rows.set(connector.id, connector)
  bus.tell(connector.id, 'started', { attempt: 1 })
  const answer = await ask(connector.id, 'ours')
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const stream = events(answer)
  expect(await stream.next()).toMatchObject({
    event: 'connector',
    data: { id: connector.id, status: 'active' },
  })
  expect(await stream.next()).toMatchObject({ event: 'sync', id: '1', data: { kind: 'started', attempt: 1 } })
  const pace = { rate: 1.5, quotaLeft: 7 }
  bus.tell(connector.id, 'progress', { stage: 'fetch', stream: 'posts', counts: { fetched: 3 }, ...pace })
  bus.tell(randomUUID(), 'progress', { stage: 'another connector' })
  rows.set(connector.id, { ...connector, lastSuccessAtMs: NOW })
  bus.tell(connector.id, 'finished', { resumesAtMs: NOW })
  expect(await stream.next()).toMatchObject({
    data: { kind: 'progress', stage: 'fetch', counts: { fetched: 3 }, rate: 1.5, quota_left: 7 },
  })
  expect(await stream.next()).toMatchObject({
    data: { kind: 'finished', at: new Date(NOW).toISOString(), resumes_at: new Date(NOW).toISOString() },
  })
  expect(await stream.next()).toMatchObject({
    event: 'connector',
    data: { last_success_at: new Date(NOW).toISOString() },
  })
})

test('what another process changes is seen, and a connector that is gone ends the stream', async () => {
  const { rows, ask } = await openBench()
  const connector = someConnector('ours')
  rows.set(connector.id, connector)
  const stream = events(await ask(connector.id, 'ours'))
  await stream.next()
  rows.set(connector.id, { ...connector, status: 'paused' })
  expect(await stream.next()).toMatchObject({ event: 'connector', data: { status: 'paused' } })
  rows.delete(connector.id)
  expect(await stream.next()).toMatchObject({ event: 'gone' })
  expect(await stream.next()).toBeUndefined()
})

test.each([
  ['without a proof of who asks', undefined, 401, 'UNAUTHENTICATED'],
  ['without the scope', 'scopeless', 403, 'FORBIDDEN'],
  ['another tenant', 'theirs', 404, 'CONNECTOR_UNKNOWN'],
])('%s is refused, as an ordinary answer', async (_case, tenant, status, code) => {
  const { rows, ask } = await openBench()
  const connector = someConnector('ours')
  rows.set(connector.id, connector)
  const answer = await ask(connector.id, tenant)
  expect(answer.status).toBe(status)
  expect(await answer.text()).toContain(code)
})

test('a tenant has so many streams at once and no more, and another tenant is not held up', async () => {
  const { rows, ask, routes } = await openBench()
  const [ours, theirs] = [someConnector('ours'), someConnector('theirs')]
  for (const row of [ours, theirs]) rows.set(row.id, row)
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(ours.id, 'ours')))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const refused = await ask(ours.id, 'ours')
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('10')
  expect((await ask(theirs.id, 'theirs')).status).toBe(200)
  routes.close()
  const rest = await Promise.all(answers.map((answer) => answer.text()))
  expect(rest).toHaveLength(20)
})
