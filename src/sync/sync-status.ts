/** What an owner, or the holder of a status token, can read of a sync. Another owner's sync is as unknown as none. */
import { errorTable, NodeError, type ErrorCode } from '../errors.js'
import type { Did } from '../lib/did.js'
import { equalSecrets } from '../lib/keyed-hash.js'
import { receipts, syncs, type Store, type SyncRow } from '../store/index.js'
import type { Progress, SyncCounts } from './job.js'
import type { Receipt, ReceiptBody } from './receipt.js'
import { statusTokenHash } from './start-vault-sync.js'
import type { StatusReader, SyncStatus } from './vault-syncs.js'

/** @throws NodeError SYNC_UNKNOWN */
export async function readSyncStatus(
  store: Store,
  live: ReadonlyMap<string, Progress>,
  syncRequestId: string,
  reader: StatusReader & { readonly provider: string },
): Promise<SyncStatus> {
  const row = await syncs.findByRequest(store.db, syncRequestId)
  if (row === undefined || row.provider !== reader.provider || !mayRead(row, reader))
    throw new NodeError('SYNC_UNKNOWN')
  const now = row.status === 'running' ? live.get(row.id) : undefined
  const code = row.errorCode as ErrorCode | null
  return {
    syncRequestId,
    provider: row.provider,
    status: row.status,
    stage: now?.stage ?? row.stage,
    counts: now?.counts ?? (row.counts as unknown as SyncCounts),
    issues: row.issues as unknown as SyncStatus['issues'],
    suspectedDeletes: (row.suspectedDeletes ?? []) as unknown as SyncStatus['suspectedDeletes'],
    more: row.more,
    ...(code === null ? {} : { error: { code, message: errorTable[code].public } }),
    startedAtMs: row.startedAtMs,
    ...(row.finishedAtMs === null ? {} : { finishedAtMs: row.finishedAtMs }),
  }
}

function mayRead(row: SyncRow, reader: StatusReader): boolean {
  if ('did' in reader) return row.owner === reader.did
  return (
    row.statusTokenHash !== null && equalSecrets(row.statusTokenHash, statusTokenHash(reader.statusToken))
  )
}

/** @throws NodeError SYNC_UNKNOWN */
export async function readReceipts(
  store: Store,
  syncRequestId: string,
  did: Did,
): Promise<readonly Receipt[]> {
  const row = await syncs.findByRequest(store.db, syncRequestId)
  if (row?.owner !== did) throw new NodeError('SYNC_UNKNOWN')
  const rows = await receipts.listBySync(store.db, row.id)
  return rows.map(({ body, hash, signature }) => ({
    body: body as unknown as ReceiptBody,
    hash,
    signature,
  }))
}
