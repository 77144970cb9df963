/** The destination `tables`: a tenant's records as rows of the node's own database, readable by that tenant alone. */
export { createTablesDestination, type TablesPorts } from './tables-destination.js'
export { forgetTraces } from './forget.js'
export { resealRows, type ResealRowsPorts } from './reseal-rows.js'
export { readSyncState, writeSyncState, type StreamState } from './sync-state.js'
export { recordId } from './record-id.js'
export type { TablesProof } from './prove-rows.js'
