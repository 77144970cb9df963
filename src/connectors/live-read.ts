/** One live read of an account, whoever asks: the client of its credentials, counted, and given up when it takes too long. Nothing is stored. */
import { startPatience } from '../connect/index.js'
import { createProviderHttp } from '../outbound/index.js'
import { NO_FIELDS, type BrowseContext, type ProviderHttp, type UsableProvider } from '../provider/index.js'
import type { Connector } from '../store/index.js'
import type { ConnectorGrant } from './connector-grant.js'
import { countUsage } from './count-usage.js'
import type { ConnectorPorts } from './ports.js'

export interface LiveRead {
  readonly connector: Connector
  readonly use: UsableProvider
  readonly grant: ConnectorGrant
}

/** @throws what `read` throws; PROVIDER_DOWN when it takes too long */
export function liveRead<T>(
  ports: ConnectorPorts,
  { connector, use: { provider, settings }, grant }: LiveRead,
  read: (http: ProviderHttp, context: BrowseContext) => Promise<T>,
): Promise<T> {
  const { clock, log, outbound } = ports
  return countUsage(ports, connector, async (meter) => {
    const patience = startPatience()
    try {
      const { signal } = patience
      const http = meter.http(
        createProviderHttp({
          provider,
          settings,
          tokenSource: grant,
          clock,
          log,
          connectionId: connector.connectionId,
          signal,
          ...outbound,
        }),
      )
      const fields = grant.tokens().fields ?? NO_FIELDS
      return await read(http, { settings, fields, account: grant.account, now: clock.now(), signal })
    } finally {
      patience.end()
    }
  })
}
