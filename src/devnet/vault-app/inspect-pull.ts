/** Looks at every document of one pulled database: what the Vault has of it, and what the server has. */
import { canonicalJson, type JsonObject } from '../../lib/canonical-json.js'
import { sha256 } from '../../lib/keyed-hash.js'
import { merkleRoot } from '../../lib/merkle.js'
import type { Documents } from './vault.js'
import type { Judge } from './judge.js'
import type { SchemaReport } from './messages.js'
import { isNoDesign, type Pouch, type PouchRecord } from './pouch.js'

interface PulledDatabase {
  readonly schema: string
  readonly documents: Documents
  /** The server's database as it lies on the storage node. */
  readonly sealed: Pouch
  readonly judge: Judge
}

export interface Inspection extends SchemaReport {
  readonly leaves: readonly (readonly [id: string, rev: string])[]
  readonly recordDigests: readonly string[]
}

type Counter = 'decrypted' | 'valid' | 'signaturesValid' | 'conflicts' | 'stale' | 'others'

const FAULTS_SHOWN = 5

export async function inspectPull({ schema, documents, sealed, judge }: PulledDatabase): Promise<Inspection> {
  const { live, deleted } = await serverWinners(sealed)
  const counts: Record<Counter, number> = {
    decrypted: 0,
    valid: 0,
    signaturesValid: 0,
    conflicts: 0,
    stale: 0,
    others: 0,
  }
  const faults: { id: string; errors: readonly string[] }[] = []
  const recordDigests: string[] = []
  const shown = new Set<string>()
  for await (const { _conflicts, ...document } of documents.all()) {
    const record: PouchRecord = document
    const id = record._id
    // A document of another server in the same copy.
    if (!live.has(id) && !deleted.has(id)) continue
    shown.add(id)
    if (live.get(id) !== record._rev) counts.stale++
    if (_conflicts && _conflicts.length > 0) counts.conflicts++
    if (record['schema'] !== schema) {
      counts.others++
      live.delete(id)
      continue
    }
    counts.decrypted++
    if (await judge.isSigned(record)) counts.signaturesValid++
    const errors = await judge.faults(record)
    if (errors.length === 0) counts.valid++
    else if (faults.length < FAULTS_SHOWN) faults.push({ id, errors })
    recordDigests.push(recordDigest(schema, record))
  }
  for (const id of live.keys()) if (!shown.has(id)) counts.stale++
  return {
    ...counts,
    pulled: live.size,
    deleted: deleted.size,
    faults,
    stateRoot: merkleRoot([...live].map(([id, rev]) => ({ id, rev, deleted: false }))),
    leaves: [...live],
    recordDigests,
  }
}

/** The winning revisions at the server, live and deleted. */
async function serverWinners(
  sealed: Pouch,
): Promise<{ readonly live: Map<string, string>; readonly deleted: Set<string> }> {
  const { results } = await sealed.changes({ style: 'main_only' })
  const documents = results.filter(({ id }) => isNoDesign({ _id: id }))
  const live = new Map<string, string>()
  for (const { id, deleted, changes } of documents) if (deleted !== true) live.set(id, changes[0]?.rev ?? '')
  return { live, deleted: new Set(documents.flatMap(({ id, deleted }) => (deleted === true ? [id] : []))) }
}

function recordDigest(schema: string, record: PouchRecord): string {
  const own = Object.entries(record).filter(([name]) => name !== '_rev' && name !== 'signatures')
  return sha256(canonicalJson([schema, record._id, Object.fromEntries(own) as JsonObject])).toString('hex')
}
