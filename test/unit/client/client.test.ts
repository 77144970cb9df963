/** The typed client against a server that says what it was asked. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { ApiError, createClient, type Input, type Output } from '../../../src/client/index.js'
import { ROUTES } from '../../../src/client/routes.js'
import { operations } from '../../../src/api/openapi/operations.js'

let server: Server
let url = ''
let answer: { readonly status: number; readonly type: string; readonly text: string }
const asked: {
  method?: string | undefined
  path?: string | undefined
  token?: string | undefined
  body?: string
}[] = []

beforeAll(async () => {
  server = createServer((req, res) => {
    let body = ''
    req.on('data', (part: Buffer) => (body += part.toString()))
    req.on('end', () => {
      asked.push({ method: req.method, path: req.url, token: req.headers.authorization, body })
      res.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const say = (status: number, value: unknown, type = 'application/json'): void => {
  answer = { status, type, text: typeof value === 'string' ? value : JSON.stringify(value) }
}
const client = () => createClient({ url, token: () => 'secret' })

describe('a call', () => {
  it('puts path, query, body and token where they belong', async () => {
    say(200, { data: [], next_cursor: null, resume_cursor: null })
    await client().call('listRecords', { params: { id: 'a/b' }, query: { limit: '5', stream: undefined } })
    expect(asked.at(-1)).toEqual({
      method: 'GET',
      path: '/v1/connectors/a%2Fb/records?limit=5',
      token: 'Bearer secret',
      body: '',
    })
    say(201, { id: '1' })
    await client().call('createConnector', { body: { connector_type: 'sandbox' } })
    expect(asked.at(-1)).toMatchObject({ method: 'POST', body: '{"connector_type":"sandbox"}' })
  })

  it('gives text where the answer is no JSON', async () => {
    say(200, '{"a":1}\n{"a":2}\n', 'application/x-ndjson')
    const text = await client().call('exportRecords', { params: { id: '1' } })
    expectTypeOf(text).toEqualTypeOf<string>()
    expect(text.split('\n')).toHaveLength(3)
  })

  it('throws a refusal with its code, its fields and its wait', async () => {
    say(429, { error: { code: 'TOO_MANY_REQUESTS', message: 'Slow', retryAfterMs: 1_000 } })
    const refused = await client()
      .call('listConnectors')
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ApiError)
    expect(refused).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS', retryAfterMs: 1_000, fields: [] })
  })

  it('throws when a proxy answers in the place of the node', async () => {
    say(502, '<html>', 'text/html')
    await expect(client().call('getHealth')).rejects.toMatchObject({ code: 'ANSWER_UNREADABLE', status: 502 })
  })
})

describe('its types', () => {
  it('are those of the operations', () => {
    expectTypeOf<Input<'getConnector'>['params']>().toEqualTypeOf<{ id: string }>()
    expectTypeOf<Output<'getConnector'>['consecutive_failures']>().toEqualTypeOf<number>()
    expectTypeOf<Output<'revokeServiceToken'>>().toEqualTypeOf<string>()
    // @ts-expect-error a path without its name
    expectTypeOf<Input<'getConnector'>>().toEqualTypeOf<{ params?: never }>()
  })

  it('know every operation', () => {
    const routes = Object.entries(operations).map(([id, { method, path }]) => [
      id,
      `${method.toUpperCase()} ${path}`,
    ])
    expect(Object.entries(ROUTES).sort()).toEqual(routes.sort())
  })
})
