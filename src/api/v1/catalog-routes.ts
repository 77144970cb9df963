/** What can be connected here: every provider with its ways to sign in, the forms to draw, its streams, and what is missing. */
import { Router } from 'express'
import { schemaUri } from '../../../schemas/index.js'
import { connectorRedirectUri, credentialSchema, presetsOf, signInSchema } from '../../connectors/index.js'
import { FREQUENCY_EXAMPLES } from '../../jobs/frequency.js'
import {
  isUsable,
  NO_RULES,
  type Auth,
  type Catalog,
  type CatalogEntry,
  type Provider,
} from '../../provider/index.js'
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
  const drawn = catalog.map((entry) => entryJson(entry, publicUrl))
  const shown = () => catalog.map((entry, index) => ({ ...drawn[index], ...stateJson(entry) }))
  const categories = Object.entries(CATEGORIES)
    .map(([id, label]) => ({ id, label, types: typesOf(catalog, id) }))
    .filter(({ types }) => types.length > 0)
  router.get('/v1/catalog', async (req, res) => {
    await principalOf(deps, req, 'connectors:read')
    res.json({ data: shown(), categories, sync_frequencies: FREQUENCY_EXAMPLES })
  })
  router.get('/v1/catalog/:type', async (req, res) => {
    await principalOf(deps, req, 'connectors:read')
    const index = catalog.findIndex(({ provider }) => provider.id === req.params['type'])
    const entry = shown()[index]
    if (entry === undefined) throw new NodeError('PROVIDER_UNKNOWN')
    res.json(entry)
  })
  return router
}

const typesOf = (catalog: Catalog, category: string): readonly string[] =>
  catalog.filter(({ provider }) => provider.category === category).map(({ provider }) => provider.id)

/** What the operator changes while the node serves. */
function stateJson(entry: CatalogEntry) {
  const { provider, missingSettings, rules = NO_RULES } = entry
  const ways = provider.auth.filter(({ kind }) => isUsable(entry, kind)).map(({ kind }) => kind)
  const status = ways.length > 0 ? 'available' : 'not_configured'
  return {
    status: rules.enabled ? status : 'disabled',
    usable_auth: rules.enabled ? ways : [],
    // Names of the operator's settings, never a value.
    missing_settings: missingSettings,
  }
}

function entryJson(entry: CatalogEntry, publicUrl: string) {
  const { provider } = entry
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
    homepage_url: provider.homepage,
    docs_url: provider.docs ?? provider.homepage,
    regions: provider.regions ?? ['global'],
    ...stateJson(entry),
    // The preferred one first.
    auth: provider.auth.map((auth) => authJson(auth, provider, publicUrl)),
    streams,
    presets: presetsOf(provider).map((preset) => ({
      id: preset.id,
      label: preset.label,
      description: preset.description,
      streams: preset.streams ?? streams.map(({ name }) => name),
      sync_frequency: preset.syncFrequency ?? null,
      fields: preset.fields ?? {},
    })),
  }
}

function authJson(auth: Auth, { id }: Provider, publicUrl: string): object {
  return {
    kind: auth.kind,
    // What the person is asked for, with the reason.
    permissions: 'scopes' in auth ? auth.scopes : {},
    refresh: auth.kind === 'oauth2' && auth.refresh,
    // By a sign-in at `authorize_path`, with `sign_in_fields` when there are some.
    ...(auth.kind === 'oauth2' && {
      redirect_uri: connectorRedirectUri(publicUrl, id),
      authorize_path: `/v1/oauth/${id}/authorize`,
      sign_in_fields: signInSchema(auth),
    }),
    // What `config` takes: what opens the account, or tokens that the application holds already.
    fields: credentialSchema(auth),
  }
}
