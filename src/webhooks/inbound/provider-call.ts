/** A call to a connector's service about its webhook, with the connector's own credentials. */
import { countUsage, openConnectorGrant, type Caller } from '../../connectors/index.js'
import { NodeError } from '../../errors.js'
import { createProviderHttp } from '../../outbound/index.js'
import { NO_FIELDS, usableProvider, type ProviderHttp, type Webhooks } from '../../provider/index.js'
import type { Connector } from '../../store/index.js'
import type { InboundPorts } from './ports.js'

/** How long the service has for all calls of one registration. */
const CALL_MS = 60_000

export type WebhookContext = Parameters<NonNullable<Webhooks['register']>>[2]

/** What a provider declares of its webhooks. @throws NodeError CAPABILITY_MISSING, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED */
export function webhooksOf(
  { catalog }: Pick<InboundPorts, 'catalog'>,
  { type, authKind }: Pick<Connector, 'type' | 'authKind'>,
): Webhooks {
  const { provider } = usableProvider(catalog, type, authKind)
  if (provider.webhooks !== undefined) return provider.webhooks
  const streams = provider.streams.map(({ name }) => name).join(', ')
  throw new NodeError('CAPABILITY_MISSING', {
    detail: `${provider.label} sends no webhooks; it offers syncs of ${streams}, on a schedule or when asked for`,
  })
}

/** @throws NodeError TOKEN_REVOKED, SEAL_FAILED, and what the work throws */
export async function atProvider<T>(
  ports: InboundPorts,
  { actor }: Pick<Caller, 'actor'>,
  connector: Connector,
  work: (http: ProviderHttp, context: WebhookContext) => Promise<T>,
): Promise<T> {
  const { catalog, clock, log, outbound } = ports
  const { provider, settings } = usableProvider(catalog, connector.type, connector.authKind)
  const grant = await openConnectorGrant(ports, connector, { actor, purpose: 'webhook' })
  return countUsage(ports, connector, (meter) => {
    const signal = AbortSignal.timeout(CALL_MS)
    const http = createProviderHttp({
      provider,
      settings,
      tokenSource: grant,
      clock,
      log,
      connectionId: connector.connectionId,
      deadlineAtMs: clock.now() + CALL_MS,
      signal,
      ...outbound,
    })
    const fields = grant.tokens().fields ?? NO_FIELDS
    return work(meter.http(http), { settings, fields, account: grant.account, now: clock.now(), signal })
  })
}
