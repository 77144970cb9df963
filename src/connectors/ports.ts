/** What connectors stand on; given by the composition root. */
import type { ConnectOutbound } from '../connect/index.js'
import type { KeyRing } from '../credentials/key-ring.js'
import type { TokenJournal } from '../credentials/token-journal.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Catalog } from '../provider/index.js'
import type { Store } from '../store/index.js'

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
}

export interface ConnectorPorts extends ConnectorGrantPorts {
  /** Where browsers and providers reach the node; redirect addresses are made from it and from nothing else. */
  readonly publicUrl: string
  /** Exact origins that people may be sent back to. */
  readonly redirectOrigins: readonly string[]
  readonly jobs: JobPort
  /** When a frequency is due after a time. @throws when it is no frequency of ours, is too often, or never comes */
  readonly nextRun: (frequency: string, afterMs: number) => number
}

export interface JobPort {
  /** The one that waits or runs already is given when there is one. */
  enqueueSync(connectorId: string, trigger: 'request'): Promise<{ readonly jobId: string }>
  /** Takes what waits out of the queue, and ends what runs. */
  unschedule(connectorId: string): Promise<void>
}

/** Who asks. */
export interface Caller {
  readonly tenant: string
  /** Who of the tenant: what is made belongs to them. */
  readonly subject: string
  /** For the audit log. */
  readonly actor: string
}
