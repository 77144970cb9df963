/** The change feed of one database: a page of it, or the rows of named documents. Reads only; never waits. */
import { toCouchError } from './errors.js'
import type { ChangeRow, CouchDocument, DocumentMetadata, Options, Pouch, RevisionTree } from './pouch.js'
import { leavesOf } from './revision-tree.js'

export interface ChangesQuery {
  /** Rows after this sequence number. */
  readonly since: number
  readonly limit: number | undefined
  /** All leaves of each document, not the winner alone. */
  readonly allLeaves: boolean
  readonly docIds: readonly string[] | undefined
  readonly descending: boolean
  readonly includeDocs: boolean
  readonly conflicts: boolean
  readonly attachments: boolean
}

export interface ChangesPage {
  readonly results: readonly ChangeRow[]
  readonly last_seq: number
  /** 0 when nothing follows; else at most so many rows. */
  readonly pending: number
}

/** Up to this many named documents are looked up one by one; more are picked out of the whole feed. */
const LOOKED_UP = 2_000

export async function changesPage(pouch: Pouch, asked: ChangesQuery): Promise<ChangesPage> {
  const { update_seq } = await pouch.info()
  const { docIds } = asked
  const looksUp =
    docIds !== undefined && docIds.length <= LOOKED_UP && !asked.descending && !asked.attachments
  // One more than asked for tells whether anything follows.
  const results = looksUp ? await rowsOf(pouch, docIds, asked) : await feed(pouch, asked)
  const page = asked.limit === undefined ? results : results.slice(0, asked.limit)
  const more = page.length < results.length
  const lastSeq =
    more || asked.descending
      ? (page.at(-1)?.seq ?? asked.since)
      : Math.max(update_seq, results.at(-1)?.seq ?? 0)
  return { results: page, last_seq: lastSeq, pending: more ? Math.max(1, update_seq - lastSeq) : 0 }
}

async function feed(pouch: Pouch, asked: ChangesQuery): Promise<readonly ChangeRow[]> {
  const options: Options = {
    since: asked.since,
    style: asked.allLeaves ? 'all_docs' : 'main_only',
    descending: asked.descending,
    include_docs: asked.includeDocs,
    conflicts: asked.conflicts,
    attachments: asked.attachments,
    ...(asked.limit === undefined ? {} : { limit: asked.limit + 1 }),
    ...(asked.docIds === undefined ? {} : { doc_ids: asked.docIds }),
  }
  return (await pouch.changes(options)).results
}

async function rowsOf(
  pouch: Pouch,
  ids: readonly string[],
  asked: ChangesQuery,
): Promise<readonly ChangeRow[]> {
  const rows = await Promise.all([...new Set(ids)].map((id) => rowOf(pouch, id, asked)))
  return rows
    .filter((row): row is ChangeRow => row !== undefined && row.seq > asked.since)
    .sort((a, b) => a.seq - b.seq)
}

async function rowOf(pouch: Pouch, id: string, asked: ChangesQuery): Promise<ChangeRow | undefined> {
  const tree = await treeOf(pouch, id)
  const leaves = tree === undefined ? [] : leavesOf(tree)
  const winner = leaves[0]
  if (winner === undefined) return undefined
  const { doc, metadata } = await storedAt(pouch, id, winner.rev)
  return {
    id,
    seq: metadata.seq,
    changes: (asked.allLeaves ? leaves : [winner]).map(({ rev }) => ({ rev })),
    ...(winner.deleted ? { deleted: true } : {}),
    ...(asked.includeDocs
      ? { doc: withConflicts(doc, asked.conflicts ? leaves.slice(1).filter((leaf) => !leaf.deleted) : []) }
      : {}),
  }
}

const withConflicts = (doc: CouchDocument, losers: readonly { readonly rev: string }[]): CouchDocument =>
  losers.length === 0 ? doc : { ...doc, _conflicts: losers.map(({ rev }) => rev) }

function treeOf(pouch: Pouch, id: string): Promise<RevisionTree | undefined> {
  return new Promise((resolve, reject) => {
    pouch._getRevisionTree(id, (error, tree) => {
      if (error === null || error === undefined) return resolve(tree)
      if ((error as { status?: unknown }).status === 404) return resolve(undefined)
      reject(toCouchError(error))
    })
  })
}

function storedAt(
  pouch: Pouch,
  id: string,
  rev: string,
): Promise<{ readonly doc: CouchDocument; readonly metadata: DocumentMetadata }> {
  return new Promise((resolve, reject) => {
    pouch._get(id, { rev }, (error, found) =>
      found === undefined ? reject(toCouchError(error)) : resolve(found),
    )
  })
}
