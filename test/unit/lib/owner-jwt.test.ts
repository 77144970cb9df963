/** Owner-signed requests: what is signed, and every way of being wrong. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import {
  bodyHash, decodeOwnerJwt, findOwnerJwtFault, signOwnerJwt, urlToHtu, verifyOwnerJwtSignature, type OwnerClaims,
} from '../../../src/lib/owner-jwt.js' // prettier-ignore
import { addressOf, publicKeyOf } from '../../../src/lib/secp256k1.js'

const privateKey = Buffer.from('22'.repeat(32), 'hex')
const publicKey = Buffer.from(publicKeyOf(privateKey))
const address = addressOf(publicKey)
const stranger = addressOf(publicKeyOf(Buffer.from('33'.repeat(32), 'hex')))
const now = Date.UTC(2024, 4, 1)
const request = {
  method: 'POST',
  url: 'https://node.example/syncStart/x?a=b',
  body: '{"a":1}',
  audience: 'https://node.example',
  now,
}
const token = signOwnerJwt({ ...request, privateKey, did: `did:vda:testnet:${address}` })
const [header, payload, signature] = token.split('.') as [string, string, string]

const jwk = {
  kty: 'EC',
  crv: 'secp256k1',
  x: publicKey.subarray(1, 33).toString('base64url'),
  y: publicKey.subarray(33).toString('base64url'),
}
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string) =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
const claims = decodeOwnerJwt(token).claims
/** A token with these parts, signed as a thief would who has a key but not ours; `sign` may be any scheme. */
const forge = (head: object, body: object, sign: (input: string) => Buffer = () => Buffer.alloc(64, 1)) => {
  const input = `${encode(head)}.${encode(body)}`
  return `${input}.${sign(input).toString('base64url')}`
}
const thrown = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error instanceof NodeError ? error.code : error
  }
}

describe('signOwnerJwt', () => {
  it('writes the claims of protocol.md 6', () => {
    expect(decode(header)).toEqual({ alg: 'ES256K', typ: 'JWT' })
    expect(decode(payload)).toEqual({
      iss: `did:vda:testnet:${address}`,
      aud: 'https://node.example',
      iat: now / 1000,
      exp: now / 1000 + 120,
      jti: expect.stringMatching(/^[\w-]{22}$/) as string,
      htm: 'POST',
      htu: 'https://node.example/syncStart/x?a=b',
      // SHA-256 of {"a":1}
      bh: 'AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX-GI',
    })
  })
  it('is a JWS that another implementation verifies', () => {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const input = Buffer.from(`${header}.${payload}`)
    const bytes = Buffer.from(signature, 'base64url')
    expect(nodeVerify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, bytes)).toBe(true)
  })
  it('never signs the same twice', () => {
    expect(signOwnerJwt({ ...request, privateKey, did: 'did:x' })).not.toBe(
      signOwnerJwt({ ...request, privateKey, did: 'did:x' }),
    )
  })
  it('hashes no body as the empty one', () => {
    expect(bodyHash()).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
    expect(bodyHash(Buffer.alloc(0))).toBe(bodyHash(''))
  })
})

describe('verifyOwnerJwtSignature', () => {
  it.each([
    address,
    address.toUpperCase().replace('0X', '0x'),
    publicKey.toString('hex'),
    `0x${publicKey.toString('hex')}`,
  ])('takes the signer %s', (signer) => expect(verifyOwnerJwtSignature(token, signer)).toBe(true))
  it('takes the compressed key', () => {
    const compressed = `0${2 + (publicKey[64]! & 1)}${publicKey.subarray(1, 33).toString('hex')}`
    expect(verifyOwnerJwtSignature(token, compressed)).toBe(true)
  })
  it.each([stranger, '', '0x', 'did:vda:testnet:x', '04' + '00'.repeat(64), '02' + 'ff'.repeat(32)])(
    'refuses the signer %j',
    (signer) => expect(verifyOwnerJwtSignature(token, signer)).toBe(false),
  )
  it('refuses every claim changed after signing', () => {
    for (const name of Object.keys(claims) as (keyof OwnerClaims)[]) {
      const value = claims[name]
      const changed = { ...claims, [name]: typeof value === 'number' ? value + 1 : `${value}x` }
      expect(verifyOwnerJwtSignature(`${header}.${encode(changed)}.${signature}`, address), name).toBe(false)
    }
  })
  it('refuses a changed header and every flipped byte of the signature', () => {
    expect(verifyOwnerJwtSignature(`${encode({ alg: 'ES256K' })}.${payload}.${signature}`, address)).toBe(
      false,
    )
    const bytes = Buffer.from(signature, 'base64url')
    for (let at = 0; at < 64; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1
      expect(verifyOwnerJwtSignature(`${header}.${payload}.${flipped.toString('base64url')}`, address)).toBe(
        false,
      )
    }
  })
  it('refuses the high form of a good signature, and takes the low one of another signer software', () => {
    const d = privateKey.toString('base64url')
    const key = createPrivateKey({ key: { ...jwk, d }, format: 'jwk' })
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const bytes = nodeSign('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' })
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const low = s <= order / 2n ? s : order - s
    const withS = (value: bigint) =>
      `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(value.toString(16).padStart(64, '0'), 'hex')]).toString('base64url')}`
    expect(verifyOwnerJwtSignature(withS(low), address)).toBe(true)
    expect(verifyOwnerJwtSignature(withS(order - low), address)).toBe(false)
    expect(verifyOwnerJwtSignature(withS(order - low), publicKey.toString('hex'))).toBe(false)
  })
})

describe('decodeOwnerJwt', () => {
  const hs256 = (input: string) => createHmac('sha256', publicKey).update(input).digest()
  it.each<[string, string]>([
    ['nothing', ''],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${token}.x`],
    ['alg none', `${encode({ alg: 'none' })}.${payload}.`],
    ['alg None with a signature', forge({ alg: 'None', typ: 'JWT' }, claims)],
    [
      'HS256 with the public key as secret',
      forge({ alg: 'HS256', typ: 'JWT' }, claims, (i) => Buffer.concat([hs256(i), hs256(i)])),
    ],
    ['ES256', forge({ alg: 'ES256', typ: 'JWT' }, claims)],
    ['lower case alg', forge({ alg: 'es256k' }, claims)],
    ['no alg', forge({ typ: 'JWT' }, claims)],
    ['another type', forge({ alg: 'ES256K', typ: 'dpop+jwt' }, claims)],
    ['a key of its own', forge({ alg: 'ES256K', jwk }, claims)],
    ['crit', forge({ alg: 'ES256K', crit: ['x'] }, claims)],
    ['an empty signature', `${header}.${payload}.`],
    ['a signature of 65 bytes', forge({ alg: 'ES256K' }, claims, () => Buffer.alloc(65, 1))],
    ['a DER signature', forge({ alg: 'ES256K' }, claims, () => Buffer.alloc(70, 48))],
    ['padding', `${header}.${payload}.${signature}=`],
    ['a space', `${header}.${payload}. ${signature}`],
    ['standard base64', `${header}.${payload}.${'+'.repeat(86)}`],
    [
      'spare bits',
      `${header}.${payload}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : signature.endsWith('Q') ? 'R' : signature.endsWith('g') ? 'h' : 'x'}`,
    ],
    ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`],
    ['a header that is a list', `${encode([])}.${payload}.${signature}`],
    ['a payload that is null', `${header}.${encode(null)}.${signature}`],
    ['no jti', forge({ alg: 'ES256K' }, { ...claims, jti: undefined })],
    ['an empty issuer', forge({ alg: 'ES256K' }, { ...claims, iss: '' })],
    ['a list of audiences', forge({ alg: 'ES256K' }, { ...claims, aud: [claims.aud] })],
    ['a time as text', forge({ alg: 'ES256K' }, { ...claims, exp: String(claims.exp) })],
    ['a time with a fraction', forge({ alg: 'ES256K' }, { ...claims, iat: 0.5 })],
    ['a long jti', forge({ alg: 'ES256K' }, { ...claims, jti: 'x'.repeat(129) })],
    ['5 kB', forge({ alg: 'ES256K' }, { ...claims, iss: 'x'.repeat(5000) })],
  ])('refuses %s', (_name, bad) => {
    expect(thrown(() => decodeOwnerJwt(bad))).toBe('UNAUTHENTICATED')
    expect(thrown(() => verifyOwnerJwtSignature(bad, address))).toBe('UNAUTHENTICATED')
  })
  it('takes a key id', () => {
    expect(decodeOwnerJwt(forge({ alg: 'ES256K', kid: 'controller' }, claims)).claims).toEqual(claims)
  })
})

describe('findOwnerJwtFault', () => {
  it('takes the request that was signed', () => {
    expect(findOwnerJwtFault(claims, request)).toBeUndefined()
    expect(findOwnerJwtFault(claims, { ...request, method: 'post', now: now + 149_000 })).toBeUndefined()
  })
  it.each([
    ['method', { ...request, method: 'GET' }],
    ['address', { ...request, url: 'https://node.example/syncStart/x?a=c' }],
    ['address', { ...request, url: 'https://node.example/syncStart/y?a=b' }],
    ['body', { ...request, body: '{"a":2}' }],
    ['node', { ...request, audience: 'https://other.example' }],
    ['expired', { ...request, now: now + 151_000 }],
    ['future', { ...request, now: now - 31_000 }],
  ])('names a wrong %s', (word, other) => {
    expect(findOwnerJwtFault(claims, other)).toContain(word)
  })
  it.each([301, 0, -1])('refuses a life of %i seconds', (seconds) => {
    expect(findOwnerJwtFault({ ...claims, exp: claims.iat + seconds }, request)).toContain('too long')
  })
  it('signs addresses in their normal form', () => {
    expect(urlToHtu('HTTPS://Node.example:443/a/../b?c#d')).toBe('https://node.example/b?c')
  })
})
