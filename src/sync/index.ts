/** The sync engine's entry for surfaces and the composition root. */
export type { SuspectedDeletes } from './scan.js'
export { UsageMeter } from './usage-meter.js'
export type {
  Disconnected,
  StatusReader,
  SyncStatus,
  VaultSyncRequest,
  VaultSyncs,
  VaultSyncStarted,
} from './vault-syncs.js'
export type { Receipt, ReceiptBody, ReceiptSigner } from './receipt.js'
export { itemContext } from './quarantine.js'
export { receiptHash } from './receipt.js'
export { createVaultSyncs, type VaultSyncService } from './vault-sync-service.js'
export type { HttpRun } from './http-run.js'
export type { VaultSyncPorts } from './vault-sync-ports.js'
export { runNodeSync, type NodeSync, type NodeSyncPorts, type NodeSyncResult } from './run-node-sync.js'
export type { RunGrant } from './run-pipeline.js'
export { lastReceipts } from './last-receipts.js'
export { leaseStore } from './lease-store.js'
export { checkReceipts, type OwnersKnowledge } from './check-receipts.js'
export type { Progress, Selection, SliceLimits, SyncCounts } from './job.js'
export type { RequestAnswer } from './request-record.js'
export { mapPage } from './map-page.js'
export { cursorContext, storedCursor } from './stored-cursor.js'
export { scrub } from './scrub.js'
export { streamSchema } from './stream-schema.js'
export { validatePage } from './validate-page.js'
