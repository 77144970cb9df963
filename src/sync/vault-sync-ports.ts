/** What the Vault's use cases are made of; given once by the composition root. */
import type { GrantPorts } from '../credentials/open-grant.js'
import type { Log } from '../lib/log.js'
import type { Catalog, ProviderHttp, Tokens, UsableProvider } from '../provider/index.js'
import type { Destination } from './destination.js'
import type { HttpRun } from './http-run.js'
import type { SliceLimits } from './job.js'
import type { LeaseStore } from './lease.js'
import type { ReceiptSigner } from './receipt.js'
import type { RequestAnswer, RequestRecords } from './request-record.js'

export interface VaultSyncPorts {
  readonly catalog: Catalog
  readonly grants: GrantPorts
  readonly destination: Destination
  readonly requests: RequestRecords
  readonly signer: ReceiptSigner
  readonly log: Log
  /** Whom the Vault reads from: the same in every answer. */
  readonly server: Pick<RequestAnswer, 'serverDid' | 'signerDid' | 'contextName'>
  readonly limits: SliceLimits
  /** How long one sync fetches, in ms; the rest waits for the next one (vault.md 7.5). */
  readonly fetchMs: number
  readonly maxConcurrentSyncs: number
  readonly leases: LeaseStore
  /** Names this process, as in its leases. */
  readonly holder: string
  /** Nobody else uses this database: what another process left running is dead. */
  readonly alone: boolean
  /** Makes the client through which one run talks to its provider. */
  readonly providerHttp: (run: HttpRun) => ProviderHttp
  /** Asks the provider for new tokens. @throws NodeError TOKEN_REVOKED, PROVIDER_DOWN, RATE_LIMITED */
  readonly refreshTokens: (use: UsableProvider, tokens: Tokens) => Promise<Tokens>
}
