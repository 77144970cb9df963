/** How often tenants' applications may ask. Counted in this process. */
import type { RequestHandler } from 'express'
import type { TenantAuthenticator } from '../authentication/principal.js'
import { addressOf, limiter } from './limiter.js'

export interface TenantLimitOptions {
  readonly authenticate: TenantAuthenticator
  /** Requests of one tenant in a window, from wherever. Default 600. */
  readonly perTenant?: number
  /**
   * Requests of one caller in a window that nobody answers for: without a token, or with one that is refused. Default
   * 60. A tenant's requests do not count: one backend may serve many tenants, and none may use up another's.
   */
  readonly perAddress?: number
  /** Default one minute. */
  readonly windowMs?: number
}

export function tenantLimits(options: TenantLimitOptions): RequestHandler {
  const { authenticate, perTenant = 600, perAddress = 60, windowMs = 60_000 } = options
  const byAddress = limiter(windowMs, perAddress, addressOf)
  // The operator may name no tenant: he has a counter of his own, whatever he names.
  const byTenant = limiter(windowMs, perTenant, async (req) => {
    const { kind, tenant } = await authenticate(req)
    return kind === 'operator' ? 'operator' : `tenant ${tenant}`
  })
  return (req, res, next) => {
    if (req.get('authorization') === undefined) return byAddress(req, res, next)
    authenticate(req).then(
      () => byTenant(req, res, next),
      (refused: unknown) => byAddress(req, res, (limited: unknown) => next(limited ?? refused)),
    )
  }
}
