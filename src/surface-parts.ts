/** What the addresses of a node are made of; given by the composition root. */
import type { Config } from './config.js'
import type { ConnectorEngine } from './connector-engine.js'
import type { OperatedCatalog } from './connectors/index.js'
import type { Embedded } from './embedded.js'
import type { KeyService } from './keys/index.js'
import type { Clock } from './lib/clock.js'
import type { Log } from './lib/log.js'
import type { NodeKeys } from './node-keys.js'
import type { Budgets } from './outbound/index.js'
import type { Catalog } from './provider/index.js'
import type { Store } from './store/index.js'
import type { VaultSyncs } from './sync/index.js'

export interface SurfaceParts {
  readonly version: string
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  /** Where it listens, and where people reach it; without a slash at the end. */
  readonly origin: string
  readonly publicUrl: string
  readonly rpcUrl: string
  /** Whom an owner reads from. */
  readonly server: { readonly serverDid: string; readonly signerDid: string; readonly contextName: string }
  readonly store: Store
  readonly keys: NodeKeys
  readonly catalog: Catalog
  /** What the operator changes of it. */
  readonly operating: OperatedCatalog
  readonly syncs: VaultSyncs
  readonly budgets: Budgets
  readonly engine: ConnectorEngine
  readonly keyService: KeyService
  readonly embedded: Embedded | undefined
  readonly schemaPaths: Readonly<Record<string, string>>
}
