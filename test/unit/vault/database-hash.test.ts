/** The name of a database on a storage node, against the client's own. */
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { databaseHash } from '../../../src/vault/database-hash.js'
import vectors from './verida-vectors.json' with { type: 'json' }

const require = createRequire(import.meta.url)
const client = require('@verida/client-ts/dist/context/engines/verida/database/utils') as {
  default: { buildDatabaseHash(databaseName: string, contextName: string, did: string): string }
}

it.each([
  [vectors.databaseName, vectors.contextName, vectors.did],
  ['žlutý 日本', 'A: context/with a slash', 'did:vda:mainnet:0xABCDEF'],
  ['', '', ''],
])('is what client-ts makes of %j, %j, %j', (databaseName, contextName, did) => {
  expect(databaseHash(did, contextName, databaseName)).toBe(
    client.default.buildDatabaseHash(databaseName, contextName, did),
  )
})
it('stays what it was: a change of this vector loses every database there is', () => {
  expect(databaseHash(vectors.did, vectors.contextName, vectors.databaseName)).toBe(vectors.databaseHash)
})
it('starts with a letter, and tells upper case apart in names but not in DIDs', () => {
  expect(databaseHash('DID:x', 'c', 'd')).toBe(databaseHash('did:x', 'c', 'd'))
  expect(databaseHash('did:x', 'C', 'd')).not.toBe(databaseHash('did:x', 'c', 'd'))
  expect(databaseHash('did:x', 'c', 'D')).toMatch(/^v[0-9a-f]{64}$/)
})
