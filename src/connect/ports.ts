/** What connecting stands on; given by the composition root. */
import type { KeyRing } from '../credentials/key-ring.js'
import type { NodeSecrets } from '../credentials/node-secrets.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Budgets, Caps, Network } from '../outbound/index.js'
import type { Catalog } from '../provider/index.js'
import type { Store } from '../store/index.js'

export interface ConnectPorts {
  readonly store: Store
  readonly ring: KeyRing
  readonly secrets: NodeSecrets
  readonly catalog: Catalog
  /** Where people and providers reach the node; redirect addresses are made from it and from nothing else. */
  readonly publicUrl: string
  /** Where the success page's button leads. */
  readonly deepLinkBase: string
  /** Exact origins that may be given as `redirect`. */
  readonly redirectOrigins: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly outbound: ConnectOutbound
}

export interface ConnectOutbound {
  /** Those of the whole process. */
  readonly budgets: Budgets
  /** Default: the system's. */
  readonly network?: Network
  readonly caps?: Partial<Caps>
}
