/** The operator of the node: one token of the settings, for tenants and their service tokens; never for tenants' data. */
import type { Request } from 'express'
import { NodeError } from '../../errors.js'
import { equalSecrets } from '../../lib/keyed-hash.js'
import { reveal, type Redacted } from '../../lib/redacted.js'
import { isTenantId, type Principal, type Scope } from './principal.js'

const OPERATOR_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['tokens:manage', 'audit:read'])

/** @throws NodeError REQUEST_INVALID when X-Tenant is no name of a tenant */
export function readOperator(
  req: Request,
  token: string,
  expected: Redacted | undefined,
): Principal | undefined {
  if (expected === undefined || !equalSecrets(token, reveal(expected))) return undefined
  const tenant = namedTenant(req) ?? ''
  return { tenant, subject: 'operator', scopes: OPERATOR_SCOPES, kind: 'operator', actor: 'operator' }
}

/** @throws NodeError REQUEST_INVALID */
export function namedTenant(req: Request): string | undefined {
  const named = req.get('x-tenant')
  if (named === undefined || isTenantId(named)) return named
  throw new NodeError('REQUEST_INVALID', {
    fields: [{ path: 'X-Tenant', message: 'is no name of a tenant' }],
  })
}
