/** Connectors of tenants, put together: use cases, the job queue that runs their syncs, and where their records go. */
import {
  createCalendars,
  mailWork,
  metadataWork,
  noteConnected,
  type Calendars,
  type CalendarTaskPorts,
} from './calendars/index.js'
import type { Config } from './config.js'
import {
  claimProbes,
  claimRenewals,
  claimRevocations,
  connectorDestination,
  createConnectors,
  createFileConnections,
  fileSelection,
  openForSync,
  ownedConnections,
  ownerDatabases,
  probe,
  renewGrant,
  revokeNow,
  type Caller,
  type ConnectorGrantPorts,
  type Connectors,
  type FileConnections,
  type OwnedConnections,
} from './connectors/index.js'
import type { TokenJournal } from './credentials/token-journal.js'
import { createJobs, nextRun, shortestGapMs, type JobPace, type Jobs, type TaskLane } from './jobs/index.js'
import type { Clock } from './lib/clock.js'
import type { Log } from './lib/log.js'
import { createMailer, type Mailer } from './mail/index.js'
import type { NodeKeys } from './node-keys.js'
import type { Budgets, Network } from './outbound/index.js'
import type { Catalog } from './provider/index.js'
import { fileConnections, type Connector, type Store } from './store/index.js'
import { lastReceipts, runNodeSync, type NodeSyncPorts } from './sync/index.js'
import { createTablesDestination } from './tables/index.js'
import type { Vault } from './vault/index.js'
import {
  createInboundWebhooks,
  endWebhook,
  inboundWork,
  type InboundWebhooks,
} from './webhooks/inbound/index.js'
import { createWebhooks, deliveryWork, type Webhooks } from './webhooks/outbound/index.js'

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
  /** For connectors whose records are a DID's. */
  readonly vault: Vault
  /** Of sign-ins and live calls. Default: the system's. */
  readonly network?: Network
  /** Times of the queue, when they are not the usual ones. */
  readonly jobPace?: Partial<JobPace>
}

export interface ConnectorEngine {
  readonly connectors: Connectors
  readonly fileConnections: FileConnections
  readonly jobs: Jobs
  readonly webhooks: Webhooks
  /** Those that services call. */
  readonly inbound: InboundWebhooks
  readonly owned: OwnedConnections
  readonly calendars: Calendars
}

/** Deliveries at once in this process, and to one webhook over all processes. They wait for others most of the time. */
const WEBHOOK_PLACES = 64
const PLACES_PER_WEBHOOK = 3
const WEBHOOK_LOOK_MS = 1_000

/** Brings the queue's schema up to date; nothing runs before `jobs.start()`. */
export async function openConnectorEngine(parts: EngineParts): Promise<ConnectorEngine> {
  const { config, log, clock, store, keys, catalog, publicUrl, journal, budgets, vault } = parts
  const { ring } = keys
  const outbound = { budgets, ...(parts.network !== undefined && { network: parts.network }) }
  const { secrets } = keys
  const grantPorts = { store, ring, secrets, journal, catalog, clock, log, outbound }
  const inboundPorts = { ...grantPorts, publicUrl }
  const webhookPorts = { store, ring, clock, log, allowOrigins: config.WEBHOOK_ALLOW_ORIGINS }
  const calendarPorts = { ...grantPorts, publicUrl, mailer: mailerOf(config) }
  const tables = createTablesDestination({ store, ring, clock })
  const places = { store, ring, tables, vault: vault.destination }
  const destination = connectorDestination(places)
  const care = careLane(grantPorts, calendarPorts)
  const jobs: Jobs = await createJobs({
    store,
    clock,
    log,
    role: config.NODE_ROLE,
    limits: { places: config.MAX_CONCURRENT_SYNCS, placesPerTenant: config.SYNCS_PER_TENANT },
    ...(parts.jobPace !== undefined && { pace: parts.jobPace }),
    lanes: [
      {
        queue: 'webhooks',
        places: WEBHOOK_PLACES,
        placesPerGroup: PLACES_PER_WEBHOOK,
        kinds: [{ name: 'webhook', everyMs: WEBHOOK_LOOK_MS, ...deliveryWork(webhookPorts) }],
      },
      { ...care, kinds: [...care.kinds, ...inboundWork(inboundPorts, () => jobs)] },
    ],
    async runSync(run) {
      const opened = await openForSync(grantPorts, run.connectorId)
      const { trigger, signal, confirmDeletes } = run
      const files = await store.node((tx) => fileConnections.startRun(tx, run.connectorId))
      const connector = narrowed(opened.connector, run.streams, clock.now())
      if (connector.streams?.length === 0) return {}
      const sync = {
        ...opened,
        connector,
        trigger,
        signal,
        confirmDeletes,
        ...(files !== undefined && { selection: fileSelection(files) }),
        onProgress: (progress: object) => run.report(progress),
      }
      const quotaLeft: NodeSyncPorts['quotaLeft'] = (spender) => budgets.left(spender)
      const syncPorts = { ...parts, destination, signer: vault.signer, quotaLeft }
      const { error, resumesAtMs } = await runNodeSync(syncPorts, sync)
      if (error !== undefined) throw error
      // The schedule goes on by itself.
      const next = opened.connector.nextRunAtMs
      return next !== null && next <= (resumesAtMs ?? 0) ? {} : { resumesAtMs }
    },
  })
  const ports = {
    ...grantPorts,
    publicUrl,
    redirectOrigins: config.REDIRECT_ORIGINS,
    jobs,
    mostConnectors: config.CONNECTORS_PER_TENANT,
    ownerDatabases: ownerDatabases(places, parts.leases),
    onConnected: noteConnected(grantPorts),
    nextRun,
    shortestGapMs,
    endWebhook: (actor: Pick<Caller, 'actor'>, connector: Connector) =>
      endWebhook(inboundPorts, actor, connector),
  }
  const owned = ownedConnections({
    ...ports,
    granted: (of) => vault.granted(of),
    lastReceipts: (databases) => lastReceipts(store, databases),
  })
  const connectors = createConnectors(ports)
  const linkMs = config.INVITATION_HOURS * HOUR_MS
  const calendars = createCalendars({ ...calendarPorts, connectors, linkMs, nextRun })
  return {
    connectors,
    fileConnections: createFileConnections(ports, connectors),
    jobs,
    owned,
    webhooks: createWebhooks(webhookPorts),
    inbound: createInboundWebhooks(inboundPorts),
    calendars,
  }
}

const HOUR_MS = 3_600_000

function mailerOf({ SMTP_URL: url, MAIL_FROM: from }: Config): Mailer | undefined {
  return url === undefined || from === undefined ? undefined : createMailer({ url, from })
}

/** A run that some streams were asked of reads those alone, unless one of all is due: it would be left out. */
function narrowed(connector: Connector, wanted: readonly string[] | undefined, nowMs: number): Connector {
  const { streams, nextRunAtMs } = connector
  if (wanted === undefined || (nextRunAtMs !== null && nextRunAtMs <= nowMs)) return connector
  return { ...connector, streams: wanted.filter((name) => streams?.includes(name) ?? true) }
}

const CARE_PLACES = 8
const CARE_PER_TENANT = 2
/** An application that was told of a connection reads what it says of it. */
const METADATA_LOOK_MS = 1_000
const MAIL_LOOK_MS = 10_000

/** What the node does for connectors unasked. */
export function careLane(
  ports: ConnectorGrantPorts,
  calendars: CalendarTaskPorts,
  everyMs = 30_000,
): TaskLane {
  return {
    queue: 'tasks',
    places: CARE_PLACES,
    placesPerGroup: CARE_PER_TENANT,
    kinds: [
      {
        name: 'probe',
        everyMs,
        claimDue: (tx, nowMs, limit) => claimProbes(tx, nowMs, limit),
        run: ({ id }) => probe(ports, id),
      },
      {
        name: 'renewal',
        everyMs,
        claimDue: (tx, nowMs, limit) => claimRenewals(tx, ports, nowMs, limit),
        run: ({ id }) => renewGrant(ports, id),
      },
      {
        name: 'revocation',
        everyMs,
        claimDue: claimRevocations,
        run: ({ id }, signal) => revokeNow(ports, id, signal),
      },
      { name: 'calendar_metadata', everyMs: METADATA_LOOK_MS, ...metadataWork(calendars) },
      { name: 'calendar_mail', everyMs: MAIL_LOOK_MS, ...mailWork(calendars) },
    ],
  }
}
