/** What this node can connect to: the object form that Vaults read (vault.md 7.1). */
import { Router } from 'express'
import { schemaUri } from '../../../schemas/index.js'
import type { Provider } from '../../provider/index.js'

export interface CatalogEntry {
  readonly provider: Provider
  /** Names of settings that the operator has still to set; empty when usable. */
  readonly missingSettings: readonly string[]
}

export function providerRoutes(catalog: readonly CatalogEntry[], publicUrl: string): Router {
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
