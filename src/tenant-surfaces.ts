/** The `/v1` addresses, for applications whose tenants manage connectors. */
import type { Router } from 'express'
import { jwtReader } from './api/authentication/json-web-token.js'
import { readJwtTrust } from './api/authentication/jwt-trust.js'
import { createServiceTokens } from './api/authentication/service-tokens.js'
import { tenantAuthenticator } from './api/authentication/tenant.js'
import { apiFront } from './api/http/api-front.js'
import { idempotency } from './api/http/idempotency.js'
import { pageCursors } from './api/http/page-cursor.js'
import { catalogRoutes } from './api/v1/catalog-routes.js'
import { connectorActionRoutes } from './api/v1/connector-action-routes.js'
import { connectorRoutes } from './api/v1/connector-routes.js'
import { eventRoutes } from './api/v1/event-routes.js'
import { oauthRoutes } from './api/v1/oauth-routes.js'
import { recordRoutes } from './api/v1/record-routes.js'
import { serviceTokenRoutes } from './api/v1/service-token-routes.js'
import { tenantRoutes } from './api/v1/tenant-routes.js'
import type { SurfaceParts } from './surface-parts.js'

export interface TenantSurfaces {
  readonly routers: readonly Router[]
  /** Ends what is followed: a server that closes waits for it. */
  close(): void
}

export async function openTenantSurfaces(parts: Omit<SurfaceParts, 'syncs'>): Promise<TenantSurfaces> {
  const { config, clock, store, keys, catalog, publicUrl, engine } = parts
  const { connectors, jobs } = engine
  const trust = await readJwtTrust(config)
  const tokens = createServiceTokens({ store, clock })
  const authenticate = tenantAuthenticator({
    readJwt: trust && jwtReader(trust, clock),
    serviceTokens: tokens,
    operatorToken: config.OPERATOR_TOKEN,
  })
  const cursors = pageCursors(keys.ring)
  const once = idempotency({ store, ring: keys.ring, clock, authenticate })
  const events = eventRoutes({ connectors, jobs, authenticate })
  const { CORS_ORIGINS, RATE_PER_TENANT, RATE_PER_ADDRESS } = config
  const routers = [
    apiFront({
      authenticate,
      corsOrigins: CORS_ORIGINS,
      perTenant: RATE_PER_TENANT,
      perAddress: RATE_PER_ADDRESS,
    }),
    catalogRoutes({ catalog, publicUrl, authenticate }),
    connectorActionRoutes({ connectors, authenticate, cursors, once }),
    connectorRoutes({ connectors, authenticate, cursors, once }),
    recordRoutes({ connectors, authenticate, cursors }),
    oauthRoutes({ connectors, catalog, authenticate, once }),
    events.router,
    tenantRoutes({ store, clock, authenticate, cursors }),
    serviceTokenRoutes({ tokens, store, clock, authenticate }),
  ]
  return { routers, close: () => events.close() }
}
