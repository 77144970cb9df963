/** What this node can connect to: the object form that Vaults read (vault.md 7.1). */
import { Router } from 'express'
import { schemaUri } from '../../../schemas/index.js'
import type { Catalog, CatalogEntry } from '../../provider/index.js'

export function providerRoutes(catalog: Catalog, publicUrl: string): Router {
  const router = Router()
  const body = Object.fromEntries(catalog.map((entry) => [entry.provider.id, describe(entry, publicUrl)]))
  router.get('/providers', (_req, res) => void res.json(body))
  return router
}

function describe({ provider, missingSettings }: CatalogEntry, publicUrl: string): object {
  return {
    name: provider.id,
    label: provider.label,
    icon: new URL(`/assets/${provider.id}/icon.svg`, publicUrl).href,
    description: provider.description,
    status: missingSettings.length === 0 ? 'active' : 'inactive',
    schemas: [...new Set(provider.streams.map((stream) => schemaUri(stream.schema)))],
    options: [],
    handlers: provider.streams.map((stream) => ({
      id: stream.name,
      label: stream.label,
      schema: schemaUri(stream.schema),
    })),
  }
}
