/** A first page of a stream in schema form, as a sync would write it; nothing of it is stored. */
import { enabledProvider, type AnyStream, type Provider } from '../provider/index.js'
import type { Connector } from '../store/index.js'
import type { JsonObject } from '../lib/canonical-json.js'
import { mapPage, streamSchema, validatePage } from '../sync/index.js'
import { openConnectorGrant } from './connector-grant.js'
import { invalid } from './invalid.js'
import { liveRead } from './live-read.js'
import { refuseOwners } from './owner.js'
import type { Caller, ConnectorPorts } from './ports.js'

export interface PreviewRequest {
  /** Default: the first of the provider. */
  readonly stream?: string | undefined
  readonly limit: number
}

export interface Preview {
  readonly stream: string
  readonly schemaUri: string
  readonly records: readonly JsonObject[]
  /** Items of the page that a sync would leave out on purpose, by reason. */
  readonly skipped: Readonly<Record<string, number>>
  /** Items that a sync would set aside: they do not have the form that is expected. */
  readonly setAside: number
}

/** @throws NodeError REQUEST_INVALID, TOKEN_REVOKED, SCOPE_MISSING, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export async function previewConnector(
  ports: ConnectorPorts,
  { actor }: Caller,
  connector: Connector,
  request: PreviewRequest,
): Promise<Preview> {
  refuseOwners(connector)
  const { provider, settings } = enabledProvider(ports.catalog, connector.type, connector.authKind)
  const stream = streamOf(provider, request.stream)
  const schema = streamSchema(provider, stream)
  const grant = await openConnectorGrant(ports, connector, { actor, purpose: 'preview' })
  const use = { provider, settings }
  return liveRead(ports, { connector, use, grant }, async (http, context) => {
    // Of containers the first: a preview is a taste.
    const [partition] = (await stream.partitions?.(http, context)) ?? ['']
    const items =
      partition === undefined
        ? []
        : (await stream.fetchPage(http, undefined, { ...context, partition })).items
    const job = { provider, settings, account: grant.account, liveTokens: () => grant.liveTokens() }
    const mapped = mapPage(job, { stream, schema, wish: {} }, items)
    const { valid, rejected } = validatePage(schema, mapped)
    return {
      stream: stream.name,
      schemaUri: schema,
      records: valid.slice(0, request.limit).map(({ record }) => record),
      skipped: mapped.skipped,
      setAside: rejected.length,
    }
  })
}

function streamOf({ streams }: Provider, name: string | undefined): AnyStream {
  const stream = name === undefined ? streams[0] : streams.find((one) => one.name === name)
  if (stream === undefined) throw invalid('stream', 'is no stream of this type')
  return stream
}
