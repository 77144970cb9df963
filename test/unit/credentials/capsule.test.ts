import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  CAPSULES_MAX_CHARS,
  isAbsent,
  openCapsules,
  sealCapsules,
  type CapsulePair,
  type OpenCapsules,
  type SealCapsules,
} from '../../../src/credentials/capsule.js'
import type { GrantContent } from '../../../src/credentials/capsule-content.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import type { NodeError } from '../../../src/errors.js'
import type { Did } from '../../../src/lib/did.js'
import { Redacted, reveal } from '../../../src/lib/redacted.js'

const ring = (...keys: readonly string[]) => parseKeyRing(new Redacted(keys.join(',')))
const mine = ring(generateKey())
const DID = `did:vda:testnet:0x${'a'.repeat(40)}` as Did

const content: GrantContent = {
  grantSecret: randomBytes(32),
  generation: 3,
  tokens: {
    accessToken: new Redacted('access'),
    refreshToken: new Redacted('refresh'),
    expiresAtMs: 1_717_000_000_000,
    scopes: ['posts', 'żółć'],
  },
  account: { id: '1', name: 'Ada 👩', username: 'ada', avatarUrl: 'https://x.test/a.png' },
}
const unpinned: SealCapsules = { provider: 'sandbox', did: DID, grantId: 'grant_-1', content }
const place: SealCapsules = { ...unpinned, fingerprint: 'f1' }
const lock: OpenCapsules = { provider: 'sandbox', did: DID, fingerprints: ['f1'] }

/** What a refused opening throws, with the private reason. */
function refusal(pair: CapsulePair, open: Partial<OpenCapsules> = {}, by = mine): NodeError {
  try {
    openCapsules(by, pair, { ...lock, ...open })
  } catch (error) {
    return error as NodeError
  }
  throw new Error('the capsules opened')
}

const withTokens = (accessLength: number): GrantContent => ({
  ...content,
  tokens: { accessToken: new Redacted('x'.repeat(accessLength)), refreshToken: new Redacted('refresh') },
})

describe('a pair of capsules', () => {
  it('gives back everything that was put in', () => {
    const opened = openCapsules(mine, sealCapsules(mine, place), lock)
    const { tokens, grantSecret, ...rest } = opened.content
    expect(opened).toMatchObject({ grantId: 'grant_-1', keyId: mine.current.id, fingerprint: 'f1' })
    expect(rest).toEqual({ generation: 3, account: content.account })
    expect(Buffer.from(grantSecret).equals(content.grantSecret)).toBe(true)
    expect(tokens && reveal(tokens.accessToken)).toBe('access')
    expect(tokens?.refreshToken && reveal(tokens.refreshToken)).toBe('refresh')
    expect(tokens).toMatchObject({ expiresAtMs: 1_717_000_000_000, scopes: ['posts', 'żółć'] })
  })

  it('carries tokens without refresh token, end and scopes as they are', () => {
    const only = { ...content, tokens: { accessToken: new Redacted('access') } }
    const opened = openCapsules(mine, sealCapsules(mine, { ...place, content: only }), lock)
    expect(Object.keys(opened.content.tokens ?? {})).toEqual(['accessToken'])
  })

  it('is safe in a URL and shows neither token nor grant secret', () => {
    const { accessToken, refreshToken } = sealCapsules(mine, place)
    for (const text of [accessToken, refreshToken]) {
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
      const clear = Buffer.from(text, 'base64url').toString('latin1')
      for (const secret of ['access', 'refresh', 'Ada', DID, 'f1', 'sandbox'])
        expect(clear).not.toContain(secret)
    }
  })

  it.each<[string, Partial<OpenCapsules>]>([
    ['another DID', { did: `did:vda:testnet:0x${'b'.repeat(40)}` as Did }],
    ['the same address on another network', { did: `did:vda:mainnet:0x${'a'.repeat(40)}` as Did }],
    ['another provider', { provider: 'xero' }],
    ['another key of the Vault', { fingerprints: ['f2', 'f3'] }],
    ['no key of the Vault', { fingerprints: [] }],
  ])('does not open for %s, with one error for all', (_name, open) => {
    const refused = refusal(sealCapsules(mine, place), open)
    expect(refused).toMatchObject({ code: 'TOKEN_REVOKED', detail: undefined })
    expect(refused.publicMessage).toBe('Token expired, please reconnect.')
  })

  it('opens under whichever version of the node secret its fingerprint was made', () => {
    const opened = openCapsules(mine, sealCapsules(mine, place), { ...lock, fingerprints: ['f2', 'f1'] })
    expect(opened.fingerprint).toBe('f1')
  })

  it('sealed before the Vault’s key was known opens for any key, and says so', () => {
    const pair = sealCapsules(mine, unpinned)
    expect(openCapsules(mine, pair, { ...lock, fingerprints: ['any'] }).fingerprint).toBe('')
  })

  it('cannot be made unpinned by changing its header', () => {
    const { accessToken, refreshToken } = sealCapsules(mine, place)
    const unpin = (text: string): string => {
      const bytes = Buffer.from(text, 'base64url')
      bytes[1] = (bytes[1] ?? 0) & ~2
      return bytes.toString('base64url')
    }
    const pair = { accessToken: unpin(accessToken), refreshToken: unpin(refreshToken) }
    expect(refusal(pair, { fingerprints: ['thief'] }).code).toBe('TOKEN_REVOKED')
  })

  it('is refused when its halves are swapped, mixed or missing', () => {
    const pair = sealCapsules(mine, place)
    const other = sealCapsules(mine, { ...place, grantId: 'grant-2' })
    const loose = sealCapsules(mine, unpinned)
    const { accessToken, refreshToken } = pair
    const pairs: CapsulePair[] = [
      { accessToken: refreshToken, refreshToken: accessToken },
      { accessToken, refreshToken: other.refreshToken },
      { accessToken, refreshToken: loose.refreshToken },
      { accessToken, refreshToken: undefined },
      { accessToken: 'undefined', refreshToken },
      { accessToken: '', refreshToken: '' },
    ]
    for (const one of pairs) expect(refusal(one).code).toBe('TOKEN_REVOKED')
  })

  it('takes the older of two generations, so that newer tokens are looked for', () => {
    const older = sealCapsules(mine, { ...place, content: { ...content, generation: 2 } })
    const newer = sealCapsules(mine, place)
    const mixed = { accessToken: newer.accessToken, refreshToken: older.refreshToken }
    expect(openCapsules(mine, mixed, lock).content.generation).toBe(2)
  })

  it.each(['%', 'AAAA', 'not a capsule', `=${'A'.repeat(80)}`, '\u0000', 'é'.repeat(40)])(
    'that is only %j is refused',
    (text) => {
      expect(refusal({ accessToken: text, refreshToken: text }).code).toBe('TOKEN_REVOKED')
    },
  )

  it('takes only grant ids that are safe in its header', () => {
    for (const grantId of ['', 'a/b', 'ü', 'x'.repeat(65)])
      expect(() => sealCapsules(mine, { ...place, grantId })).toThrow(RangeError)
  })
})

describe('the keys of capsules', () => {
  const [old, fresh] = [generateKey(), generateKey()]

  it('are named in them: the newest key seals, an older one of the ring still opens', () => {
    const pair = sealCapsules(ring(old), place)
    const turned = ring(fresh, old)
    expect(openCapsules(turned, pair, lock).keyId).toBe(ring(old).current.id)
    expect(openCapsules(turned, sealCapsules(turned, place), lock).keyId).toBe(ring(fresh).current.id)
  })

  it('that are retired open nothing, and only the private cause says why', () => {
    const refused = refusal(sealCapsules(ring(old), place), {}, ring(fresh))
    expect(refused).toMatchObject({ code: 'TOKEN_REVOKED', detail: undefined })
    expect(String(refused.cause)).toContain(ring(old).current.id)
  })
})

describe('the size of capsules', () => {
  it('is at most 4 kB together: longer tokens stay on the node, and the pair names the grant only', () => {
    const kinds = [100, 2_000, 6_000].map((length) => {
      const pair = sealCapsules(mine, { ...place, content: withTokens(length) })
      expect(pair.accessToken.length + pair.refreshToken.length).toBeLessThanOrEqual(CAPSULES_MAX_CHARS)
      return pair.kind
    })
    expect(kinds).toEqual(['full', 'full', 'reference'])
  })

  it('turns over exactly at the limit', () => {
    const sizeOf = (length: number) => {
      const { accessToken, refreshToken, kind } = sealCapsules(mine, {
        ...place,
        content: withTokens(length),
      })
      return { kind, size: accessToken.length + refreshToken.length }
    }
    let longest = 2_000
    while (sizeOf(longest + 1).kind === 'full') longest += 1
    // Four characters carry three bytes: the last full pair is at most that far below the limit.
    expect(sizeOf(longest).size).toBeGreaterThan(CAPSULES_MAX_CHARS - 4)
    expect(sizeOf(longest).size).toBeLessThanOrEqual(CAPSULES_MAX_CHARS)
  })

  it('leaves grant secret and generation in a reference, without tokens and account', () => {
    const pair = sealCapsules(mine, { ...place, content: withTokens(9_000) })
    const { content: opened } = openCapsules(mine, pair, lock)
    expect(opened).toEqual({ generation: 3, grantSecret: expect.anything() as unknown })
    expect(Buffer.from(opened.grantSecret).equals(content.grantSecret)).toBe(true)
  })
})

describe('what a Vault sends for nothing', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['undefined', true],
    ['null', true],
    ['0', false],
    ['AAAA', false],
  ])('%j is absent: %s', (text, expected) => {
    expect(isAbsent(text)).toBe(expected)
  })
})
