/** CouchDB's replication calls on one database of one storage node; sealed documents only pass through. */
import { NodeError } from '../errors.js'
import type { Json, JsonObject } from '../lib/canonical-json.js'
import { isObject, listAt, textAt, valueAt } from './json-shape.js'
import type { StorageAnswer, StorageCall } from './storage-http.js'
import type { StorageSession } from './storage-session.js'

/** https://docs.couchdb.org/en/stable/api/database/common.html#get--db */
export interface DatabaseInfo {
  /** Live documents, design documents among them. */
  readonly documents: number
  readonly deleted: number
  readonly updateSeq: string
}

/** A document's leaf revisions as `_changes?style=all_docs` gives them. */
export interface ChangeRow {
  readonly id: string
  readonly revs: readonly string[]
  /** Of the winner: true only when every leaf is deleted. */
  readonly deleted: boolean
}

export interface ChangesPage {
  readonly rows: readonly ChangeRow[]
  readonly lastSeq: string
  /** More rows after these. */
  readonly pending: number
}

export interface RevisionRef {
  readonly id: string
  readonly rev: string
}

/** A sealed document as it is stored; `_revisions` when asked for. */
export type StoredDocument = JsonObject & { readonly _id: string; readonly _rev: string }

/** A row of `_bulk_docs` that was not taken. */
export interface RefusedRow {
  readonly id: string
  readonly error: string
}

export class CouchDatabase {
  constructor(
    private readonly session: StorageSession,
    /** The storage node's address. */
    readonly url: string,
    /** Its name in CouchDB. */
    readonly hash: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** `undefined` when there is no such database here. */
  async info(): Promise<DatabaseInfo | undefined> {
    const answer = await this.send('GET', '')
    if (answer.status === 404) return undefined
    const body = this.expect('info', answer)
    return {
      documents: Number(valueAt(body, 'doc_count') ?? 0),
      deleted: Number(valueAt(body, 'doc_del_count') ?? 0),
      updateSeq: seqText(valueAt(body, 'update_seq')),
    }
  }

  /** One page of the change feed with all leaves, design documents left out; `undefined` when there is no such database here. */
  async changes(since: string, limit: number): Promise<ChangesPage | undefined> {
    const query = new URLSearchParams({ style: 'all_docs', since, limit: String(limit) })
    const answer = await this.send('GET', `/_changes?${query.toString()}`)
    return answer.status === 404 ? undefined : changesPage(this.expect('_changes', answer))
  }

  /** The leaves of the named documents; unknown ones have no row. */
  async changesOf(ids: readonly string[]): Promise<readonly ChangeRow[]> {
    const answer = await this.send('POST', '/_changes?filter=_doc_ids&style=all_docs', { doc_ids: ids })
    return changesPage(this.expect('_changes', answer)).rows
  }

  /** Live winners in order of id, `limit` at a time. */
  async liveWinners(startAfter: string | undefined, limit: number): Promise<readonly RevisionRef[]> {
    const query = new URLSearchParams({ limit: String(startAfter === undefined ? limit : limit + 1) })
    if (startAfter !== undefined) query.set('startkey', JSON.stringify(startAfter))
    const body = this.expect('_all_docs', await this.send('GET', `/_all_docs?${query.toString()}`))
    const rows = listAt(body, 'rows').map((row) => ({
      id: textAt(row, 'id'),
      rev: textAt(row, 'value', 'rev'),
    }))
    return rows.filter(({ id }) => id !== startAfter)
  }

  /** The revisions that this node does not even name. */
  async revsDiff(leaves: ReadonlyMap<string, readonly string[]>): Promise<readonly RevisionRef[]> {
    if (leaves.size === 0) return []
    const body = this.expect('_revs_diff', await this.send('POST', '/_revs_diff', Object.fromEntries(leaves)))
    if (!isObject(body)) throw this.failure('_revs_diff', 200)
    return Object.keys(body).flatMap((id) =>
      listAt(body, id, 'missing').map((rev) => ({ id, rev: asText(rev) })),
    )
  }

  /** Puts documents with their own revisions; `body` is `{"docs":[...],"new_edits":false}` in UTF-8. Gives what was refused. @throws NodeError TOO_LARGE, STORAGE_UNREACHABLE */
  async bulkDocs(body: Buffer): Promise<readonly RefusedRow[]> {
    const answer = await this.send('POST', '/_bulk_docs', body)
    if (answer.status === 413)
      throw new NodeError('TOO_LARGE', { detail: `${this.url}: a batch is too large` })
    const rows = this.expect('_bulk_docs', answer)
    if (!Array.isArray(rows)) throw this.failure('_bulk_docs', answer.status)
    return (rows as readonly Json[]).flatMap((row) => {
      const error = valueAt(row, 'error')
      return error === undefined
        ? []
        : [{ id: asText(valueAt(row, 'id')), error: asText(error).slice(0, 40) }]
    })
  }

  /** The named revisions that this node gives out, in no order; what it does not have is left out. */
  async bulkGet(
    refs: readonly RevisionRef[],
    options: { readonly revs: boolean },
  ): Promise<readonly StoredDocument[]> {
    if (refs.length === 0) return []
    const docs = refs.map(({ id, rev }) => ({ id, rev }))
    const body = this.expect(
      '_bulk_get',
      await this.send('POST', `/_bulk_get?revs=${String(options.revs)}`, { docs }),
    )
    return listAt(body, 'results').flatMap((result) =>
      listAt(result, 'docs').flatMap((entry) => {
        const doc = valueAt(entry, 'ok')
        if (!isObject(doc)) return []
        const { _id, _rev } = doc
        return typeof _id === 'string' && typeof _rev === 'string' ? [{ ...doc, _id, _rev }] : []
      }),
    )
  }

  private send(
    method: StorageCall['method'],
    path: string,
    body?: StorageCall['body'],
  ): Promise<StorageAnswer> {
    return this.session.couch({
      method,
      path: `/${this.hash}${path}`,
      ...(body === undefined ? {} : { body }),
      ...(this.signal === undefined ? {} : { signal: this.signal }),
    })
  }

  private expect(call: string, { status, body }: StorageAnswer): Json {
    if (status < 200 || status > 299) throw this.failure(call, status)
    return body
  }

  private failure(call: string, status: number): NodeError {
    return new NodeError('STORAGE_UNREACHABLE', { detail: `${this.url}: ${call} answered ${status}` })
  }
}

function changesPage(body: Json): ChangesPage {
  const rows = listAt(body, 'results').flatMap((row) => {
    const id = textAt(row, 'id')
    if (id.startsWith('_design/')) return []
    const revs = listAt(row, 'changes').map((change) => textAt(change, 'rev'))
    return [{ id, revs, deleted: valueAt(row, 'deleted') === true }]
  })
  return { rows, lastSeq: seqText(valueAt(body, 'last_seq')), pending: Number(valueAt(body, 'pending') ?? 0) }
}

const asText = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

const seqText = (seq: Json | undefined): string =>
  typeof seq === 'string' || typeof seq === 'number' ? String(seq) : '0'
