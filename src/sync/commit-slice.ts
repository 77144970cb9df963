/** One transaction, conditional on the lease: cursors, scans, quarantine, receipts, sync state. Only after the proof (protocol.md 3.2). */
import { NodeError } from '../errors.js'
import { canonicalJson, type JsonObject } from '../lib/canonical-json.js'
import {
  leases,
  receipts,
  scanItems,
  syncCursors,
  syncs,
  vaultDatabases,
  type Store,
  type Tx,
} from '../store/index.js'
import { commitContents } from './contents.js'
import type { DatabaseProof, ProofFacts } from './destination.js'
import type { SyncCounts, SyncJob } from './job.js'
import type { Lane } from './lane.js'
import { sealCursor } from './open-lanes.js'
import { commitQuarantine } from './quarantine.js'
import { makeReceipt, type Receipt, type ReceiptSigner } from './receipt.js'
import { laneKey } from './scan.js'
import { cursorRevision } from './selection.js'
import type { Slice } from './slice.js'

export interface CommitPorts {
  readonly store: Store
  /** Missing for a destination without receipts: what it proves is the tenant's own to read. */
  readonly signer?: ReceiptSigner
}

/** @throws NodeError WRITE_CONFLICT when this run was fenced: nothing is written then */
export async function commitSlice(
  { store, signer }: CommitPorts,
  job: SyncJob,
  slice: Slice,
  proof: ProofFacts,
  counts: SyncCounts,
): Promise<readonly Receipt[]> {
  return store.transaction(async (tx) => {
    await leases.assertHeld(tx, job.connectionId, job.leaseNumber)
    for (const lane of slice.lanes) await commitCursor(tx, job, lane)
    for (const [lane, documentIds] of slice.seen)
      await scanItems.mark(tx, laneKey(job, lane), documentIds, lane.scanNumber)
    for (const { lane, documentIds } of slice.scanDeleted) {
      const cameBack = slice.seen.get(lane)
      await scanItems.remove(
        tx,
        laneKey(job, lane),
        documentIds.filter((id) => !cameBack?.has(id)),
      )
    }
    await commitQuarantine(tx, job, slice)
    await commitContents(tx, job, slice)
    const made = signer === undefined ? [] : await commitReceipts(tx, signer, job, slice, proof)
    await syncs.progress(tx, job.syncId, { stage: 'commit', counts: { ...counts }, nowMs: job.clock.now() })
    return made
  })
}

async function commitCursor(tx: Tx, job: SyncJob, lane: Lane): Promise<void> {
  const row = {
    ...laneKey(job, lane),
    revision: cursorRevision(job, lane.stream),
    cursorSealed: sealCursor(job, lane),
    scanNumber: lane.scanNumber,
  }
  await syncCursors.put(tx, row, job.clock.now())
}

async function commitReceipts(
  tx: Tx,
  signer: ReceiptSigner,
  job: SyncJob,
  slice: Slice,
  { databases }: ProofFacts,
): Promise<readonly Receipt[]> {
  const made: Receipt[] = []
  for (const database of databases) {
    const receipt = await commitReceipt(tx, signer, job, slice, database)
    if (receipt !== undefined) made.push(receipt)
  }
  return made
}

/** A receipt for what was written or noticed, and for a state that no receipt has stated yet. */
async function commitReceipt(
  tx: Tx,
  signer: ReceiptSigner,
  job: SyncJob,
  slice: Slice,
  proof: DatabaseProof,
): Promise<Receipt | undefined> {
  const row = await vaultDatabases.get(tx, proof.database)
  if (row === undefined && proof.sliceLeaves === 0) return undefined
  if (row === undefined)
    throw new NodeError('RECEIPT_FAILED', { detail: 'the database that was written has no row' })
  const stateIsNew = proof.state !== undefined && proof.state.root !== row.stateRoot
  if (proof.sliceLeaves === 0 && proof.notes.length === 0 && !stateIsNew) return undefined
  const nowMs = job.clock.now()
  const receipt = await makeReceipt(signer, {
    proof,
    sequence: row.nextSequence,
    previous: row.lastReceiptHash,
    leaseNumber: job.leaseNumber,
    syncId: job.syncId,
    counts: slice.counts,
    cursors: cursorDigests(job, slice, proof.schema),
    nowMs,
  })
  const { body, signature, hash } = receipt
  await receipts.append(tx, {
    database: proof.database,
    sequence: row.nextSequence,
    previous: row.lastReceiptHash,
    syncId: job.syncId,
    leaseNumber: job.leaseNumber,
    body: body as unknown as JsonObject,
    signature,
    hash,
    nowMs,
  })
  if (proof.state !== undefined) {
    await vaultDatabases.setState(tx, proof.database, {
      stateRoot: proof.state.root,
      liveCount: proof.state.liveCount,
    })
  }
  return receipt
}

function cursorDigests(job: SyncJob, slice: Slice, schema: string): Record<string, string> {
  const lanes = [...slice.lanes].filter((lane) => lane.stream.schema === schema && lane.cursor !== undefined)
  // Keyed: a small cursor could be guessed from a bare hash (protocol.md 5.5).
  return Object.fromEntries(
    lanes.map((lane) => [
      `${lane.stream.stream.name}/${lane.partition}`,
      job.run.documentId(schema, 'cursor digest', canonicalJson(lane.cursor ?? null)),
    ]),
  )
}
