/** What can be connected here: every provider with its ways to sign in, the forms to draw, its streams, and what is missing. */
import { Router } from 'express'
import { schemaUri } from '../../../schemas/index.js'
import { connectorRedirectUri, credentialSchema } from '../../connectors/index.js'
import { FREQUENCY_EXAMPLES } from '../../jobs/frequency.js'
import type { Auth, Catalog, CatalogEntry, Provider } from '../../provider/index.js'
import { NodeError } from '../../errors.js'
import { iconPath } from '../web/asset-routes.js'
import { principalOf, type ConnectorRouteDeps } from './connector-routes.js'

export interface CatalogRouteDeps extends Pick<ConnectorRouteDeps, 'authenticate'> {
  readonly catalog: Catalog
  readonly publicUrl: string
}

const CATEGORIES: Readonly<Record<Provider['category'], string>> = {
  personal: 'Personal',
  finance: 'Finance',
  commerce: 'E-commerce & POS',
  storage: 'Storage',
  crm: 'CRM',
  database: 'Databases',
  development: 'Development',
}

export function catalogRoutes(deps: CatalogRouteDeps): Router {
  const { catalog, publicUrl } = deps
  const router = Router()
  const data = catalog.map((entry) => entryJson(entry, publicUrl))
  const categories = Object.entries(CATEGORIES)
    .map(([id, label]) => ({ id, label, types: typesOf(catalog, id) }))
    .filter(({ types }) => types.length > 0)
  router.get('/v1/catalog', async (req, res) => {
    await principalOf(deps, req, 'connectors:read')
    res.json({ data, categories, sync_frequencies: FREQUENCY_EXAMPLES })
  })
  router.get('/v1/catalog/:type', async (req, res) => {
    await principalOf(deps, req, 'connectors:read')
    const entry = data.find(({ id }) => id === req.params['type'])
    if (entry === undefined) throw new NodeError('PROVIDER_UNKNOWN')
    res.json(entry)
  })
  return router
}

const typesOf = (catalog: Catalog, category: string): readonly string[] =>
  catalog.filter(({ provider }) => provider.category === category).map(({ provider }) => provider.id)

function entryJson({ provider, missingSettings }: CatalogEntry, publicUrl: string) {
  const streams = provider.streams.map((stream) => ({
    name: stream.name,
    label: stream.label,
    schema: schemaUri(stream.schema),
    incremental: stream.incremental,
  }))
  return {
    id: provider.id,
    label: provider.label,
    description: provider.description,
    category: provider.category,
    icon: new URL(iconPath(provider.id), publicUrl).href,
    docs_url: provider.homepage,
    status: missingSettings.length === 0 ? 'available' : 'not_configured',
    // Names of the operator's settings, never a value.
    missing_settings: missingSettings,
    // The preferred one first.
    auth: provider.auth.map((auth) => authJson(auth, provider, publicUrl)),
    streams,
    presets: [
      {
        id: 'everything-daily',
        label: 'Everything, once a day',
        streams: streams.map(({ name }) => name),
        sync_frequency: 'daily',
      },
    ],
  }
}

function authJson(auth: Auth, { id }: Provider, publicUrl: string): object {
  return {
    kind: auth.kind,
    // What the person is asked for, with the reason.
    permissions: auth.scopes,
    refresh: auth.refresh,
    redirect_uri: connectorRedirectUri(publicUrl, id),
    // Either by a sign-in at `authorize_path`, or by tokens that the application holds already.
    authorize_path: `/v1/oauth/${id}/authorize`,
    fields: credentialSchema(auth),
  }
}
