/** Finds who of which tenant sends a request, by its bearer token: the operator's, a service token, or a JWT. */
import type { Request } from 'express'
import { NodeError } from '../../errors.js'
import type { Redacted } from '../../lib/redacted.js'
import type { JwtReader } from './json-web-token.js'
import { namedTenant, readOperator } from './operator.js'
import { bearer } from './owner.js'
import type { Principal, TenantAuthenticator } from './principal.js'
import { SERVICE_TOKEN_PREFIX, type ServiceTokens } from './service-tokens.js'

export interface TenantAuthenticationPorts {
  /** `undefined`: no JWT passes on this node. */
  readonly readJwt: JwtReader | undefined
  readonly serviceTokens: Pick<ServiceTokens, 'read'>
  /** `undefined`: nobody is operator by a token. */
  readonly operatorToken: Redacted | undefined
}

export function tenantAuthenticator(ports: TenantAuthenticationPorts): TenantAuthenticator {
  const seen = new WeakMap<Request, Promise<Principal>>()
  return (req) => {
    const known = seen.get(req) ?? authenticate(ports, req)
    seen.set(req, known)
    return known
  }
}

async function authenticate(ports: TenantAuthenticationPorts, req: Request): Promise<Principal> {
  const token = bearer(req)
  const operator = readOperator(req, token, ports.operatorToken)
  if (operator !== undefined) return operator
  const principal = await readPrincipal(ports, token)
  const named = namedTenant(req)
  // Silence would let a caller believe that he works in another tenant.
  if (named !== undefined && named !== principal.tenant)
    throw new NodeError('FORBIDDEN', { detail: 'X-Tenant names another tenant than the token' })
  return principal
}

function readPrincipal(
  { readJwt, serviceTokens }: TenantAuthenticationPorts,
  token: string,
): Promise<Principal> {
  if (token.startsWith(SERVICE_TOKEN_PREFIX)) return serviceTokens.read(token)
  if (readJwt === undefined)
    throw new NodeError('UNAUTHENTICATED', { detail: 'this node takes service tokens only' })
  return readJwt(token)
}
