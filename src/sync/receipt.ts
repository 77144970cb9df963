/** Receipts: what was proven of a database in one slice, signed by the node and chained per database (protocol.md 5). */
import { NodeError } from '../errors.js'
import { canonicalJson, type Json } from '../lib/canonical-json.js'
import { sha256 } from '../lib/keyed-hash.js'
import type { DatabaseProof } from './destination.js'
import type { SyncCounts } from './job.js'

/** The signed statement. Hashes and roots are lower-case hex. */
export interface ReceiptBody {
  readonly version: 1
  readonly database: string
  readonly schema: string
  /** 1 for the first receipt of a database. */
  readonly sequence: number
  /** Hash of the receipt before; 64 zeros for the first. */
  readonly previous: string
  readonly leaseNumber: number
  readonly syncId: string
  /** The DID whose key signs. */
  readonly signer: string
  readonly slice: { readonly root: string; readonly leaves: number }
  readonly state?: { readonly root: string; readonly liveCount: number }
  readonly counts: SyncCounts
  /** Keyed digests of the cursors committed with this slice, by stream and partition. */
  readonly cursors: Readonly<Record<string, string>>
  readonly nodes: readonly { readonly url: string; readonly leaves: number; readonly sampled: number }[]
  readonly notes: readonly string[]
  readonly issuedAtMs: number
}

export interface Receipt {
  readonly body: ReceiptBody
  readonly hash: string
  /** secp256k1 over keccak-256 of the hash text, 0x hex, made by the node's DID key. */
  readonly signature: string
}

export interface ReceiptSigner {
  readonly did: string
  /** Signs a text; deterministic. */
  sign(text: string): Promise<string>
}

export const FIRST_PREVIOUS = '0'.repeat(64)

/** SHA-256 over the canonical JSON of the body. */
export function receiptHash(body: ReceiptBody): string {
  return sha256(canonicalJson(body as unknown as Json)).toString('hex')
}

export interface ReceiptFacts {
  readonly proof: DatabaseProof
  readonly sequence: number
  readonly previous: string
  readonly leaseNumber: number
  readonly syncId: string
  readonly counts: SyncCounts
  readonly cursors: Readonly<Record<string, string>>
  readonly nowMs: number
}

/** @throws NodeError RECEIPT_FAILED when it cannot be signed */
export async function makeReceipt(signer: ReceiptSigner, facts: ReceiptFacts): Promise<Receipt> {
  const { proof } = facts
  const body: ReceiptBody = {
    version: 1,
    database: proof.database,
    schema: proof.schema,
    sequence: facts.sequence,
    previous: facts.previous,
    leaseNumber: facts.leaseNumber,
    syncId: facts.syncId,
    signer: signer.did,
    slice: { root: proof.sliceRoot, leaves: proof.sliceLeaves },
    ...(proof.state === undefined ? {} : { state: proof.state }),
    counts: facts.counts,
    cursors: facts.cursors,
    nodes: proof.nodes.map(({ url, leaves, sampled }) => ({ url, leaves, sampled })),
    notes: proof.notes,
    issuedAtMs: facts.nowMs,
  }
  const hash = receiptHash(body)
  try {
    return { body, hash, signature: await signer.sign(hash) }
  } catch (cause) {
    throw new NodeError('RECEIPT_FAILED', { cause })
  }
}
