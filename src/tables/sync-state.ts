/** Where the streams of a connector go on, opened for its tenant and written for it; never while a sync runs. */
import { sealingKeyId } from '../credentials/sealed-value.js'
import type { KeyRing } from '../credentials/key-ring.js'
import { NodeError } from '../errors.js'
import type { Json } from '../lib/canonical-json.js'
import { leases, syncCursors, type Handle, type SyncCursor, type Tx } from '../store/index.js'
import { cursorContext, storedCursor } from '../sync/index.js'
import { databaseName } from './record-id.js'
import { createRowBox } from './row-box.js'

export interface StatePlace {
  readonly tenant: string
  readonly connectorId: string
  readonly connectionId: string
}

export interface StreamState {
  readonly stream: string
  readonly partition: string
  /** `null`: the next sync reads everything. */
  readonly cursor: Json
  /** A reading of everything is under way. */
  readonly full: boolean
  /** Of the provider's mapping that made it; another one starts anew. */
  readonly revision: number
  readonly updatedAtMs: number
}

const boxOf = (ring: KeyRing, { tenant, connectorId }: StatePlace) =>
  createRowBox(ring, [tenant, connectorId, 'cursor'])

/** By stream and partition. @throws NodeError SEAL_FAILED */
export async function readSyncState(
  handle: Handle,
  ring: KeyRing,
  place: StatePlace,
): Promise<readonly StreamState[]> {
  const rows = await syncCursors.listByDatabase(handle, databaseName(place.connectionId))
  return rows.map((row) => opened(ring, place, row))
}

function opened(ring: KeyRing, place: StatePlace, row: SyncCursor): StreamState {
  const { stream, partition, revision, updatedAtMs, cursorSealed } = row
  const keyId = cursorSealed === null ? undefined : sealingKeyId(cursorSealed)
  // Under a key that was taken off the ring: the next sync reads everything (row-box.ts).
  const isLost = keyId !== undefined && ring.find(keyId) === undefined
  const facts = { stream, partition, revision, updatedAtMs }
  if (cursorSealed === null || isLost) return { ...facts, cursor: null, full: false }
  const stored = storedCursor.parse(boxOf(ring, place).open(cursorSealed, cursorContext(stream, partition)))
  return { ...facts, cursor: stored.at, full: stored.full }
}

export interface NewStreamState {
  readonly stream: string
  readonly partition: string
  readonly cursor: Json
  readonly revision: number
}

const HOLDER = 'sync-state'
/** After which it is worth asking again. */
const RUNS_MS = 10_000

/** @throws NodeError WRITE_CONFLICT while a sync runs */
export async function writeSyncState(
  tx: Tx,
  ring: KeyRing,
  {
    place,
    state,
    nowMs,
  }: { readonly place: StatePlace; readonly state: NewStreamState; readonly nowMs: number },
): Promise<void> {
  const { stream, partition, cursor, revision } = state
  const { connectionId } = place
  const lease = await leases.acquire(tx, connectionId, HOLDER, nowMs)
  if (lease === 'busy')
    throw new NodeError('WRITE_CONFLICT', {
      detail: 'a sync runs: ask again after it',
      retryAfterMs: RUNS_MS,
    })
  const lane = { database: databaseName(connectionId), stream, partition }
  const before = await syncCursors.get(tx, lane)
  const cursorSealed =
    cursor === null
      ? null
      : boxOf(ring, place).seal({ at: cursor, full: false }, cursorContext(stream, partition))
  const scanNumber = before?.scanNumber ?? 0
  await syncCursors.put(tx, { ...lane, revision, cursorSealed, scanNumber }, nowMs)
  await leases.release(tx, connectionId, lease.leaseNumber)
}
