/** The pinned schemas over HTTP, for Verida's client, which reads schemas by HTTP only. */
import { Router } from 'express'
import { pinnedSchemas, schemaPath } from '../../schemas/index.js'

export function schemaRoutes(): Router {
  const router = Router()
  for (const [uri, schema] of pinnedSchemas())
    router.get(schemaPath(uri), (_request, response) => void response.json(schema))
  return router
}
