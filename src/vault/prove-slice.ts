/** Proves one slice: everything staged is seen on the storage nodes, and at the end of a sync the state of each database is told. */
import { NodeError } from '../errors.js'
import { merkleRoot } from '../lib/merkle.js'
import type { DatabaseProof } from '../sync/destination.js'
import type { DestinationPorts } from './destination-ports.js'
import { copyMissing } from './read-leaves.js'
import { reviveTargets } from './revive-targets.js'
import { streamState, type DatabaseState } from './state-root.js'
import type { Staging } from './staging.js'
import { gravestFault, type Target } from './target.js'
import type { VaultDatabase } from './vault-database.js'
import { proofOf, verifyStaging, type SliceEvidence, type VaultProof } from './verify.js'

export interface ProveOptions {
  readonly owner: string
  readonly final: boolean
  readonly signal: AbortSignal
}

/** @throws NodeError STORAGE_UNREACHABLE, REPLICATION_STALLED, VERIFY_MISMATCH; what is staged stays */
export async function proveSlice(
  ports: DestinationPorts,
  databases: readonly VaultDatabase[],
  options: ProveOptions,
): Promise<VaultProof> {
  await Promise.all(databases.map((database) => database.flush()))
  await Promise.all(databases.map((database) => reviveTargets(database, options.owner, options.signal)))
  const seen = new Map<VaultDatabase, readonly [Staging, SliceEvidence]>()
  for (const database of databases) {
    const { staging, targets } = database
    if (staging === undefined) continue
    const found = await verifyStaging(staging, { targets, required: ports.required, full: ports.verifyFull })
    seen.set(database, [staging, found])
    database.settle()
  }
  const proofs: DatabaseProof[] = []
  for (const database of databases) {
    const [, found] = seen.get(database) ?? []
    const state = options.final ? await stateOf(database) : undefined
    proofs.push(describe(database, found, state))
  }
  return proofOf([...seen.values()], proofs)
}

function describe(
  database: VaultDatabase,
  found: SliceEvidence | undefined,
  state: DatabaseState | undefined,
): DatabaseProof {
  const leaves = found?.leaves ?? []
  const asked = database.targets.filter(({ fault }) => fault === undefined)
  return {
    database: database.name,
    schema: database.schema,
    sliceRoot: merkleRoot(leaves),
    sliceLeaves: leaves.length,
    ...(state === undefined ? {} : { state }),
    nodes: found?.nodes ?? asked.map(({ url }) => ({ url, leaves: 0, missing: 0, sampled: 0 })),
    notes: [...database.notes, ...(found?.notes ?? [])],
  }
}

/** From memory, or streamed from every storage node: those that differ are brought in step. */
async function stateOf(database: VaultDatabase): Promise<DatabaseState> {
  if (!database.isPaged) return database.state()
  const first = await statesOf(database)
  const [state] = first.values()
  if (state !== undefined && isOne(first)) return state
  await bringInStep([...first.keys()], database.notes)
  const second = await statesOf(database)
  const [agreed] = second.values()
  if (agreed === undefined) throw gravestFault(database.targets)
  if (isOne(second)) return agreed
  throw new NodeError('REPLICATION_STALLED', {
    detail: 'the storage nodes differ, and what was copied did not help',
  })
}

async function statesOf({ targets, headId }: VaultDatabase): Promise<ReadonlyMap<Target, DatabaseState>> {
  const states = new Map<Target, DatabaseState>()
  for (const target of targets) {
    if (target.fault !== undefined) continue
    const state = await target.attempt(() => streamState(target.couch, headId))
    if (state !== undefined) states.set(target, state)
  }
  return states
}

const isOne = (states: ReadonlyMap<Target, DatabaseState>): boolean =>
  new Set([...states.values()].map(({ root, liveCount }) => `${root} ${liveCount}`)).size === 1

async function bringInStep(targets: readonly Target[], notes: string[]): Promise<void> {
  for (const from of targets) {
    for (const to of targets) {
      if (from === to) continue
      const count = await copyMissing(from, to)
      if (count > 0) notes.push(`brought ${count} revisions to ${to.url}`)
    }
  }
}
