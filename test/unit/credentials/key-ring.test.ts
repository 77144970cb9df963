import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { openValue, sealingKeyId, sealValue } from '../../../src/credentials/sealed-value.js'
import { Redacted } from '../../../src/lib/redacted.js'

const ring = (...keys: readonly string[]) => parseKeyRing(new Redacted(keys.join(',')))
const PLACE = ['tenant', 'connection', 'token']

describe('a key ring', () => {
  it('seals with its first key and finds every one by its id', () => {
    const keys = [generateKey(), generateKey(), generateKey()]
    const made = ring(...keys)
    const { current, keys: parsed } = made
    expect(parsed).toHaveLength(3)
    expect(current).toBe(parsed[0])
    for (const key of parsed) expect(made.find(key.id)).toBe(key)
    expect(made.find('000000000000')).toBeUndefined()
  })

  it('reads the same key as base64, base64url, with and without padding, as hex, and between spaces', () => {
    // Bytes whose base64 has + and /, so that the alphabets differ.
    const bytes = Buffer.concat([Buffer.from('fbefbffbefbf', 'hex'), randomBytes(26)])
    const texts = [
      bytes.toString('base64'),
      bytes.toString('base64url'),
      `${bytes.toString('base64url')}=`,
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      `  ${bytes.toString('hex')}\n`,
    ]
    expect(new Set(texts.map((text) => ring(text).current.id)).size).toBe(1)
  })

  it('gives a key of its own to every use', () => {
    const { current } = ring(generateKey())
    const [value, capsule] = [current.subkey('value'), current.subkey('capsule')]
    expect(value).toHaveLength(32)
    expect(Buffer.from(value).equals(capsule)).toBe(false)
    expect(Buffer.from(value).equals(current.material())).toBe(false)
    expect(Buffer.from(value).toString('hex')).not.toContain(current.id)
  })

  it.each([
    ['nothing', '', 'key 1 must be 32 bytes'],
    ['a short key', randomBytes(31).toString('base64'), 'key 1 must be 32 bytes'],
    ['a long key', randomBytes(33).toString('base64'), 'key 1 must be 32 bytes'],
    ['hex with a wrong letter', `g${randomBytes(32).toString('hex').slice(1)}`, 'key 1 must be 32 bytes'],
    ['a placeholder', 'change-me', 'key 1 must be 32 bytes'],
    ['zeros', '0'.repeat(64), 'key 1 is not random'],
    ['a pattern', Buffer.alloc(32, 'abcd').toString('base64'), 'key 1 is not random'],
    ['a fault in the second key', `${generateKey()},oops`, 'key 2 must be 32 bytes'],
    ['a comma at the end', `${generateKey()},`, 'key 2 must be 32 bytes'],
  ])('refuses %s, naming the place and never the text', (_name, text, message) => {
    const parse = () => ring(text)
    expect(parse).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error)
    expect(parse).toThrow(message)
    if (text.length > 8) expect(parse).not.toThrow(text)
  })

  it('refuses a key that is there twice, in whatever form', () => {
    const bytes = randomBytes(32)
    expect(() => ring(bytes.toString('hex'), bytes.toString('base64'))).toThrow('a key is there twice')
  })

  it('shows no key when it is printed', () => {
    const key = generateKey()
    const shown = inspect(ring(key), { depth: 10, showHidden: true }) + JSON.stringify(ring(key))
    const bytes = Buffer.from(key, 'base64url')
    for (const form of [key.slice(0, -1), bytes.toString('hex'), bytes.toString('base64').slice(0, -1)])
      expect(shown).not.toContain(form)
    expect(shown).not.toContain('<Buffer')
  })

  it('makes keys that it takes, never twice the same', () => {
    const keys = Array.from({ length: 20 }, generateKey)
    expect(new Set(keys).size).toBe(20)
    expect(ring(...keys).keys).toHaveLength(20)
  })
})

describe('turning a key ring', () => {
  const [old, fresh] = [generateKey(), generateKey()]

  it('opens what the old key sealed and seals with the new one', () => {
    const sealed = sealValue(ring(old), 'secret', PLACE)
    const turned = ring(fresh, old)
    expect(openValue(turned, sealed, PLACE)).toBe('secret')
    const again = sealValue(turned, 'secret', PLACE)
    expect(sealingKeyId(sealed)).toBe(ring(old).current.id)
    expect(sealingKeyId(again)).toBe(ring(fresh).current.id)
    expect(openValue(ring(fresh), again, PLACE)).toBe('secret')
  })

  it('says which key is missing once the old one is gone', () => {
    const sealed = sealValue(ring(old), 'secret', PLACE)
    const open = () => openValue(ring(fresh), sealed, PLACE)
    expect(open).toThrow(expect.objectContaining({ code: 'SEAL_FAILED' }) as Error)
    expect(open).toThrow(`sealed with key ${ring(old).current.id}, which is not in CONNECTOR_ENCRYPTION_KEY`)
  })

  it('tells values that were never sealed from those of some key', () => {
    expect(sealingKeyId('plain text')).toBeUndefined()
    expect(sealingKeyId('v1.xyz.abc')).toBeUndefined()
  })
})
