/** The sync engine's entry for surfaces and the composition root. */
export type {
  CapsulePair,
  Disconnected,
  StatusReader,
  SyncStatus,
  VaultSyncRequest,
  VaultSyncs,
  VaultSyncStarted,
} from './vault-syncs.js'
export type { Receipt, ReceiptBody, ReceiptSigner } from './receipt.js'
export { receiptHash } from './receipt.js'
