/** Who asks on the surfaces of tenants, and what that one may do. Decides nothing about how it is proven. */
import type { Request } from 'express'
import { NodeError } from '../../errors.js'

export const SCOPES = [
  'connectors:read',
  'connectors:write',
  'records:read',
  'tokens:manage',
  'audit:read',
  'webhooks:read',
  'webhooks:write',
  'credentials:read',
  'calendar:connect',
] as const

export type Scope = (typeof SCOPES)[number]

export interface Principal {
  /** Whose rows are seen; empty for an operator who named no tenant. */
  readonly tenant: string
  /** Who of the tenant; unique within it. */
  readonly subject: string
  readonly scopes: ReadonlySet<Scope>
  readonly kind: 'jwt' | 'service' | 'operator'
  /** For the audit log. */
  readonly actor: string
}

/** Asked as often as one likes: a request is looked at once. @throws NodeError UNAUTHENTICATED, FORBIDDEN, ISSUER_DOWN, STORE_UNAVAILABLE */
export type TenantAuthenticator = (req: Request) => Promise<Principal>

/** What is kept of tenants' names: no control characters, no separators of our own, and safe in a path. */
const TENANT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

export function isTenantId(text: unknown): text is string {
  return typeof text === 'string' && TENANT.test(text)
}

/** The scopes of ours in a list; an issuer may serve others, whose scopes mean nothing here. */
export function knownScopes(names: readonly unknown[]): ReadonlySet<Scope> {
  return new Set(SCOPES.filter((scope) => names.includes(scope)))
}

/** @throws NodeError FORBIDDEN */
export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.tenant === '')
    throw new NodeError('FORBIDDEN', { detail: 'the header X-Tenant must name a tenant' })
  if (!principal.scopes.has(scope))
    throw new NodeError('FORBIDDEN', { detail: `the scope ${scope} is needed` })
}

/** @throws NodeError FORBIDDEN */
export function requireOperator(principal: Principal): void {
  if (principal.kind !== 'operator') throw new NodeError('FORBIDDEN')
}
