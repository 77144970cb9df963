import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openFernet } from '../../../src/credentials/fernet.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { Redacted } from '../../../src/lib/redacted.js'

/** The published vector: https://github.com/fernet/spec/blob/master/verify.json */
const KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4='
const TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=='

const ring = (...keys: readonly string[]) => parseKeyRing(new Redacted(keys.join(',')))

interface Parts {
  readonly version?: number
  readonly plaintext?: Buffer
  readonly padding?: boolean
  readonly key?: string
}

/** A token by the specification, or with one thing wrong under a right HMAC. */
function fernet({
  version = 0x80,
  plaintext = Buffer.from('text'),
  padding = true,
  key = KEY,
}: Parts): string {
  const bytes = Buffer.from(key, 'base64url')
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-cbc', bytes.subarray(16), iv).setAutoPadding(padding)
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const signed = Buffer.concat([Buffer.of(version), Buffer.alloc(8), iv, sealed])
  const mac = createHmac('sha256', bytes.subarray(0, 16)).update(signed).digest()
  return Buffer.concat([signed, mac]).toString('base64url')
}

describe('a Fernet token', () => {
  it('of the specification opens to its text', () => {
    expect(openFernet(ring(KEY), TOKEN)).toBe('hello')
  })

  it('opens with and without padding, by any key of the ring', () => {
    expect(openFernet(ring(generateKey(), KEY), TOKEN.replaceAll('=', ''))).toBe('hello')
    const text = 'żółć 👩 '.repeat(100)
    expect(openFernet(ring(KEY), fernet({ plaintext: Buffer.from(text) }))).toBe(text)
    expect(openFernet(ring(KEY), fernet({ plaintext: Buffer.alloc(0) }))).toBe('')
  })

  it.each([
    ['another key', fernet({ key: generateKey() })],
    ['another version', fernet({ version: 0x81 })],
    ['a padding that does not fit', fernet({ plaintext: Buffer.alloc(16), padding: false })],
    ['no block', Buffer.concat([Buffer.of(0x80), Buffer.alloc(56)]).toString('base64url')],
    ['a character that is not base64url', `${TOKEN.slice(0, 40)}+${TOKEN.slice(41)}`],
    ['a space', ` ${TOKEN}`],
    ['three signs of padding', `${TOKEN}=`],
    ['nothing', ''],
    ['something else', 'v1.0123456789ab.AAAA'],
  ])('with %s is refused', (_name, token) => {
    expect(() => openFernet(ring(KEY), token)).toThrow(
      expect.objectContaining({ code: 'SEAL_FAILED' }) as Error,
    )
  })

  it('that was changed anywhere is refused', () => {
    const bytes = Buffer.from(TOKEN, 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => openFernet(ring(KEY), changed.toString('base64url'))).toThrow('SEAL_FAILED')
    }
  })
})
