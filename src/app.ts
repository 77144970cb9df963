/** The Express app, made of surfaces; it does not listen and composes nothing itself. */
import type { Router } from 'express'
import express, { type Express, type RequestHandler } from 'express'
import { keepRawBody } from './api/authentication/owner.js'
import { hideSensitiveQuery } from './api/http/sensitive-query.js'
import { requestLog } from './api/http/request-log.js'
import { rememberOrigin } from './api/http/remember-origin.js'
import { NodeError } from './errors.js'
import type { Log } from './lib/log.js'

export interface AppParts {
  readonly log: Log
  /** How many proxies stand in front. */
  readonly trustProxy: number
  /** Asked first, before any body is read: they take the very bytes. */
  readonly rawRouters?: readonly Router[]
  /** In the order in which they are asked. */
  readonly routers: readonly (Router | RequestHandler)[]
  readonly errorHandler: express.ErrorRequestHandler
}

const BODY_LIMIT = '1mb'

export function createApp({ log, trustProxy, rawRouters = [], routers, errorHandler }: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', trustProxy)
  app.set('query parser', 'simple')
  app.use(hideSensitiveQuery)
  app.use(requestLog(log))
  app.use(rememberOrigin)
  for (const router of rawRouters) app.use(router)
  app.use(express.json({ limit: BODY_LIMIT, verify: keepRawBody }))
  app.use(express.urlencoded({ limit: BODY_LIMIT, extended: false, verify: keepRawBody }))
  for (const router of routers) app.use(router)
  app.use(() => {
    throw new NodeError('ROUTE_UNKNOWN')
  })
  app.use(errorHandler)
  return app
}
