/** Serves the pinned schemas, so that a Vault can read them here by a prefix rewrite. */
import { Router } from 'express'
import { pinnedSchemas, schemaPath } from '../../../schemas/index.js'

export function schemaRoutes(): Router {
  const router = Router()
  for (const [uri, schema] of pinnedSchemas()) {
    const body = JSON.stringify(schema)
    router.get(
      schemaPath(uri),
      (_req, res) =>
        void res.set('Cache-Control', 'public, max-age=3600').type('application/schema+json').send(body),
    )
  }
  return router
}
