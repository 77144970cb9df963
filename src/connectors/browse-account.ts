/** Live reads of an account: its containers, items and comments as the service has them now. Nothing is stored; each read is audited and counted. */
import { lackingScopes } from '../credentials/asked-scopes.js'
import { NodeError } from '../errors.js'
import type { Json } from '../lib/canonical-json.js'
import {
  enabledProvider,
  type Browse,
  type BrowseContext,
  type BrowsedItem,
  type BrowsePage,
  type Comment,
  type CommentQuery,
  type Container,
  type ContainerQuery,
  type ItemFilter,
  type ItemQuery,
  type Provider,
  type ProviderHttp,
} from '../provider/index.js'
import type { Connector } from '../store/index.js'
import { scrub } from '../sync/index.js'
import { openConnectorGrant } from './connector-grant.js'
import { invalid } from './invalid.js'
import { liveRead } from './live-read.js'
import { refuseOwners } from './owner.js'
import type { Caller, ConnectorPorts } from './ports.js'

export type BrowseRequest =
  | { readonly what: 'containers'; readonly query: ContainerQuery }
  | { readonly what: 'items'; readonly query: ItemQuery }
  | { readonly what: 'comments'; readonly query: CommentQuery }

export type Browsed = Container | BrowsedItem | Comment

/** Filters by the member of a query that asks for them. */
const FILTERS = {
  containerId: 'container',
  kind: 'kind',
  search: 'search',
  since: 'time',
  until: 'time',
} as const satisfies Partial<Record<keyof ItemQuery, ItemFilter>>

/** Before anything is opened or asked. @throws NodeError CAPABILITY_MISSING that names what there is, REQUEST_INVALID */
export function checkBrowse(provider: Provider, { what, query }: BrowseRequest): Browse {
  const { browse } = provider
  if (browse === undefined) throw lacking(provider, what, 'nothing to read live')
  if (what === 'comments' && browse.comments === undefined) throw lacking(provider, what, offerOf(browse))
  if (what !== 'items') return browse
  for (const [name, filter] of Object.entries(FILTERS))
    if (query[name as keyof ItemQuery] !== undefined && !browse.filters.includes(filter))
      throw lacking(provider, name, offerOf(browse))
  if (query.kind !== undefined && !browse.itemKinds.includes(query.kind))
    throw invalid('kind', `must be one of ${browse.itemKinds.join(', ')}`)
  return browse
}

function lacking({ label }: Provider, path: string, offer: string): NodeError {
  const detail = `${label} offers ${offer}`
  return new NodeError('CAPABILITY_MISSING', { detail, fields: [{ path, message: detail }] })
}

function offerOf(browse: Browse): string {
  const { containerKinds, itemKinds, filters } = browse
  return [
    `containers (${containerKinds.join(', ')})`,
    `items (${itemKinds.join(', ')}) ${filters.length === 0 ? 'without filters' : `by ${filters.join(', ')}`}`,
    ...(browse.comments === undefined ? [] : ['comments']),
  ].join('; ')
}

/**
 * @throws NodeError CAPABILITY_MISSING, REQUEST_INVALID, PROVIDER_DISABLED, TOKEN_REVOKED, SCOPE_MISSING, PROVIDER_DOWN,
 * RATE_LIMITED, PROVIDER_CHANGED
 */
export async function browseAccount(
  ports: ConnectorPorts,
  { actor }: Caller,
  connector: Connector,
  request: BrowseRequest,
): Promise<BrowsePage<Browsed>> {
  refuseOwners(connector)
  const { provider, settings } = enabledProvider(ports.catalog, connector.type, connector.authKind)
  const browse = checkBrowse(provider, request)
  const grant = await openConnectorGrant(ports, connector, { actor, purpose: 'browse' })
  const tokens = grant.tokens()
  const missing = lackingScopes(provider, tokens, browse.scopes)
  if (missing.length > 0) throw new NodeError('SCOPE_MISSING', { detail: `${missing.join(' ')} not granted` })
  const use = { provider, settings }
  return liveRead(ports, { connector, use, grant }, async (http, context) => {
    const { data, cursor } = await pageOf(browse, http, request, context).catch((error: unknown) => {
      throw unknownId(request.query, error) ?? error
    })
    // `raw` is what the service sent: its paging links may quote the token.
    const clean = data.map((one) => ({ ...one, raw: scrub(one.raw as Json, grant.liveTokens()) }))
    return { data: clean, ...(cursor !== undefined && { cursor }) }
  })
}

const NOT_THERE: readonly (number | undefined)[] = [404, 410]

/** The service has nothing, or no longer, under the id that was asked for: the caller's fault, and no new form of answer. */
function unknownId(query: BrowseRequest['query'], error: unknown): NodeError | undefined {
  if (!(error instanceof NodeError) || error.code !== 'PROVIDER_CHANGED') return undefined
  const path = (['itemId', 'parentId', 'containerId'] as const).find((name) => name in query)
  if (path === undefined || !NOT_THERE.includes(error.answered)) return undefined
  const fields = [{ path, message: 'is nothing that the account has, or can see' }]
  return new NodeError('REQUEST_INVALID', { fields, cause: error })
}

function pageOf(
  browse: Browse,
  http: ProviderHttp,
  { what, query }: BrowseRequest,
  context: BrowseContext,
): Promise<BrowsePage<Browsed>> {
  if (what === 'containers') return browse.containers(http, query, context)
  if (what === 'items') return browse.items(http, query, context)
  if (browse.comments === undefined) throw new NodeError('CAPABILITY_MISSING')
  return browse.comments(http, query, context)
}
