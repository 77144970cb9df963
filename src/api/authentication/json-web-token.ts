/** JSON web tokens of tenants' applications: signature, times, issuer and audience, then the three claims we read. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose'
import { NodeError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { reveal } from '../../lib/redacted.js'
import type { JwtTrust } from './jwt-trust.js'
import { isTenantId, knownScopes, type Principal } from './principal.js'

/** @throws NodeError UNAUTHENTICATED, ISSUER_DOWN */
export type JwtReader = (token: string) => Promise<Principal>

const SKEW_SECONDS = 30
const SUBJECT = /^[\x21-\x7e]{1,200}$/
// RFC 8725 3.1: which algorithms are believed is ours to say. A published key never counts as a shared secret.
const SECRET_ALGORITHMS = ['HS256']
const KEY_SET_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]

export function jwtReader(trust: JwtTrust, clock: Clock): JwtReader {
  const verify = signatureCheck(trust)
  const expected: JWTVerifyOptions = {
    clockTolerance: SKEW_SECONDS,
    requiredClaims: ['exp', 'sub', 'tenant'],
    ...(trust.issuer === undefined ? {} : { issuer: trust.issuer }),
    ...(trust.audience === undefined ? {} : { audience: trust.audience }),
  }
  return async (token) => {
    try {
      return principalOf(await verify(token, { ...expected, currentDate: new Date(clock.now()) }))
    } catch (error) {
      throw asNodeError(error)
    }
  }
}

type SignatureCheck = (token: string, options: JWTVerifyOptions) => Promise<JWTPayload>

function signatureCheck(trust: JwtTrust): SignatureCheck {
  if (trust.kind === 'secret') {
    const key = Buffer.from(reveal(trust.secret), 'utf8')
    return async (token, options) =>
      (await jwtVerify(token, key, { ...options, algorithms: SECRET_ALGORITHMS })).payload
  }
  const keys = createRemoteJWKSet(trust.url)
  return async (token, options) =>
    (await jwtVerify(token, keys, { ...options, algorithms: KEY_SET_ALGORITHMS })).payload
}

function principalOf(claims: JWTPayload): Principal {
  const { sub: subject, tenant, scope } = claims as JWTPayload & Readonly<Record<'tenant' | 'scope', unknown>>
  if (!isTenantId(tenant)) throw refused('the claim tenant is not the name of a tenant')
  if (typeof subject !== 'string' || !SUBJECT.test(subject))
    throw refused('the claim sub is not 1 to 200 printable characters')
  // RFC 8693 4.2 has one text with spaces; some issuers write a list.
  const names: readonly unknown[] =
    typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : []
  return { tenant, subject, scopes: knownScopes(names), kind: 'jwt', actor: `user:${subject}` }
}

/** What says that the token is to blame, by jose's codes; all else is the key set's or the network's. */
const TOKEN_FAULTS: ReadonlySet<string> = new Set([
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
  errors.JWSInvalid.code,
  errors.JWTInvalid.code,
  errors.JWTClaimValidationFailed.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
])

function asNodeError(error: unknown): NodeError {
  if (error instanceof NodeError) return error
  if (error instanceof errors.JWTExpired) return refused('the token has expired', error)
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(`the claim ${error.claim} is missing or not what it must be`, error)
  if (error instanceof errors.JOSEError && TOKEN_FAULTS.has(error.code))
    return refused('the token is not signed as this node expects', error)
  return new NodeError('ISSUER_DOWN', { cause: error })
}

function refused(detail: string, cause?: unknown): NodeError {
  return new NodeError('UNAUTHENTICATED', { detail, cause })
}
