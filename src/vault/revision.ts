/**
 * Deterministic, keyed revisions (protocol.md 2): what to write on top of the leaves a document has. Pure, no I/O.
 * A revision is `<generation>-<8 hex lease number><24 hex HMAC(rev key, [generation, _id, record])>`.
 */
import { createHmac } from 'node:crypto'
import { NodeError } from '../errors.js'
import { canonicalJson, type JsonObject } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { formatRev, parseRev, winnerOf, type LeafRev } from './rev.js'

/** CouchDB keeps so many ancestors of a leaf; a longer path would be cut. */
const REVS_LIMIT = 1000

/** Sorts before every lease, so that the tombstone of a losing leaf never wins (protocol.md 2.5). */
const LOSING = '00000000'

/** A revision to write with `new_edits: false`. */
export interface PlannedRev {
  readonly rev: string
  /** Its own hash and those of its ancestors, newest first: `_revisions.ids`, whose `start` is the generation. */
  readonly path: readonly string[]
}

export type WritePlan =
  /** The winner holds this very record. `tombstones` end other live leaves, if there are any. */
  | { readonly kind: 'unchanged'; readonly tombstones: readonly PlannedRev[] }
  | {
      readonly kind: 'write'
      readonly rev: string
      readonly path: readonly string[]
      /** The revision it is written on; missing for a new document. */
      readonly parent?: string
      readonly tombstones: readonly PlannedRev[]
    }

export type DeletePlan =
  /** No live leaf. */
  | { readonly kind: 'unchanged' }
  /** One per live leaf; the first is the winner's. */
  | { readonly kind: 'delete'; readonly tombstones: readonly PlannedRev[] }

export interface Edit {
  readonly id: string
  /** Every leaf of the document, deleted ones too, as the union over all storage nodes and this run. */
  readonly leaves: readonly LeafRev[]
  /** 1 or more, less than 2^32. */
  readonly lease: number
  readonly revKey: Bytes
}

export interface Write extends Edit {
  readonly record: JsonObject
  /** Generation of documents without any leaf; default 1. Hours since 1970 when former leaves were lost (protocol.md 2.6). */
  readonly generationFloor?: number
}

/**
 * The 24 hex characters that tell a record at a generation. `signatures`, `_id` and `_rev` of the record do not count.
 * The generation is inside: otherwise A, B, A repeats a hash within one path, and readers stay at B.
 */
export function revisionHash(
  revKey: Bytes,
  generation: number,
  id: string,
  record: JsonObject | null,
): string {
  return keyedHash(revKey, generation, id, record === null ? 'null' : recordText(record))
}

/** @throws NodeError REVISION_REFUSED */
export function planWrite(write: Write): WritePlan {
  const { id, leaves, revKey } = write
  const winner = winnerOf(leaves)
  const text = recordText(write.record)
  const tombstones = losers(leaves, winner).map((leaf) => losingTombstone(write, leaf))
  if (winner === undefined) {
    const generation = write.generationFloor ?? 1
    const hash = leaseText(write.lease) + keyedHash(revKey, generation, id, text)
    return { kind: 'write', rev: formatRev({ generation, hash }), path: [hash], tombstones }
  }
  const parent = parseRev(winner.rev)
  if (!winner.deleted && parent.hash.endsWith(keyedHash(revKey, parent.generation, id, text))) {
    return { kind: 'unchanged', tombstones }
  }
  const generation = parent.generation + 1
  const hash = leaseText(write.lease) + keyedHash(revKey, generation, id, text)
  return { kind: 'write', ...onTop(winner, generation, hash), parent: winner.rev, tombstones }
}

/** @throws NodeError REVISION_REFUSED */
export function planDelete(edit: Edit): DeletePlan {
  const winner = winnerOf(edit.leaves)
  if (winner === undefined || winner.deleted) return { kind: 'unchanged' }
  const generation = deleteGeneration(edit.leaves, parseRev(winner.rev).generation)
  const hash = leaseText(edit.lease) + revisionHash(edit.revKey, generation, edit.id, null)
  const rest = losers(edit.leaves, winner).map((leaf) => losingTombstone(edit, leaf))
  return {
    kind: 'delete',
    tombstones: [onTop(winner, generation, hash, gapHashes(edit, generation)), ...rest],
  }
}

/**
 * The winner's tombstone must win over every other deleted leaf: a reader pulls winners only, and would keep the
 * record if another tombstone came in its place. An owner's own edits may have grown a deleted leaf beyond ours.
 */
function deleteGeneration(leaves: readonly LeafRev[], winning: number): number {
  const highest = Math.max(...leaves.map((leaf) => parseRev(leaf.rev).generation))
  return highest - winning < REVS_LIMIT - 1 ? highest + 1 : winning + 1
}

function losers(leaves: readonly LeafRev[], winner: LeafRev | undefined): readonly LeafRev[] {
  return leaves.filter((leaf) => !leaf.deleted && leaf !== winner)
}

/** The parent is part of the hash: two leaves of one generation must not get the same tombstone. */
function losingTombstone({ id, revKey }: Edit, leaf: LeafRev): PlannedRev {
  const generation = parseRev(leaf.rev).generation + 1
  return onTop(leaf, generation, LOSING + keyedHash(revKey, generation, id, 'null', leaf.rev))
}

/** A leaf still in flight carries its path, so that what is written on it names its whole line (protocol.md 2.4). */
function onTop(
  leaf: LeafRev,
  generation: number,
  hash: string,
  gap?: (generation: number) => string,
): PlannedRev {
  const below = parseRev(leaf.rev)
  const path = [hash]
  for (let g = generation - 1; g > below.generation && gap !== undefined; g--) path.push(gap(g))
  path.push(below.hash, ...(leaf.path ?? []))
  return { rev: formatRev({ generation, hash }), path: path.slice(0, REVS_LIMIT) }
}

/** Names for generations that never were, between a leaf and a tombstone that has to be above it. */
function gapHashes({ id, revKey }: Edit, above: number): (generation: number) => string {
  return (generation) => LOSING + keyedHash(revKey, generation, id, 'null', `gap below ${above}`)
}

function leaseText(lease: number): string {
  if (!Number.isInteger(lease) || lease < 1 || lease > 0xffffffff) {
    throw new NodeError('REVISION_REFUSED', { detail: `lease number ${lease}` })
  }
  return lease.toString(16).padStart(8, '0')
}

function recordText(record: JsonObject): string {
  const isBare = !('_id' in record || '_rev' in record || 'signatures' in record)
  return canonicalJson(
    isBare ? record : { ...record, _id: undefined, _rev: undefined, signatures: undefined },
  )
}

/** HMAC over the canonical JSON array [generation, id, record, ...parent]; the record's text is made once per plan. */
function keyedHash(revKey: Bytes, generation: number, id: string, text: string, parent?: string): string {
  const tail = parent === undefined ? '' : `,${canonicalJson(parent)}`
  const input = `[${generation},${canonicalJson(id)},${text}${tail}]`
  return createHmac('sha256', revKey).update(input, 'utf8').digest('hex').slice(0, 24)
}
