/**
 * The head of a receipt chain as a sealed document beside the data (protocol.md 5.4). A control plane restored from an
 * old backup, or a second one, shows by it. The document is no record: it stays out of the state root.
 */
import { hmac, type Bytes } from '../lib/keyed-hash.js'
import type { JsonObject } from '../lib/canonical-json.js'
import type { LastReceipt } from './ports.js'
import { winnerOf, type LeafRev } from './rev.js'
import { planWrite } from './revision.js'
import { stagedDocument, type StagedDocument } from './staged-document.js'
import type { Envelope } from './envelope.js'
import type { Target } from './target.js'

/** Tells a head from a record, once it is opened. */
export const HEAD_KIND = 'receipt chain head'

export interface Head {
  readonly sequence: number
  readonly hash: string
}

/** What a head document is written with. */
export interface HeadKeys {
  readonly id: string
  readonly revKey: Bytes
  readonly envelope: Envelope
  readonly leaseNumber: number
  /** See `VaultDatabase.generationFloor`. */
  readonly generationFloor?: number
}

/** Another form than that of records' ids, so that no stream can have it. */
export const headId = (idKey: Bytes): string => hmac(idKey, ['cn/1/chain-head']).toString('hex', 0, 16)

export interface HeadWrite {
  /** Whether the winner names this head already. */
  readonly isThere: boolean
  /** Tombstones of other leaves among them. */
  readonly documents: readonly StagedDocument[]
  /** What the document's leaves are afterwards. */
  readonly leaves: readonly LeafRev[]
}

/** What to write so that the storage nodes name this head; nothing when they do. */
export function planHead(keys: HeadKeys, leaves: readonly LeafRev[], head: Head): HeadWrite {
  const { id, envelope, leaseNumber, ...rest } = keys
  const record = headRecord(head)
  const plan = planWrite({ id, leaves, lease: leaseNumber, record, ...rest })
  const tombstones = plan.tombstones.map((planned) => stagedDocument(id, planned))
  if (plan.kind === 'unchanged') return { isThere: true, documents: tombstones, leaves }
  const document = stagedDocument(id, plan, envelope.seal({ ...record, _id: id }))
  return {
    isThere: false,
    documents: [document, ...tombstones],
    leaves: [{ rev: plan.rev, deleted: false, path: plan.path.slice(1) }],
  }
}

/** `behind`: a run ended between its commit and the writing of the head, or the storage nodes lost it. */
export interface HeadJudgement {
  readonly kind: 'same' | 'behind' | 'strange'
  readonly notes: readonly string[]
}

/** Compares the storage nodes' head with the last receipt that this node knows; costs no call while they agree. */
export async function judgeHead(
  keys: HeadKeys,
  leaves: readonly LeafRev[],
  last: LastReceipt | undefined,
  targets: readonly Target[],
): Promise<HeadJudgement> {
  const winner = winnerOf(leaves)
  const known = last?.sequence ?? 0
  if (winner === undefined || winner.deleted) return behind(0, known)
  if (last !== undefined && planHead(keys, leaves, last).isThere) return { kind: 'same', notes: [] }
  const stored = await readHead(keys, winner.rev, targets)
  if (stored === undefined) return strange('the chain head does not open')
  if (stored.sequence > known)
    return strange(
      `storage nodes hold receipt ${stored.sequence}, this node knows ${known}: restored from a backup`,
    )
  if (stored.sequence === known)
    return strange(`storage nodes hold another receipt ${known}: the chain was forked`)
  return behind(stored.sequence, known)
}

function behind(sequence: number, known: number): HeadJudgement {
  if (known === 0) return { kind: 'same', notes: [] }
  const notes = sequence < known - 1 ? [`chain head was at receipt ${sequence} of ${known}`] : []
  return { kind: 'behind', notes }
}

const strange = (note: string): HeadJudgement => ({ kind: 'strange', notes: [note] })

async function readHead(
  { id, envelope }: HeadKeys,
  rev: string,
  targets: readonly Target[],
): Promise<Head | undefined> {
  for (const target of targets) {
    if (target.fault !== undefined) continue
    const [found] = (await target.attempt(() => target.couch.bulkGet([{ id, rev }], { revs: false }))) ?? []
    const payload = found?.['payload']
    if (typeof payload !== 'string') continue
    const head = opened(envelope, payload, id)
    if (head !== undefined) return head
  }
  return undefined
}

function opened(envelope: Envelope, payload: string, id: string): Head | undefined {
  let document: JsonObject
  try {
    document = envelope.open(payload, id)
  } catch {
    // Somebody else wrote it, or it was damaged: the caller notes that it does not open.
    return undefined
  }
  const { sequence, hash } = document
  return typeof sequence === 'number' && typeof hash === 'string' ? { sequence, hash } : undefined
}

const headRecord = ({ sequence, hash }: Head): JsonObject => ({ kind: HEAD_KIND, sequence, hash })
