/** A schema's name inside key derivation (DESIGN.md 6). */
import { expect, it } from 'vitest'
import { schemaName } from '../../../src/vault/schema-name.js'

it("is host and path of Verida's own schemas", () => {
  expect(schemaName('https://common.schemas.verida.io/social/post/v0.1.0/schema.json')).toBe(
    'common.schemas.verida.io/social/post/v0.1.0/schema.json',
  )
  expect(schemaName('https://vault.schemas.verida.io/a.json')).not.toBe(
    schemaName('https://core.schemas.verida.io/a.json'),
  )
})
it('is the path of every other schema, whatever scheme, host or port serves it', () => {
  expect(schemaName('http://127.0.0.1:4000/schemas/a/v1.json')).toBe('/schemas/a/v1.json')
  expect(schemaName('https://node.example/schemas/a/v1.json')).toBe('/schemas/a/v1.json')
})
it("takes no look-alike for one of Verida's hosts", () => {
  expect(schemaName('https://evilschemas.verida.io/a.json')).toBe('/a.json')
  expect(schemaName('https://schemas.verida.io.evil.example/a.json')).toBe('/a.json')
})
it('is of a URL only', () => {
  expect(() => schemaName('social/post')).toThrow(TypeError)
})
