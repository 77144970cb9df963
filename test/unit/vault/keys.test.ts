/** Database names and keys: the derivation written out by hand, and that every part of the seed counts (protocol.md 1.2). */
import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { databaseKeys, deriveDatabase, type DatabaseSeed } from '../../../src/vault/keys.js'

const seed: DatabaseSeed = {
  owner: `did:vda:testnet:0x${'1'.repeat(40)}`,
  provider: 'strava',
  accountId: 'account-1',
  schema: 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json',
  nodeSecret: Buffer.alloc(32, 1),
  ownerKey: Buffer.alloc(32, 2),
}
const byHand = (label: string): string =>
  Buffer.from(
    hkdfSync(
      'sha256',
      seed.ownerKey,
      seed.nodeSecret,
      `["${label}","${seed.owner}","strava","account-1","common.schemas.verida.io/social/post/v0.1.0/schema.json"]`,
      32,
    ),
  ).toString('hex')

describe('deriveDatabase', () => {
  it('is HKDF over a JSON array, with a label of its own for the name and for the key', () => {
    const { name, key } = deriveDatabase(seed)
    expect(name).toBe(byHand('cn/1/name'))
    expect(key.toString('hex')).toBe(byHand('cn/1/db'))
  })
  it('gives the same after every start: a change of this vector loses every database there is', () => {
    const { name, key } = deriveDatabase(seed)
    expect(name).toBe('c23ac7c6cbd61a2377f22ff03c49e4102fd2e8f80202d184b23a2b44247b9c5d')
    expect(key.toString('hex')).toBe('44d263d28a0497cff1a331d4f5a71e890fc65ada80559cd1f516b6603a257fcc')
  })
  it.each<[string, Partial<DatabaseSeed>]>([
    ['another owner', { owner: `did:vda:testnet:0x${'2'.repeat(40)}` }],
    ['another provider', { provider: 'xero' }],
    ['another account', { accountId: 'account-2' }],
    ['another schema', { schema: 'https://common.schemas.verida.io/file/v0.1.0/schema.json' }],
    ['another node secret', { nodeSecret: Buffer.alloc(32, 9) }],
    ["another owner's key", { ownerKey: Buffer.alloc(32, 9) }],
    ['characters moved from one part to the next', { provider: 'stravaa', accountId: 'ccount-1' }],
    ['quotes that would close a joined string', { provider: 'strava","account-1', accountId: '' }],
  ])('gives another name and another key for %s', (_what, change) => {
    const other = deriveDatabase({ ...seed, ...change })
    expect(other.name).not.toBe(deriveDatabase(seed).name)
    expect(other.key).not.toEqual(deriveDatabase(seed).key)
  })
  it('does not depend on the address at which a schema of ours is served', () => {
    const at = (uri: string) => deriveDatabase({ ...seed, schema: uri }).name
    expect(at('https://node.example/schemas/stream/v1.json')).toBe(
      at('http://127.0.0.1:4000/schemas/stream/v1.json'),
    )
  })
  it('refuses short secrets, and a key of the owner that has not 32 bytes', () => {
    expect(() => deriveDatabase({ ...seed, nodeSecret: Buffer.alloc(31) })).toThrow(RangeError)
    expect(() => deriveDatabase({ ...seed, ownerKey: Buffer.alloc(31) })).toThrow(RangeError)
    expect(() => deriveDatabase({ ...seed, ownerKey: Buffer.alloc(33) })).toThrow(RangeError)
  })
})

describe('databaseKeys', () => {
  const { key } = deriveDatabase(seed)
  it('are HKDF-Expand of the database key, so that its owner can recompute revisions', () => {
    const expanded = (info: string) =>
      createHmac('sha256', key)
        .update(Buffer.concat([Buffer.from(info), Buffer.of(1)]))
        .digest('hex')
    const { revKey, cursorKey } = databaseKeys(key)
    expect(revKey.toString('hex')).toBe(expanded('cn/1/rev'))
    expect(cursorKey.toString('hex')).toBe(expanded('cn/1/cursor'))
  })
  it('are one for each use', () => {
    const all = [key, ...Object.values<Buffer>({ ...databaseKeys(key) })].map((one) => one.toString('hex'))
    expect(new Set(all).size).toBe(all.length)
  })
})
