/** The CouchDB protocol on Express, as far as replication and plain documents go; no views, no queries, no continuous feed. */
import type { IncomingMessage } from 'node:http'
import express, { Router, type RequestHandler } from 'express'
import { addBulkRoutes } from './bulk-routes.js'
import { addChangesRoutes } from './changes-routes.js'
import { addDatabaseRoutes } from './database-routes.js'
import { addDocumentRoutes } from './document-routes.js'
import type { CouchServer } from './context.js'
import { answerCouchErrors, CouchError, notFound } from './errors.js'

/** The longest request body. */
const BODY_LIMIT = '64mb'

/** Mount it where CouchDB's root is. */
export function couchRouter(server: CouchServer, version: string): Router {
  const router = Router()
  router.get('/', (_request, response) => {
    response.json({ couchdb: 'Welcome', version, vendor: { name: 'connector-node devnet' } })
  })
  // Wrong credentials are refused before anything is read.
  router.use(((request, _response, next) => {
    server.identify(request)
    next()
  }) satisfies RequestHandler)
  router.use(requireJson)
  router.use(express.json({ limit: BODY_LIMIT, strict: false, type: isJsonBody }))
  addDatabaseRoutes(router, server)
  addBulkRoutes(router, server)
  addChangesRoutes(router, server)
  router.post(['/:db/_ensure_full_commit'], (_request, response) => {
    response.status(201).json({ ok: true, instance_start_time: '0' })
  })
  addDocumentRoutes(router, server)
  router.use((request) => {
    throw notFound(`no such path: ${request.method}`)
  })
  router.use(answerCouchErrors)
  return router
}

const requireJson: RequestHandler = (request, _response, next) => {
  const wrong = request.method === 'POST' && request.is('application/json') === false
  if (wrong) throw new CouchError(415, 'bad_content_type', 'Content-Type must be application/json')
  next()
}

const ATTACHMENT = /^\/[^/]+\/(?!_local\/|_design\/)[^/]+\/.|^\/[^/]+\/_design\/[^/]+\/./

/** An attachment may be JSON too, and is then bytes like any other. */
function isJsonBody(request: IncomingMessage): boolean {
  if (request.method === 'PUT' && ATTACHMENT.test(request.url ?? '')) return false
  return /^application\/json\b/i.test(request.headers['content-type'] ?? '')
}
