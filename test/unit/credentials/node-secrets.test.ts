import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { accountHashes } from '../../../src/credentials/account-hash.js'
import { keyFingerprint } from '../../../src/credentials/key-fingerprint.js'
import { generateNodeSecret, parseNodeSecrets } from '../../../src/credentials/node-secrets.js'
import { Redacted } from '../../../src/lib/redacted.js'

const parse = (text: string) => parseNodeSecrets(new Redacted(text))
const hex = (): string => randomBytes(32).toString('hex')

describe('node secrets', () => {
  it('are kept by version, the highest being the current one, in whatever order they are written', () => {
    const [one, two, ten] = [hex(), hex(), hex()]
    const secrets = parse(`2:${two}, 10:${ten},1:${one}`)
    expect(secrets.current).toBe(10)
    expect(secrets.versions).toEqual([10, 2, 1])
    expect(Buffer.from(secrets.secret(2)).toString('hex')).toBe(two)
    expect(Buffer.from(secrets.secret(10)).toString('hex')).toBe(ten)
  })

  it('are version 1 when there is one without a number, also with 0x in front', () => {
    const text = hex()
    expect(parse(text).versions).toEqual([1])
    expect(Buffer.from(parse(`0x${text}`).secret(1)).toString('hex')).toBe(text)
  })

  it('are missed by their version, since something still needs it', () => {
    expect(() => parse(`2:${hex()}`).secret(1)).toThrow(/CONFIG_INVALID.*version 1 is missing/)
  })

  it.each([
    ['nothing', ''],
    ['a short one', `1:${hex().slice(2)}`],
    ['two without versions', `${hex()},${hex()}`],
    ['version 0', `0:${hex()}`],
    ['a version twice', `1:${hex()},1:${hex()}`],
    ['zeros', `1:${'0'.repeat(64)}`],
    ['text', 'change-me'],
  ])('refuse %s and never quote it', (_name, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error)
    if (text !== '') expect(() => parse(text)).not.toThrow(text)
  })

  it('are generated in the form that is read', () => {
    expect(parse(`${generateNodeSecret()},${generateNodeSecret(2)}`).versions).toEqual([2, 1])
  })
})

describe('the fingerprint of a Vault’s key', () => {
  it('is the same for the same key and secret, and another for any other', () => {
    const [secret, key] = [randomBytes(32), randomBytes(32)]
    const fingerprint = keyFingerprint(secret, key)
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(keyFingerprint(secret, Buffer.from(key))).toBe(fingerprint)
    expect(keyFingerprint(secret, randomBytes(32))).not.toBe(fingerprint)
    expect(keyFingerprint(randomBytes(32), key)).not.toBe(fingerprint)
    expect(fingerprint).not.toContain(key.toString('hex').slice(0, 16))
  })
})

describe('the hash of an account', () => {
  it('is one per secret, the newest first, and differs by provider and account', () => {
    const secrets = parse(`1:${hex()},2:${hex()}`)
    const hashes = accountHashes(secrets, { provider: 'sandbox', accountId: '1' })
    expect(new Set(hashes).size).toBe(2)
    expect(accountHashes(secrets, { provider: 'sandbox', accountId: '1' })).toEqual(hashes)
    expect(accountHashes(secrets, { provider: 'xero', accountId: '1' })[0]).not.toBe(hashes[0])
    expect(accountHashes(secrets, { provider: 'sandbox', accountId: '2' })[0]).not.toBe(hashes[0])
  })
})
