/** Document ids: keyed, stable when the Vault's `key` changes, and unambiguous (protocol.md 1.1, 1.3). */
import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { documentId, idKey } from '../../../src/vault/document-id.js'
import type { DatabaseOwner } from '../../../src/vault/keys.js'

const secret = Buffer.alloc(32, 1)
const of: DatabaseOwner = {
  owner: `did:vda:testnet:0x${'1'.repeat(40)}`,
  provider: 'strava',
  accountId: 'account-1',
  schema: 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json',
}
const key = idKey(secret, of)

describe('documentId', () => {
  it('is the first half of an HMAC over a JSON array, under a key out of the node secret alone', () => {
    const info = `["${of.owner}","strava","account-1","common.schemas.verida.io/social/post/v0.1.0/schema.json"]`
    const byHand = Buffer.from(hkdfSync('sha256', secret, '', info, 32))
    const digest = createHmac('sha256', byHand).update('["posts","17"]').digest('hex')
    expect(documentId(key, 'posts', '17')).toBe(digest.slice(0, 32))
  })
  it('does not change with the address at which a schema of ours is served', () => {
    const at = (schema: string) => idKey(secret, { ...of, schema: schema })
    expect(at('https://a.example/schemas/x/v1.json')).toEqual(at('https://b.example/schemas/x/v1.json'))
  })
  it.each<[string, Partial<DatabaseOwner>]>([
    ['owner', { owner: `did:vda:testnet:0x${'2'.repeat(40)}` }],
    ['provider', { provider: 'xero' }],
    ['account', { accountId: 'account-2' }],
    ['schema', { schema: 'https://common.schemas.verida.io/file/v0.1.0/schema.json' }],
  ])('differs for another %s, so that ids tell no storage node who has the same item', (_what, change) => {
    expect(documentId(idKey(secret, { ...of, ...change }), 'posts', '17')).not.toBe(
      documentId(key, 'posts', '17'),
    )
  })
  it('differs by stream and item, wherever the border between them lies', () => {
    const ids = [
      documentId(key, 'posts', '17'),
      documentId(key, 'posts', '18'),
      documentId(key, 'files', '17'),
      documentId(key, 'posts1', '7'),
      documentId(key, 'posts","1', '7'),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })
  it('replaces lone surrogates, which have no UTF-8 form', () => {
    expect(documentId(key, 'posts', 'a\ud800')).toBe(documentId(key, 'posts', 'a\ufffd'))
  })
})
