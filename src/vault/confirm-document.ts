/** Puts one document on every storage node that answers, and looks that each gives it out; all within a time limit. Nothing is kept here. */
import { setTimeout as wait } from 'node:timers/promises'
import { NodeError, toNodeError } from '../errors.js'
import type { CouchDatabase } from './couch-database.js'
import { within } from './deadline.js'
import type { DestinationPorts } from './destination-ports.js'
import { bulkDocsBody, type StagedDocument } from './staged-document.js'
import type { StorageNode } from './storage-node.js'
import { isNodeFault } from './target.js'

export interface DocumentToConfirm {
  readonly databaseName: string
  /** Whom the database is granted to. */
  readonly owner: string
  readonly document: StagedDocument
  readonly withinMs: number
}

/** `silent`: it takes a document and does not give it out, or takes none: a reader there would find nothing. */
type Outcome = 'confirmed' | 'down' | 'silent'

/** A node that gives out nothing after so many tries lies; a slow one is waited for all the same. */
const TRIES = 4
const AGAIN_MS = 250

/** @throws NodeError STORAGE_UNREACHABLE when none confirms, or one that answers does not */
export async function confirmDocument(
  { nodes, log }: Pick<DestinationPorts, 'nodes' | 'log'>,
  wanted: DocumentToConfirm,
): Promise<void> {
  const outcomes = await Promise.all(
    nodes.map(async (node) => {
      const outcome = await confirmAt(node, wanted)
      if (outcome !== 'confirmed') log.warn('storage.unreachable', { url: node.url, outcome })
      return outcome
    }),
  )
  if (outcomes.includes('silent'))
    throw new NodeError('STORAGE_UNREACHABLE', { detail: 'a storage node does not give out what it took' })
  if (!outcomes.includes('confirmed'))
    throw new NodeError('STORAGE_UNREACHABLE', { detail: 'no storage node confirms the request record' })
}

async function confirmAt(node: StorageNode, wanted: DocumentToConfirm): Promise<Outcome> {
  let outcome: Outcome = 'down'
  await untilNodeFault(() =>
    within(wanted.withinMs, undefined, async (signal) => {
      const couch = await node.database(wanted.databaseName, signal)
      for (let tries = 1; tries <= TRIES; tries++) {
        if (tries > 1) await wait(AGAIN_MS, undefined, { signal })
        // Another request of the same owner may be making the database at this moment: its half-made state passes.
        await untilNodeFault(async () => {
          if (!(await put(couch, wanted.document))) {
            await node.createDatabase(wanted.databaseName, [wanted.owner], signal)
            await put(couch, wanted.document)
          }
          outcome = (await isHeld(couch, wanted.document)) ? 'confirmed' : 'silent'
        })
        if (outcome === 'confirmed') return
      }
    }),
  )
  return outcome
}

/** A failure of the storage node ends the work in silence: what came before it is the outcome. */
async function untilNodeFault(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isNodeFault(toNodeError(error))) throw error
  }
}

/** False when there is no such database. */
async function put(couch: CouchDatabase, document: StagedDocument): Promise<boolean> {
  try {
    await couch.bulkDocs(bulkDocsBody([document]))
    return true
  } catch (error) {
    if ((await couch.info()) === undefined) return false
    throw error
  }
}

async function isHeld(couch: CouchDatabase, { _id, _rev, payload }: StagedDocument): Promise<boolean> {
  const [found] = await couch.bulkGet([{ id: _id, rev: _rev }], { revs: false })
  return found?.['payload'] === payload
}
