/** The unified surface (seed 002): `connectors` are providers here, `connections` are a tenant's accounts; every answer is an envelope. */
import { Router } from 'express'
import { addBrowseRoutes } from './browse-routes.js'
import { addConnectRoutes } from './connect-routes.js'
import { addConnectionRoutes, addTokenRoute } from './connection-routes.js'
import { inOurWords, type UnifiedDeps } from './deps.js'
import { addJobRoutes } from './job-routes.js'
import { addProviderRoutes } from './provider-routes.js'
import { addSyncStateRoutes } from './sync-state-routes.js'
import { addWebhookRoutes } from './webhook-routes.js'

export type { UnifiedDeps } from './deps.js'

export function unifiedRoutes(deps: UnifiedDeps): Router {
  const router = Router()
  addProviderRoutes(router, deps)
  addConnectRoutes(router, deps)
  addJobRoutes(router, deps)
  addBrowseRoutes(router, deps)
  addWebhookRoutes(router, deps)
  addConnectionRoutes(router, deps)
  addTokenRoute(router, deps)
  addSyncStateRoutes(router, deps)
  router.use(inOurWords)
  return router
}
