/** Connectors of tenants, put together: use cases, the job queue that runs their syncs, and where their records go. */
import type { Config } from './config.js'
import { createConnectors, openForSync, type Connectors } from './connectors/index.js'
import type { TokenJournal } from './credentials/token-journal.js'
import { createJobs, nextRun, type Jobs } from './jobs/index.js'
import type { Clock } from './lib/clock.js'
import type { Log } from './lib/log.js'
import type { NodeKeys } from './node-keys.js'
import type { Budgets } from './outbound/index.js'
import type { Catalog } from './provider/index.js'
import type { Store } from './store/index.js'
import { runNodeSync, type NodeSyncPorts } from './sync/index.js'
import { createTablesDestination } from './tables/index.js'

export interface EngineParts extends Pick<NodeSyncPorts, 'leases' | 'limits' | 'fetchMs' | 'providerHttp'> {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly store: Store
  readonly keys: NodeKeys
  readonly catalog: Catalog
  readonly publicUrl: string
  readonly journal: TokenJournal
  readonly budgets: Budgets
}

export interface ConnectorEngine {
  readonly connectors: Connectors
  readonly jobs: Jobs
}

/** Brings the queue's schema up to date; nothing runs before `jobs.start()`. */
export async function openConnectorEngine(parts: EngineParts): Promise<ConnectorEngine> {
  const { config, log, clock, store, keys, catalog, publicUrl, journal, budgets } = parts
  const { ring } = keys
  const outbound = { budgets }
  const grantPorts = { store, ring, journal, catalog, clock, log, outbound }
  const destination = createTablesDestination({ store, ring, clock })
  const jobs = await createJobs({
    store,
    clock,
    log,
    role: config.NODE_ROLE,
    limits: { places: config.MAX_CONCURRENT_SYNCS, placesPerTenant: config.SYNCS_PER_TENANT },
    async runSync(run) {
      const opened = await openForSync(grantPorts, run.connectorId)
      const { trigger, signal } = run
      const sync = { ...opened, trigger, signal, onProgress: (progress: object) => run.report(progress) }
      const { error } = await runNodeSync({ ...parts, destination }, sync)
      if (error !== undefined) throw error
    },
  })
  const connectors = createConnectors({
    ...grantPorts,
    publicUrl,
    redirectOrigins: config.REDIRECT_ORIGINS,
    jobs,
    nextRun,
  })
  return { connectors, jobs }
}
