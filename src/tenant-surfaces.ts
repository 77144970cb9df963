/** The `/v1` addresses, for applications whose tenants manage connectors. */
import type { Router } from 'express'
import { jwtReader } from './api/authentication/json-web-token.js'
import { readJwtTrust } from './api/authentication/jwt-trust.js'
import type { OwnerTokenReader } from './api/authentication/owner.js'
import { readConsent, type ConsentWish } from './api/authentication/owner-consent.js'
import { createServiceTokens } from './api/authentication/service-tokens.js'
import { tenantAuthenticator } from './api/authentication/tenant.js'
import { calendarRoutes } from './api/calendar/calendar-routes.js'
import { invitationRoutes } from './api/calendar/invitation-routes.js'
import { fileConnectionRoutes } from './api/files/connection-routes.js'
import { fileRoutes } from './api/files/file-routes.js'
import { apiFront } from './api/http/api-front.js'
import { idempotency } from './api/http/idempotency.js'
import { pageCursors } from './api/http/page-cursor.js'
import { catalogRoutes } from './api/v1/catalog-routes.js'
import { connectorActionRoutes } from './api/v1/connector-action-routes.js'
import { connectorRoutes } from './api/v1/connector-routes.js'
import { eventRoutes } from './api/v1/event-routes.js'
import { inboundWebhookRoutes } from './api/v1/inbound-webhook-routes.js'
import { jobRoutes } from './api/v1/job-routes.js'
import { oauthRoutes } from './api/v1/oauth-routes.js'
import { recordRoutes } from './api/v1/record-routes.js'
import { serviceTokenRoutes } from './api/v1/service-token-routes.js'
import { tenantRoutes } from './api/v1/tenant-routes.js'
import { unifiedRoutes } from './api/unified/unified-routes.js'
import { webhookLogRoutes } from './api/v1/webhook-log-routes.js'
import { webhookRoutes } from './api/v1/webhook-routes.js'
import type { SurfaceParts } from './surface-parts.js'

export interface TenantSurfaces {
  readonly routers: readonly Router[]
  /** Ends what is followed: a server that closes waits for it. */
  close(): void
}

export interface TenantSurfaceParts extends Omit<SurfaceParts, 'syncs' | 'server' | 'rpcUrl' | 'keyService'> {
  readonly readOwnerToken: OwnerTokenReader
}

export async function openTenantSurfaces(parts: TenantSurfaceParts): Promise<TenantSurfaces> {
  const { config, clock, store, keys, catalog, publicUrl, engine } = parts
  const { calendars, connectors, fileConnections, jobs, webhooks } = engine
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
  const { CORS_ORIGINS, RATE_PER_TENANT, RATE_PER_ADDRESS, API_PREFIX } = config
  const consentOf = (wish: ConsentWish) => readConsent(parts.readOwnerToken, wish, config.VERIDA_NETWORK)
  const routers = [
    apiFront({
      authenticate,
      corsOrigins: CORS_ORIGINS,
      perTenant: RATE_PER_TENANT,
      perAddress: RATE_PER_ADDRESS,
      apiPrefix: API_PREFIX,
    }),
    catalogRoutes({ catalog, publicUrl, authenticate }),
    connectorActionRoutes({ connectors, authenticate, cursors, once }),
    connectorRoutes({ connectors, authenticate, cursors, once, consentOf }),
    recordRoutes({ connectors, authenticate, cursors }),
    oauthRoutes({ connectors, catalog, authenticate, once }),
    calendarRoutes({ calendars, authenticate, once, apiPrefix: API_PREFIX }),
    invitationRoutes(calendars),
    events.router,
    jobRoutes({ jobs, authenticate, cursors }),
    webhookRoutes({ webhooks, authenticate, cursors, once }),
    inboundWebhookRoutes({ inbound: engine.inbound, authenticate, once }),
    webhookLogRoutes({ webhooks, authenticate, cursors, once }),
    fileConnectionRoutes({
      fileConnections,
      authenticate,
      cursors,
      once,
      consentOf,
      apiPrefix: API_PREFIX,
    }),
    fileRoutes({ fileConnections, authenticate, cursors, apiPrefix: API_PREFIX }),
    unifiedRoutes({
      apiPrefix: API_PREFIX,
      publicUrl,
      connectors,
      operating: parts.operating,
      jobs,
      inbound: engine.inbound,
      authenticate,
      cursors,
      once,
      allowTokenRead: config.ALLOW_TOKEN_READ,
    }),
    tenantRoutes({ store, clock, authenticate, cursors }),
    serviceTokenRoutes({ tokens, store, clock, authenticate }),
  ]
  return { routers, close: () => events.close() }
}
