/**
 * Asks every storage node for every staged revision, mends what is missing, reads a random sample back byte by byte
 * (protocol.md 5.1). The only maker of `VaultProof`, and so the only way to an erasure.
 */
import { randomInt } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { DatabaseProof, NodeProof, ProofFacts } from '../sync/destination.js'
import type { RevisionRef, StoredDocument } from './couch-database.js'
import { putSplitting } from './push-documents.js'
import { chunksOf, REVISIONS_AT_ONCE } from './read-leaves.js'
import type { StagedDocument } from './staged-document.js'
import type { StagedLeaf } from './staged-leaves.js'
import type { Staging } from './staging.js'
import { gravestFault, type Target } from './target.js'

const SAMPLE = 64
const DOCUMENTS_AT_ONCE = 200

let mint: (databases: readonly DatabaseProof[], stagings: readonly Staging[]) => VaultProof

/** That the storage nodes hold everything of these stagings; speaks of that moment. */
export class VaultProof implements ProofFacts {
  readonly #stagings: readonly Staging[]

  private constructor(
    readonly databases: readonly DatabaseProof[],
    stagings: readonly Staging[],
  ) {
    this.#stagings = stagings
  }

  /** What may be erased now. */
  stagings(): readonly Staging[] {
    return this.#stagings
  }

  static {
    mint = (databases, stagings) => new VaultProof(databases, stagings)
  }
}

/** Staged revisions that must not be sent any more, by `id rev`; see judge-leftover.ts. */
export type Superseded = ReadonlySet<string>

export interface VerifyOptions {
  readonly targets: readonly Target[]
  /** How many of the targets must hold everything. */
  readonly required: number
  /** Read back every document, not a sample. */
  readonly full: boolean
  readonly superseded?: Superseded
}

/** What was seen of one staging. */
export interface SliceEvidence {
  readonly leaves: readonly StagedLeaf[]
  readonly nodes: readonly NodeProof[]
  readonly notes: readonly string[]
}

/** What `verifyStaging` has seen: `proofOf` takes nothing else. */
const evidence = new WeakSet<SliceEvidence>()

/**
 * Looks at one staging on all its targets; a target that fails gets a fault.
 * @throws NodeError STORAGE_UNREACHABLE, REPLICATION_STALLED, VERIFY_MISMATCH when fewer than required hold everything
 */
export async function verifyStaging(staging: Staging, options: VerifyOptions): Promise<SliceEvidence> {
  const leaves: StagedLeaf[] = []
  for await (const page of staging.leaves()) {
    leaves.push(...page.filter(({ id, rev }) => options.superseded?.has(`${id} ${rev}`) !== true))
  }
  const notes: string[] = []
  const seen =
    leaves.length === 0
      ? []
      : await Promise.all(
          options.targets.map((target) => verifyTarget(staging, leaves, target, options, notes)),
        )
  const nodes = seen.filter((proof) => proof !== undefined)
  if (leaves.length > 0 && nodes.length < options.required) throw gravestFault(options.targets)
  const found = { leaves, nodes, notes }
  evidence.add(found)
  return found
}

/** A proof over stagings that were each verified; `databases` is what is said of them. */
export function proofOf(
  verified: readonly (readonly [Staging, SliceEvidence])[],
  databases: readonly DatabaseProof[],
): VaultProof {
  if (!verified.every(([, found]) => evidence.has(found))) throw new TypeError('evidence that was not seen')
  return mint(
    databases,
    verified.map(([staging]) => staging),
  )
}

async function verifyTarget(
  staging: Staging,
  leaves: readonly StagedLeaf[],
  target: Target,
  options: VerifyOptions,
  notes: string[],
): Promise<NodeProof | undefined> {
  if (target.fault !== undefined) return undefined
  return target.attempt(async () => {
    const missing = await missingLeaves(target, leaves)
    if (missing.length > 0) {
      await repair(staging, target, missing)
      notes.push(`repaired ${missing.length} at ${target.url}`)
    }
    const sample = options.full ? leaves : randomSample(leaves)
    await readBack(staging, target, sample)
    return { url: target.url, leaves: leaves.length, missing: 0, sampled: sample.length }
  })
}

async function missingLeaves(
  target: Target,
  leaves: readonly RevisionRef[],
): Promise<readonly RevisionRef[]> {
  const missing: RevisionRef[] = []
  for (const part of chunksOf(leaves, REVISIONS_AT_ONCE)) {
    const revs = new Map<string, string[]>()
    for (const { id, rev } of part) revs.set(id, [...(revs.get(id) ?? []), rev])
    missing.push(...(await target.couch.revsDiff(revs)))
  }
  return missing
}

/** Sends what is missing from the local copy, once. @throws NodeError REPLICATION_STALLED when it is missing still */
async function repair(staging: Staging, target: Target, missing: readonly RevisionRef[]): Promise<void> {
  const refusals = new Set<string>()
  for (const part of chunksOf(missing, DOCUMENTS_AT_ONCE)) {
    for (const { error } of await putSplitting(target.couch, await staging.read(part))) refusals.add(error)
  }
  const still = await missingLeaves(target, missing)
  if (still.length === 0) return
  throw new NodeError('REPLICATION_STALLED', {
    detail: `${target.url}: ${still.length} revisions are missing${refusals.size > 0 ? `, ${refusals.size} kinds of refusal` : ''}`,
  })
}

/** @throws NodeError VERIFY_MISMATCH */
async function readBack(staging: Staging, target: Target, sample: readonly RevisionRef[]): Promise<void> {
  for (const part of chunksOf(sample, DOCUMENTS_AT_ONCE)) {
    const staged = await staging.read(part)
    const unheld = await notHeld(target, staged)
    if (unheld.length === 0) continue
    // It names these revisions but does not give them out: once more, then it is believed to be lying.
    await putSplitting(target.couch, unheld)
    if ((await notHeld(target, unheld)).length > 0) {
      throw new NodeError('VERIFY_MISMATCH', {
        detail: `${target.url}: names revisions that it does not give out`,
      })
    }
  }
}

/** @throws NodeError VERIFY_MISMATCH when what it gives out is not what was sent */
async function notHeld(
  target: Target,
  staged: readonly StagedDocument[],
): Promise<readonly StagedDocument[]> {
  const refs = staged.map(({ _id, _rev }) => ({ id: _id, rev: _rev }))
  const held = new Map(
    (await target.couch.bulkGet(refs, { revs: false })).map((document) => [
      `${document._id} ${document._rev}`,
      document,
    ]),
  )
  return staged.filter((document) => {
    const found = held.get(`${document._id} ${document._rev}`)
    if (found !== undefined && !isSame(document, found)) {
      throw new NodeError('VERIFY_MISMATCH', {
        detail: `${target.url}: gives out other bytes than were sent`,
      })
    }
    return found === undefined
  })
}

function isSame(staged: StagedDocument, found: StoredDocument): boolean {
  return staged.payload === found['payload'] && (staged._deleted === true) === (found['_deleted'] === true)
}

/** Chosen after the push, so that a node cannot know which it may lose. */
function randomSample<T>(items: readonly T[]): readonly T[] {
  const pool = [...items]
  const count = Math.min(SAMPLE, pool.length)
  for (let index = 0; index < count; index++) {
    const other = randomInt(index, pool.length)
    const picked = pool[other] as T
    pool[other] = pool[index] as T
    pool[index] = picked
  }
  return pool.slice(0, count)
}
