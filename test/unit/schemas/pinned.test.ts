/** The pinned schemas against what was observed of Verida's: URIs, fields, required lists, enums, indexes. */
import { readdirSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import {
  pinnedSchemas,
  SCHEMA_BASE_URL,
  schemaPath,
  schemaUri,
  type JsonSchema,
} from '../../../schemas/index.js'
import { newestUri } from '../../../schemas/uri.js'
import facts from './facts.json' with { type: 'json' }

const BASE = 'https://core.schemas.verida.io/base/v0.1.0/schema.json'

interface Part {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: readonly string[]
}
interface Fact {
  readonly uri: string
  readonly inherits: boolean
  readonly observed: boolean
  readonly required: readonly string[]
  readonly database: unknown
  readonly own: Readonly<Record<string, unknown>>
  readonly inherited: readonly string[]
}

function pinned(uri: string): JsonSchema {
  const schema = pinnedSchemas().get(uri)
  if (!schema) throw new Error(`not pinned: ${uri}`)
  return schema
}

function parts(schema: JsonSchema): readonly Part[] {
  const all = (schema['allOf'] as readonly Part[] | undefined) ?? [schema as Part]
  return all.map((part) => (part.$ref === undefined ? part : (pinned(part.$ref) as Part)))
}

/** The subschema without what is only for readers. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, member]) => key !== 'description' || typeof member !== 'string',
  )
  return Object.fromEntries(kept.map(([key, member]) => [key, bare(member)]))
}

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' ? [member] : references(member),
  )
}

describe('pinned schemas', () => {
  it('are the ones observed, the one they refer to, and our own', () => {
    const known = (facts as readonly Fact[]).map((fact) => fact.uri)
    const extra = [...pinnedSchemas().keys()].filter(
      (uri) => !known.includes(uri) && !uri.startsWith(SCHEMA_BASE_URL),
    )
    expect(known).toHaveLength(27)
    expect(known.filter((uri) => !pinnedSchemas().has(uri))).toEqual([])
    expect(extra).toEqual(['https://core.schemas.verida.io/security/key/symmetric/v0.1.0/schema.json'])
  })

  it.each(facts as readonly Fact[])('$uri has the observed fields', (fact) => {
    const schema = pinned(fact.uri)
    const own = parts(schema).at(-1)
    expect(schema.$id).toBe(fact.uri)
    expect(bare(own?.properties)).toEqual(fact.own)
    const required = parts(schema).flatMap((part) => part.required ?? [])
    const expected = fact.inherits
      ? ['schema', ...fact.required.filter((name) => name !== 'schema')]
      : fact.required
    expect(required).toEqual(expected)
    if (fact.inherits) {
      expect((schema['allOf'] as readonly Part[])[0]).toEqual({ $ref: BASE })
      const base = Object.keys(pinned(BASE)['properties'] as object)
      expect(base.filter((name) => !(name in fact.own)).sort()).toEqual(fact.inherited)
    }
    if (fact.database !== null) expect(schema.database).toEqual(fact.database)
  })

  it.each([...pinnedSchemas()])('%s is valid JSON Schema 2020-12', (_uri, schema) => {
    const ajv = new Ajv2020({ strict: false })
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true)
  })

  it.each([...pinnedSchemas()])('%s refers only to pinned schemas', (uri, schema) => {
    const targets = references(schema).map((target) => new URL(target, uri).href)
    expect(targets.filter((target) => !pinnedSchemas().has(target))).toEqual([])
  })

  it('carry a database whenever a client may open them as a datastore: the client reads it without asking', () => {
    const opened = [...pinnedSchemas().values()].filter((schema) => 'allOf' in schema)
    expect(
      opened.filter((schema) => typeof schema.database?.name !== 'string').map((schema) => schema.$id),
    ).toEqual([])
  })

  it('are all listed: no schema file lies unused, and each is named after its URI', () => {
    const folder = new URL('../../../schemas/', import.meta.url)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.json'),
    )
    const paths = files.map((file) => `/schemas/${file.replace(/-(v[\d.]+)\.json$/, '/$1/schema.json')}`)
    expect(paths.sort()).toEqual([...pinnedSchemas().keys()].map(schemaPath).sort())
  })
})

describe('schemaUri', () => {
  it('finds common schemas by their short names', () => {
    expect(schemaUri('social/post')).toBe('https://common.schemas.verida.io/social/post/v0.1.0/schema.json')
    expect(schemaUri('file')).toBe('https://common.schemas.verida.io/file/v0.1.0/schema.json')
  })
  it.each([
    'social/pos',
    'social',
    'post',
    '',
    'data-connections/sync-request',
    '../base',
    'social/post/v0.1.0',
  ])('refuses %j', (short) => expect(() => schemaUri(short)).toThrow(RangeError))
  it('takes the newest version, counted as numbers, of the first host that has it', () => {
    const uri = (host: string, version: string) => `https://${host}/a/b/${version}/schema.json`
    const uris = [
      uri('x', 'v0.9.0'),
      uri('x', 'v0.10.0'),
      uri('x', 'v0.2.11'),
      uri('y', 'v9.0.0'),
      uri('x', 'latest'),
    ]
    expect(newestUri('a/b', uris, ['https://x/', 'https://y/'])).toBe(uri('x', 'v0.10.0'))
    expect(newestUri('a/b', uris, ['https://z/', 'https://y/'])).toBe(uri('y', 'v9.0.0'))
    expect(newestUri('a', uris, ['https://x/', 'https://y/'])).toBeUndefined()
  })
})
