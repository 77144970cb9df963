/** One push of a database to the same database at a peer: what the peer does not name, with its revision paths. Keeps no state. */
import { changesPage } from '../couch/changes.js'
import type { Databases } from '../couch/databases.js'
import type { CouchDocument } from '../couch/pouch.js'
import type { MissingRevisions } from '../couch/revs-diff.js'
import type { PeerAccess } from './peer-credentials.js'

const BATCH = 500
const TIMEOUT_MS = 15_000

/** @returns the sequence number that the peer is level with @throws when the peer does not answer or refuses. Single refused documents are passed over, as CouchDB's replicator does */
export async function pushChanges(
  databases: Databases,
  name: string,
  peer: PeerAccess,
  from: number,
  signal: AbortSignal,
): Promise<number> {
  for (let since = from; ;) {
    const page = await databases.use(name, ({ pouch }) => changesPage(pouch, { ...ALL_LEAVES, since }))
    // A peer takes design documents from its admins alone.
    const rows = page.results.filter(({ id }) => !id.startsWith('_design/'))
    const revs = Object.fromEntries(rows.map(({ id, changes }) => [id, changes.map(({ rev }) => rev)]))
    if (rows.length > 0) await pushMissing(databases, name, peer, revs, signal)
    since = page.last_seq
    if (page.pending === 0) return since
  }
}

const ALL_LEAVES = {
  limit: BATCH,
  allLeaves: true,
  docIds: undefined,
  descending: false,
  includeDocs: false,
  conflicts: false,
  attachments: false,
} as const

async function pushMissing(
  databases: Databases,
  name: string,
  peer: PeerAccess,
  revs: Readonly<Record<string, readonly string[]>>,
  signal: AbortSignal,
): Promise<void> {
  const missing = (await post(peer, `${name}/_revs_diff`, revs, signal)) as Readonly<
    Record<string, MissingRevisions>
  >
  const wanted = Object.entries(missing).flatMap(([id, row]) => row.missing.map((rev) => ({ id, rev })))
  if (wanted.length === 0) return
  const docs: readonly CouchDocument[] = await databases.use(name, ({ pouch }) =>
    Promise.all(wanted.map(({ id, rev }) => pouch.get(id, { rev, revs: true, attachments: true }))),
  )
  await post(peer, `${name}/_bulk_docs`, { docs, new_edits: false }, signal)
}

async function post(peer: PeerAccess, path: string, body: object, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(`${peer.couchUrl}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: peer.authorization },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  })
  if (!response.ok) throw new Error(`the peer answered ${response.status}`)
  return response.json()
}
