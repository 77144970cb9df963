/** Makes a JWT of the form that this node reads; for development, where no other issuer is there. */
import { SignJWT } from 'jose'
import type { Clock } from '../../lib/clock.js'
import { reveal } from '../../lib/redacted.js'
import type { JwtTrust } from './jwt-trust.js'
import type { Scope } from './principal.js'

export interface JwtWishes {
  readonly tenant: string
  readonly subject: string
  readonly scopes: readonly Scope[]
  readonly lifetimeMs: number
}

export async function mintJwt(
  trust: JwtTrust & { readonly kind: 'secret' },
  { tenant, subject, scopes, lifetimeMs }: JwtWishes,
  clock: Clock,
): Promise<string> {
  const nowMs = clock.now()
  const token = new SignJWT({ tenant, scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(subject)
    .setIssuedAt(new Date(nowMs))
    .setExpirationTime(new Date(nowMs + lifetimeMs))
  if (trust.issuer !== undefined) token.setIssuer(trust.issuer)
  if (trust.audience !== undefined) token.setAudience(trust.audience)
  return token.sign(Buffer.from(reveal(trust.secret), 'utf8'))
}
