/** JSON Web Tokens with HMAC-SHA256 (RFC 7515, RFC 7519); it knows no claim but the times. */
import { createHmac } from 'node:crypto'
import { fromBase64url } from '../../lib/base64url.js'
import type { JsonObject } from '../../lib/canonical-json.js'
import { equalSecrets } from '../../lib/keyed-hash.js'

/** What a token turned out to be. */
export type ReadToken =
  | { readonly kind: 'good'; readonly claims: JsonObject }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'forged' }
  | { readonly kind: 'expired' }

const HEADER = encoded({ alg: 'HS256', typ: 'JWT' })

/** `iat` and `exp` are put behind the claims, in this order: clients read them from the text. */
export function signToken(claims: JsonObject, secret: string, nowMs: number, lifeS: number): string {
  const iat = Math.floor(nowMs / 1000)
  const signed = `${HEADER}.${encoded({ ...claims, iat, exp: iat + lifeS })}`
  return `${signed}.${signatureOf(signed, secret)}`
}

export function readToken(token: string, secret: string, nowMs: number): ReadToken {
  const [header, payload, signature, ...rest] = token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
    return { kind: 'malformed' }
  // RFC 8725 3.1: the algorithm is ours, whatever the token's header says.
  if (!equalSecrets(signatureOf(`${header}.${payload}`, secret), signature)) return { kind: 'forged' }
  const claims = JSON.parse(fromBase64url(payload)?.toString('utf8') ?? '{}') as JsonObject
  const expired = typeof claims['exp'] !== 'number' || claims['exp'] * 1000 <= nowMs
  return expired ? { kind: 'expired' } : { kind: 'good', claims }
}

const signatureOf = (signed: string, secret: string): string =>
  createHmac('sha256', secret).update(signed).digest('base64url')

function encoded(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
