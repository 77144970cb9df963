/** What connectors stand on; given by the composition root. */
import type { ConnectOutbound } from '../connect/index.js'
import type { KeyRing } from '../credentials/key-ring.js'
import type { NodeSecrets } from '../credentials/node-secrets.js'
import type { TokenJournal } from '../credentials/token-journal.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Account, Catalog } from '../provider/index.js'
import type { Connector, ScopedTx, Store } from '../store/index.js'

/** What opening a connector's credentials needs. */
export interface ConnectorGrantPorts {
  readonly store: Store
  readonly ring: KeyRing
  /** Of the embedded database; a server's syncs by itself. */
  readonly journal: TokenJournal
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Log
  readonly outbound: ConnectOutbound
  /** Keys the hashes by which services' webhooks find accounts. Missing: they are made when first asked for. */
  readonly secrets?: NodeSecrets
}

export interface ConnectorPorts extends ConnectorGrantPorts {
  /** Where browsers and providers reach the node; redirect addresses are made from it and from nothing else. */
  readonly publicUrl: string
  /** Exact origins that people may be sent back to. */
  readonly redirectOrigins: readonly string[]
  readonly jobs: JobPort
  /** So many connectors a tenant may have. */
  readonly mostConnectors: number
  /** Missing where no connector has an owner. */
  readonly ownerDatabases?: OwnerDatabases
  /** What else follows from a sign-in. */
  readonly onConnected?: OnConnected
  /** Ends the connector's webhook at its service; `undefined`: it has none. Missing where none is made. */
  readonly endWebhook?: (
    actor: Pick<Caller, 'actor'>,
    connector: Connector,
  ) => Promise<WebhookEnd | undefined>
  /** When a frequency is due after a time. @throws when it is no frequency of ours, is too often, or never comes */
  readonly nextRun: (frequency: string, afterMs: number) => number
  /** The least time between two runs of a frequency. @throws when it is no frequency of ours */
  readonly shortestGapMs: (frequency: string) => number
}

/** In the transaction that keeps the credentials of a sign-in: what it throws refuses the account, and nothing is kept. */
export type OnConnected = (
  tx: ScopedTx,
  connected: { readonly connector: Connector; readonly account: Account; readonly nowMs: number },
) => Promise<void>

/** How its service took the end of a webhook. */
export interface WebhookEnd {
  readonly removed: boolean
  /** Why it did not. */
  readonly reason?: string
}

/** The databases of connectors whose records are a DID's. */
export interface OwnerDatabases {
  /** Deletes them everywhere; gives the schemas. @throws NodeError STORAGE_UNREACHABLE, WRITE_CONFLICT: it may be asked again */
  forget(connector: Connector): Promise<readonly string[]>
}

export interface JobPort {
  /** The one that waits or runs already is given when there is one. */
  enqueueSync(
    connectorId: string,
    trigger: 'request',
    wish?: { readonly confirmDeletes?: boolean },
  ): Promise<{ readonly jobId: string }>
  /** Takes what waits out of the queue, and ends what runs. */
  unschedule(connectorId: string): Promise<void>
}

/** What the node does for connectors unasked, as the queue carries it. */
export interface DueCare {
  /** Of the row that is due. */
  readonly id: string
  readonly tenant: string
  readonly group: string
  readonly connectorId: string
}

/** Who asks. */
export interface Caller {
  readonly tenant: string
  /** Who of the tenant: what is made belongs to them. */
  readonly subject: string
  /** For the audit log. */
  readonly actor: string
}
