/** The one shape below API_PREFIX: success, lists, every kind of refusal, at the default place and at another. */
import { Router } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Server } from 'node:http'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { refuseWrongMethods } from '../../../src/api/errors/known-paths.js'
import { isBelow, sendEnvelope, sendList } from '../../../src/api/http/envelope.js'
import { envelopedError, envelopedList, envelopeOf } from '../../../src/api/openapi/shapes.js'
import { openApiDocument } from '../../../src/api/openapi/document.js'
import { operations } from '../../../src/api/openapi/operations.js'
import { createClient } from '../../../src/client/index.js'
import { createApp } from '../../../src/app.js'
import { readConfig } from '../../../src/config.js'
import { NodeError } from '../../../src/errors.js'
import { z } from 'zod'
import { silentLog } from '../../../src/lib/log.js'
import { closed, listen } from '../connect/bench.js'

const jsonType = { 'content-type': 'application/json' }
let server: Server
let origin: string

beforeAll(async () => {
  const router = Router()
  router.get('/api/one', (_req, res) => sendEnvelope(res, { id: 1 }, { status: 201, message: 'Made.' }))
  router.get('/api/list', (_req, res) =>
    sendList(res, ['a', 'b', 'c'], {
      limit: 2,
      show: (id) => ({ id }),
      cursorAfter: (last) => `after ${last}`,
    }),
  )
  router.get('/api/invalid', () => {
    throw new NodeError('REQUEST_INVALID', { fields: [{ path: 'limit', message: 'is too much' }] })
  })
  router.get('/api/refused', () => {
    throw new NodeError('CAPABILITY_MISSING', { detail: 'it offers: items' })
  })
  router.get('/api/down', () => {
    throw new NodeError('PROVIDER_DOWN', { detail: 'http://10.0.0.7', retryAfterMs: 1_500 })
  })
  router.get('/api/broken', () => {
    throw new Error('a secret')
  })
  router.get('/v1/refused', () => {
    throw new NodeError('CAPABILITY_MISSING')
  })
  const listening = await listen()
  ;({ server, origin } = listening)
  const routers = [router, refuseWrongMethods([router])]
  const handler = errorHandler({ log: silentLog, apiPrefix: '/api' })
  listening.serve(createApp({ log: silentLog, trustProxy: 0, routers, errorHandler: handler }))
})
afterAll(() => closed(server))

async function ask(path: string, init: RequestInit = {}) {
  const answer = await fetch(origin + path, init)
  const json = (await answer.json()) as Readonly<Record<string, unknown>>
  return {
    status: answer.status,
    requestId: answer.headers.get('x-request-id'),
    headers: answer.headers,
    json,
  }
}

const refusal = async (path: string, init?: RequestInit) => {
  const { json, ...rest } = await ask(path, init)
  return { ...envelopedError.parse(json), ...rest }
}

describe('a success', () => {
  it('holds its data, no error, and the id of the request', async () => {
    const { status, json, requestId } = await ask('/api/one')
    expect(status).toBe(201)
    expect(json).toEqual({
      success: true,
      message: 'Made.',
      data: { id: 1 },
      error: null,
      meta: { requestId },
    })
    envelopeOf(z.strictObject({ id: z.number() })).parse(json)
  })
  it('tells where a list goes on', async () => {
    const { json, requestId } = await ask('/api/list')
    const page = { nextCursor: 'after b', limit: 2 }
    expect(json).toEqual({
      success: true,
      data: [{ id: 'a' }, { id: 'b' }],
      error: null,
      meta: { requestId, page },
    })
    envelopedList(z.strictObject({ id: z.string() })).parse(json)
  })
})

describe('a refusal', () => {
  it('has the members of RFC 9457 beside its code, and the faults of fields', async () => {
    const { status, success, data, error, requestId } = await refusal('/api/invalid')
    expect([status, success, data]).toEqual([400, false, null])
    expect(error).toEqual({
      code: 'REQUEST_INVALID',
      message: 'The request is not valid.',
      type: 'tag:connector-node.org,2026:errors/REQUEST_INVALID',
      title: 'The request is not valid.',
      status: 400,
      instance: `urn:uuid:${requestId}`,
      errors: [{ path: 'limit', message: 'is too much' }],
    })
  })
  it('says a detail where that is safe, and nothing of what went wrong inside', async () => {
    expect((await refusal('/api/refused')).error).toMatchObject({ status: 422, detail: 'it offers: items' })
    const down = await refusal('/api/down')
    expect(down.error).toMatchObject({ code: 'PROVIDER_DOWN', retryAfterMs: 1_500 })
    expect(down.error.detail).toBeUndefined()
    expect(down.headers.get('retry-after')).toBe('2')
    expect(JSON.stringify(await refusal('/api/broken'))).not.toContain('secret')
  })
  it.each([
    ['an unknown address', '/api/nothing', {}, 404, 'ROUTE_UNKNOWN'],
    ['the prefix in other letters', '/API/nothing', {}, 404, 'ROUTE_UNKNOWN'],
    ['a wrong method', '/api/one', { method: 'DELETE' }, 405, 'METHOD_UNKNOWN'],
    ['a browser', '/api/nothing', { headers: { accept: 'text/html' } }, 404, 'ROUTE_UNKNOWN'],
    ['malformed JSON', '/api/one', { method: 'POST', body: '{', headers: jsonType }, 400, 'REQUEST_INVALID'],
  ] as const)('has the same shape for %s', async (_why, path, init, status, code) => {
    expect((await refusal(path, init)).error).toMatchObject({ status, code })
  })
  it('of the other surfaces is as it was', async () => {
    expect((await ask('/v1/refused')).json).toMatchObject({ error: { code: 'CAPABILITY_MISSING' } })
    expect((await ask('/apiary')).json).not.toHaveProperty('success')
  })
})

describe('API_PREFIX', () => {
  it('moves the document’s addresses and the client’s calls', async () => {
    const { paths } = openApiDocument(operations, { version: '1', apiPrefix: '/unified' })
    expect(paths).toHaveProperty(['/unified/connectors/{id}'])
    expect(Object.keys(paths ?? {}).filter((path) => path.startsWith('/api/'))).toEqual([])
    expect(paths).toHaveProperty(['/v1/connectors'])
    const asked: string[] = []
    const client = createClient({
      url: 'https://node.example',
      apiPrefix: '/unified',
      fetch: (url) => {
        asked.push(url instanceof URL ? url.href : 'another address')
        return Promise.resolve(Response.json({ success: true, data: [], error: null, meta: {} }))
      },
    })
    await client.call('listConnections')
    expect(asked).toEqual(['https://node.example/unified/connections'])
  })

  it('is a path of its own', () => {
    expect(readConfig({}).API_PREFIX).toBe('/api')
    expect(readConfig({ API_PREFIX: '/unified/v2' }).API_PREFIX).toBe('/unified/v2')
    for (const API_PREFIX of ['/', 'api', '/api/', '/v1', '/V1/api', '/sync', '/a b', '//a'])
      expect(() => readConfig({ API_PREFIX }), API_PREFIX).toThrow('API_PREFIX')
  })
  it('holds what stands below it and no neighbour', () => {
    expect([isBelow('/api', '/api'), isBelow('/api', '/api/x'), isBelow('/api', '/apix')]).toEqual([
      true,
      true,
      false,
    ])
  })
})
