/** What stands before every route of tenants' applications, once for all of them; its routes need not think of it. */
import { Router, type RequestHandler } from 'express'
import { jsonOnly } from '../errors/json-only.js'
import { API_PREFIX } from '../openapi/operation.js'
import { crossOrigin } from './cross-origin.js'
import { tenantLimits, type TenantLimitOptions } from './tenant-limits.js'

export interface ApiFrontOptions extends TenantLimitOptions {
  /** Exact origins of web pages that may call. */
  readonly corsOrigins: readonly string[]
  /** API_PREFIX. Default: `/api`. */
  readonly apiPrefix?: string
}

export function apiFront(options: ApiFrontOptions): Router {
  const router = Router()
  const surfaces = ['/v1', '/status', options.apiPrefix ?? API_PREFIX]
  router.use(surfaces, crossOrigin(options.corsOrigins), noStore, tenantLimits(options), jsonOnly)
  return router
}

const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}
