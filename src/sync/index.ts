/** The sync engine's entry for surfaces and the composition root. */
export type {
  Disconnected,
  StatusReader,
  SyncStatus,
  VaultSyncRequest,
  VaultSyncs,
  VaultSyncStarted,
} from './vault-syncs.js'
export type { Receipt, ReceiptBody, ReceiptSigner } from './receipt.js'
export { receiptHash } from './receipt.js'
export { createVaultSyncs, type VaultSyncService } from './vault-sync-service.js'
export type { HttpRun, VaultSyncPorts } from './vault-sync-ports.js'
export { leaseStore } from './lease-store.js'
export { checkReceipts, type OwnersKnowledge } from './check-receipts.js'
export type { SyncCounts } from './job.js'
export type { RequestAnswer } from './request-record.js'
