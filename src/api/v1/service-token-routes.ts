/** Service tokens of a tenant: made, listed without their secret, revoked. The operator names the tenant by X-Tenant. */
import { Router, type Request } from 'express'
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { reveal } from '../../lib/redacted.js'
import { tenants, type ServiceToken, type Store } from '../../store/index.js'
import {
  requireScope,
  SCOPES,
  type Principal,
  type TenantAuthenticator,
} from '../authentication/principal.js'
import type { ServiceTokens } from '../authentication/service-tokens.js'
import { refuseIdempotencyKey } from '../http/idempotency.js'
import { readBody } from '../http/read-input.js'
import { printableText } from './printable-text.js'

export interface ServiceTokenRouteDeps {
  readonly tokens: ServiceTokens
  readonly store: Store
  readonly clock: Clock
  readonly authenticate: TenantAuthenticator
}

const DAY_MS = 86_400_000

export const newToken = z.strictObject({
  name: printableText(100),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  expires_in_days: z.number().int().min(1).max(3650).optional(),
})

export function serviceTokenRoutes(deps: ServiceTokenRouteDeps): Router {
  const { tokens, clock } = deps
  const router = Router()
  router.post('/v1/service-tokens', refuseIdempotencyKey, async (req, res) => {
    const maker = await manager(deps, req)
    const { name, scopes, expires_in_days: days } = readBody(newToken, req.body)
    const expiresAtMs = days === undefined ? undefined : clock.now() + days * DAY_MS
    const { token, row } = await tokens.issue(maker, { name, scopes: [...new Set(scopes)], expiresAtMs })
    res.status(201).json({ ...asJson(row), token: reveal(token) })
  })
  router.get('/v1/service-tokens', async (req, res) => {
    const { tenant } = await manager(deps, req)
    res.json({ data: (await tokens.list(tenant)).map(asJson) })
  })
  router.delete('/v1/service-tokens/:id', async (req, res) => {
    await tokens.revoke(await manager(deps, req), idOf(req))
    res.status(204).end()
  })
  return router
}

/** @throws NodeError FORBIDDEN; TENANT_UNKNOWN for an operator who names a tenant that he has not made */
async function manager({ authenticate, store }: ServiceTokenRouteDeps, req: Request): Promise<Principal> {
  const principal = await authenticate(req)
  requireScope(principal, 'tokens:manage')
  const { kind, tenant } = principal
  const isThere = kind !== 'operator' || (await store.node((tx) => tenants.get(tx, tenant))) !== undefined
  if (!isThere) throw new NodeError('TENANT_UNKNOWN')
  return principal
}

/** Anything else was never given out, and not every text can be asked of a database. */
function idOf({ params }: Request): string {
  const id = z.uuid().safeParse(params['id'])
  if (!id.success) throw new NodeError('TOKEN_UNKNOWN')
  return id.data
}

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

function asJson(row: ServiceToken): object {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    created_at: time(row.createdAtMs),
    expires_at: time(row.expiresAtMs),
    last_used_at: time(row.lastUsedAtMs),
    revoked_at: time(row.revokedAtMs),
  }
}
