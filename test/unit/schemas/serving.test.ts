/** The paths of pinned schemas are where Verida's client looks for them when its prefixes are rewritten. */
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pinnedSchemas, schemaPath, schemaPathsAt, schemaUri } from '../../../schemas/index.js'

/** What this test needs of the client's own schema class; the package is CommonJS and loaded part by part. */
interface ClientSchema {
  getSchemaJson(): Promise<unknown>
  validate(record: unknown): Promise<boolean>
  getSpecification(): Promise<{ readonly properties: object; readonly required: readonly string[] }>
}
interface ClientSchemas {
  setSchemaPaths(paths: Record<string, string>): void
  getSchema(uri: string): Promise<ClientSchema>
}
const require = createRequire(import.meta.url)
const { default: clientSchemas } = require('@verida/client-ts/dist/context/schema.js') as {
  default: ClientSchemas
}

const byPath = new Map([...pinnedSchemas()].map(([uri, schema]) => [schemaPath(uri), schema]))
const server = createServer((request, response) => {
  const schema = byPath.get(request.url ?? '')
  response
    .writeHead(schema ? 200 : 404, { 'content-type': 'application/json' })
    .end(JSON.stringify(schema ?? {}))
})

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  clientSchemas.setSchemaPaths(schemaPathsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))
})
afterAll(() => {
  server.close()
})

it.each([...pinnedSchemas()])('the client reads %s from us', async (uri, schema) => {
  const client = await clientSchemas.getSchema(uri)
  expect(await client.getSchemaJson()).toEqual(schema)
  expect(await client.validate({})).toBe(false)
})

it('the client resolves the base through the rewritten prefix', async () => {
  const post = await clientSchemas.getSchema(
    'https://common.schemas.verida.io/social/post/v0.1.0/schema.json',
  )
  const record = { schema: 'x', name: 'a', uri: 'b' }
  expect(await post.validate(record)).toBe(true)
  expect(await post.validate({ ...record, summary: 'x'.repeat(257) })).toBe(false)
  const specification = await post.getSpecification()
  expect(Object.keys(specification.properties)).toEqual(expect.arrayContaining(['uri', 'sourceApplication']))
  expect([...specification.required].sort()).toEqual(['name', 'schema', 'uri'])
})

it('the client resolves what our own schemas are made of through the same prefixes', async () => {
  const invoice = await clientSchemas.getSchema(schemaUri('finance/invoice'))
  const record = {
    schema: 'x',
    name: 'INV-1',
    type: 'sale',
    status: 'open',
    issueDate: '2026-03-01',
    currency: 'EUR',
    total: '1150.10',
    sourceAccountId: 'a',
    sourceId: 'b',
    insertedAt: '2026-03-01T09:30:00Z',
  }
  expect(await invoice.validate(record)).toBe(true)
  expect(await invoice.validate({ ...record, total: 1150.1 })).toBe(false)
  expect(await invoice.validate({ ...record, insertedAt: '2026-03-01T09:30:00' })).toBe(false)
  const { properties } = await invoice.getSpecification()
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(['total', 'lines', 'sourceApplication']))
})

it('a URI under no known host has no path', () => {
  expect(() => schemaPath('https://elsewhere.example/social/post/v0.1.0/schema.json')).toThrow(RangeError)
})
