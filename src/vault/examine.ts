/**
 * Looks at a database as its owner can who holds its key: opens every live document and recomputes its revision, so
 * that swapped, replayed and forged documents show (protocol.md 1.6). Changes nothing.
 */
import { NodeError } from '../errors.js'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { MerkleFold } from '../lib/merkle.js'
import { HEAD_KIND } from './chain-heads.js'
import type { CouchDatabase, RevisionRef, StoredDocument } from './couch-database.js'
import { createEnvelope, type Envelope } from './envelope.js'
import { createIdentity, type IdentityOptions } from './identity.js'
import { databaseKeys } from './keys.js'
import { parseRev } from './rev.js'
import { revisionHash } from './revision.js'
import { StorageNode } from './storage-node.js'

export interface ExaminedDocument {
  readonly id: string
  /** `unreadable`: another key, changed bytes, or another document's payload. `foreign`: not written by the node as it is. */
  readonly what: 'missing' | 'unreadable' | 'foreign'
}

export interface Examination {
  /** Live documents; the head of the receipt chain is one of them. */
  readonly documents: number
  readonly faults: readonly ExaminedDocument[]
  /** Hex root over all live documents that are records (protocol.md 5.3). */
  readonly stateRoot: string
}

const AT_ONCE = 500

/** @throws NodeError GONE when there is no such database, STORAGE_UNREACHABLE */
export async function examine(couch: CouchDatabase, databaseKey: Bytes): Promise<Examination> {
  if ((await couch.info()) === undefined)
    throw new NodeError('GONE', { detail: `${couch.url} has no such database` })
  const open = opener(databaseKey)
  const faults: ExaminedDocument[] = []
  const fold = new MerkleFold()
  let documents = 0
  for (let last: string | undefined; ;) {
    const page = await couch.liveWinners(last, AT_ONCE)
    const rows = page.filter(({ id }) => !id.startsWith('_design/'))
    const stored = new Map((await couch.bulkGet(rows, { revs: false })).map((doc) => [doc._id, doc]))
    for (const row of rows) {
      const seen = open(row, stored.get(row.id))
      if (seen === 'missing' || seen === 'unreadable' || seen === 'foreign')
        faults.push({ id: row.id, what: seen })
      if (seen !== 'head') fold.add({ ...row, deleted: false })
    }
    documents += rows.length
    last = page.at(-1)?.id
    if (last === undefined || page.length < AT_ONCE) break
  }
  return { documents, faults, stateRoot: fold.root() }
}

type Seen = 'record' | 'head' | ExaminedDocument['what']

function opener(databaseKey: Bytes): (row: RevisionRef, stored: StoredDocument | undefined) => Seen {
  const envelope = createEnvelope(databaseKey)
  const { revKey } = databaseKeys(databaseKey)
  return ({ id, rev }, stored) => {
    const payload = stored?.['payload']
    if (typeof payload !== 'string') return 'missing'
    const document = opened(envelope, payload, id)
    if (document === undefined) return 'unreadable'
    const { generation, hash } = parseRev(rev)
    if (!hash.endsWith(revisionHash(revKey, generation, id, document))) return 'foreign'
    return document['kind'] === HEAD_KIND ? 'head' : 'record'
  }
}

function opened(envelope: Envelope, payload: string, id: string): JsonObject | undefined {
  try {
    return envelope.open(payload, id)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'SEAL_FAILED') return undefined
    throw error
  }
}

export interface ExamineOptions extends IdentityOptions {
  /** Verida's name of the database, as the request record gives it. */
  readonly databaseName: string
  /** 32 bytes: its `encryptionKey`. */
  readonly databaseKey: Bytes
}

/** The same database on every configured storage node, by the node's own right to read it. */
export async function examineEverywhere(
  options: ExamineOptions,
): Promise<readonly (Examination & { readonly url: string })[]> {
  const identity = createIdentity(options)
  const nodes = options.storageNodes.map(
    (url) => new StorageNode({ url, clock: options.clock, identity: async () => identity }),
  )
  try {
    return await Promise.all(
      nodes.map(async (node) => {
        const couch = await node.database(options.databaseName)
        return { url: node.url, ...(await examine(couch, options.databaseKey)) }
      }),
    )
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
  }
}
