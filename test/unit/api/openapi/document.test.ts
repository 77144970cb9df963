/** The API's document says what its operations say, and is a document by OpenAPI's own rules. */
import { describe, expect, it } from 'vitest'
import { errorsOf, openApiDocument } from '../../../../src/api/openapi/document.js'
import { TAGS, type Operation } from '../../../../src/api/openapi/operation.js'
import { operations } from '../../../../src/api/openapi/operations.js'

const document = openApiDocument(operations, { version: '1.2.3', publicUrl: 'https://node.example' })
const all: readonly (readonly [string, Operation])[] = Object.entries(operations)

/** Every `$ref` of a value. */
function refsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = (value as { readonly $ref?: unknown }).$ref
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(value).flatMap(refsIn)]
}

describe('the document', () => {
  it('names its version, its server and its look', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info).toMatchObject({ version: '1.2.3', 'x-theme': { name: 'Ocean Professional' } })
    expect(document.servers).toEqual([{ url: 'https://node.example' }])
  })

  it('holds every operation once, under its id', () => {
    const found = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { operationId?: string }>).map(
        ([method, { operationId }]) => `${operationId ?? ''} ${method} ${path}`,
      ),
    )
    expect(found.sort()).toEqual(all.map(([id, { method, path }]) => `${id} ${method} ${path}`).sort())
  })

  it('refers only to what is in it', () => {
    for (const ref of refsIn(document)) {
      const [, ...names] = ref.split('/')
      const target = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document)
      expect(target, ref).toBeDefined()
    }
  })

  it('has a parameter for every name in a path, and no other', () => {
    for (const [id, { path, params }] of all) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(Object.keys(params?.shape ?? {}).sort(), id).toEqual(named.sort())
    }
  })

  it('uses every tag and no unknown one', () => {
    expect(new Set(all.map(([, { tag }]) => tag))).toEqual(new Set(Object.keys(TAGS)))
  })

  it('says how a request proves itself, and what it may be refused for', () => {
    const { post } = document.paths?.['/v1/connectors'] as Record<string, Record<string, unknown>>
    expect(post).toMatchObject({ security: [{ tenantToken: [] }], operationId: 'createConnector' })
    expect(Object.keys(post?.['responses'] as object)).toEqual(
      expect.arrayContaining(['201', '400', '401', '403', '409', '413', '415', 'default']),
    )
  })

  it('repeats no code that follows from an operation’s facts', () => {
    for (const [id, operation] of all) {
      const codes = errorsOf(operation)
      expect(codes.length, id).toBe(new Set(codes).size)
    }
  })
})
