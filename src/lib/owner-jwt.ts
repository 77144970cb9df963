/** Requests signed by an owner (protocol.md 6): an ES256K JWT over method, URL and body. Decides nothing about whose key counts. */
import { createHash, randomBytes } from 'node:crypto'
import { NodeError } from '../errors.js'
import { sha256, type Bytes } from './keyed-hash.js'
import { signDigest, verifyDigest, verifyDigestByAddress } from './secp256k1.js'

/** What the owner states. Times are seconds since 1970. */
export interface OwnerClaims {
  /** The owner's DID, as written by the signer. */
  readonly iss: string
  /** The origin of the node asked: scheme, host and port, without a path. */
  readonly aud: string
  readonly iat: number
  readonly exp: number
  /** Good for one use. */
  readonly jti: string
  /** Method, in capitals. */
  readonly htm: string
  /** The URL asked, with its query and without a fragment. */
  readonly htu: string
  /** base64url of SHA-256 of the body; of nothing when there is none. */
  readonly bh: string
}

/** A token in good form. Nothing in it is proven before `verifyOwnerJwtSignature`. */
export interface OwnerJwt {
  readonly claims: OwnerClaims
  /** SHA-256 of what was signed. */
  readonly digest: Bytes
  /** r and s, 64 bytes. */
  readonly signature: Bytes
}

export interface OwnerRequest {
  readonly method: string
  readonly url: string
  readonly body?: Bytes | string
  readonly audience: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The longest a token may live: `exp` at most so many seconds after `iat`. */
export const OWNER_JWT_MAX_SECONDS = 300

const LIFETIME_SECONDS = 120
const MAX_CHARACTERS = 4096
// RFC 8725 3.1: the one algorithm is ours to choose, never the token's.
const HEADER = { alg: 'ES256K', typ: 'JWT' }

/** Signs a request with the owner's key (32 bytes). RFC 8812 3.2: ES256K is r and s over SHA-256. */
export function signOwnerJwt(
  request: OwnerRequest & { readonly privateKey: Bytes; readonly did: string },
): string {
  const iat = Math.floor(request.now / 1000)
  const claims: OwnerClaims = {
    iss: request.did,
    aud: request.audience,
    iat,
    exp: iat + LIFETIME_SECONDS,
    jti: randomBytes(16).toString('base64url'),
    htm: request.method.toUpperCase(),
    htu: urlToHtu(request.url),
    bh: bodyHash(request.body),
  }
  const input = `${encode(HEADER)}.${encode(claims)}`
  return `${input}.${Buffer.from(signDigest(sha256(input), request.privateKey).bytes).toString('base64url')}`
}

/** The form in which a URL is signed: normalized, with its query, without a fragment. */
export function urlToHtu(url: string): string {
  const normal = new URL(url)
  normal.hash = ''
  return normal.href
}

/** The form in which a body is signed. */
export function bodyHash(body: Bytes | string = ''): string {
  return createHash('sha256').update(body).digest('base64url')
}

/**
 * Reads a token and refuses every form but the one `signOwnerJwt` writes (a `kid` may stand in the header).
 * @throws NodeError UNAUTHENTICATED
 */
export function decodeOwnerJwt(token: string): OwnerJwt {
  const [header, payload, signature, ...rest] = token.length > MAX_CHARACTERS ? [] : token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw refused('the token has not three parts')
  }
  checkHeader(readObject(header))
  const claims = readClaims(readObject(payload))
  const bytes = decodePart(signature)
  if (bytes.length !== 64) throw refused('the signature has not 64 bytes')
  return { claims, digest: sha256(`${header}.${payload}`), signature: bytes }
}

/**
 * Whether the key named by `signer` signed the token: an address (`0x`, 40 hex) or a public key (33 or 65 bytes, hex).
 * @throws NodeError UNAUTHENTICATED when the token is malformed.
 */
export function verifyOwnerJwtSignature(token: string, signer: string): boolean {
  const { digest, signature } = decodeOwnerJwt(token)
  if (/^0x[0-9a-f]{40}$/i.test(signer)) return verifyDigestByAddress(digest, signature, signer)
  const publicKey = /^(?:0x)?((?:0[23][0-9a-f]{64})|(?:04[0-9a-f]{128}))$/i.exec(signer)?.[1]
  return publicKey !== undefined && verifyDigest(digest, signature, Buffer.from(publicKey, 'hex'))
}

/** What of the request the claims do not cover, in words; `undefined` when all is well. Says nothing about reuse. */
export function findOwnerJwtFault(
  claims: OwnerClaims,
  request: OwnerRequest,
  skewSeconds = 30,
): string | undefined {
  const now = request.now / 1000
  if (claims.exp <= claims.iat || claims.exp - claims.iat > OWNER_JWT_MAX_SECONDS)
    return 'the token lives too long'
  if (claims.iat > now + skewSeconds) return 'the token is from the future'
  if (claims.exp <= now - skewSeconds) return 'the token has expired'
  if (claims.aud !== request.audience) return 'the token is for another node'
  if (claims.htm !== request.method.toUpperCase()) return 'the token is for another method'
  if (claims.htu !== urlToHtu(request.url)) return 'the token is for another address'
  if (claims.bh !== bodyHash(request.body)) return 'the token is for another body'
  return undefined
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Only the canonical spelling: no padding, no spare bits, no foreign characters that Node would skip. */
function decodePart(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) throw refused('a part of the token is not base64url')
  return bytes
}

function readObject(part: string): Record<string, unknown> {
  const text = decodePart(part).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refused('a part of the token is not JSON', cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused('a part of the token is not an object')
  return value as Record<string, unknown>
}

function checkHeader(header: Record<string, unknown>): void {
  if (header['alg'] !== HEADER.alg) throw refused('the algorithm must be ES256K')
  if ('typ' in header && header['typ'] !== HEADER.typ) throw refused('the type must be JWT')
  const foreign = Object.keys(header).find((name) => !['alg', 'typ', 'kid'].includes(name))
  if (foreign !== undefined) throw refused('the header has members of no use here')
}

const TEXT_CLAIMS = ['iss', 'aud', 'jti', 'htm', 'htu', 'bh'] as const
const TIME_CLAIMS = ['iat', 'exp'] as const

function readClaims(payload: Record<string, unknown>): OwnerClaims {
  for (const name of TEXT_CLAIMS) {
    const value = payload[name]
    if (typeof value !== 'string' || value === '') throw refused(`the claim ${name} is missing`)
  }
  for (const name of TIME_CLAIMS) {
    const value = payload[name]
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw refused(`the claim ${name} is not a time`)
  }
  // It is kept until it ends, and not every text can be kept.
  if (!/^[\x20-\x7e]{1,128}$/.test(payload['jti'] as string))
    throw refused('the claim jti is not 1 to 128 printable characters')
  const names = [...TEXT_CLAIMS, ...TIME_CLAIMS]
  return Object.fromEntries(names.map((name) => [name, payload[name]])) as unknown as OwnerClaims
}

function refused(detail: string, cause?: unknown): NodeError {
  return new NodeError('UNAUTHENTICATED', { detail, cause })
}
