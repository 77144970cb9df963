/** Suite C's view of a database behind CouchDB's HTTP protocol: any server, one user. */
import { createRequire } from 'node:module'
import { pouch7, pouch9 } from '../support/pouch.js'
import type { Changes, PouchEnd, StorageView, StoredDocument, WrittenRow } from './storage-database.js'

const require = createRequire(import.meta.url)

/** `url` of the database; `authorization` as the header has it. */
export interface HttpDatabase {
  readonly url: string
  readonly authorization: string
}

export class HttpFailure extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`${status} ${text}`)
  }
}

/** @throws HttpFailure for anything but success */
export async function couchCall(
  { url, authorization }: HttpDatabase,
  method: string,
  path: string,
  body?: object | Buffer,
  type = 'application/json',
): Promise<Response> {
  const response = await fetch(path === '' ? url : `${url}/${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
  })
  if (response.ok) return response
  throw new HttpFailure(response.status, await response.text())
}

export function httpView(database: HttpDatabase): StorageView {
  const call = (method: string, path: string, body?: object | Buffer, type?: string) =>
    couchCall(database, method, path, body, type)
  const json = async <T>(answer: Promise<Response>): Promise<T> => (await (await answer).json()) as T
  const orMissing = async <T>(answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error: unknown) => {
      if (error instanceof HttpFailure && error.status === 404) return undefined
      throw error
    })
  return {
    bulkDocs: (docs, new_edits) => json<WrittenRow[]>(call('POST', '_bulk_docs', { docs, new_edits })),
    revsDiff: (asked) => json(call('POST', '_revs_diff', asked)),
    async bulkGet(docs) {
      const { results } = await json<{ results: { docs: [{ ok?: StoredDocument }] }[] }>(
        call('POST', '_bulk_get?revs=true', { docs }),
      )
      return results.map(({ docs: [found] }) => found.ok)
    },
    winner: (id) => orMissing(json<StoredDocument>(call('GET', id))),
    changes({ since, limit, docIds }) {
      const query = new URLSearchParams({ style: 'all_docs', since: String(since) })
      if (limit !== undefined) query.set('limit', String(limit))
      if (docIds === undefined) return json<Changes>(call('GET', `_changes?${query.toString()}`))
      query.set('filter', '_doc_ids')
      return json<Changes>(call('POST', `_changes?${query.toString()}`, { doc_ids: docIds }))
    },
    nextChange: (since) =>
      json<Changes>(
        call('GET', `_changes?style=all_docs&feed=longpoll&timeout=10000&since=${encodeURIComponent(since)}`),
      ),
    async putLocal(id, body) {
      await call('PUT', `_local/${id}`, body)
    },
    getLocal: (id) => orMissing(json(call('GET', `_local/${id}`))),
    putAttachment: (id, name, type, bytes) => json(call('PUT', `${id}/${name}`, bytes, type)),
    getAttachment: (id, name) =>
      orMissing(
        call('GET', `${id}/${name}`).then(async (response) => ({
          type: response.headers.get('content-type') ?? '',
          bytes: Buffer.from(await response.arrayBuffer()),
        })),
      ),
  }
}

type Fetch = (url: string | Request, options: { readonly headers: Headers }) => Promise<Response>
type PouchWithFetch = (new (url: string, options: object) => PouchEnd) & { readonly fetch: Fetch }

let withHttp: PouchWithFetch | undefined

/** The database as PouchDB's HTTP adapter sees it. `around` may change what goes over the wire. */
export function httpEnd(
  { url, authorization }: HttpDatabase,
  version: 7 | 9,
  around: (send: Fetch) => Fetch = (send) => send,
): PouchEnd {
  withHttp ??= pouch9().plugin(require('pouchdb-adapter-http')) as unknown as PouchWithFetch
  const Pouch = version === 7 ? (pouch7() as unknown as PouchWithFetch) : withHttp
  const send = around((address, options) => Pouch.fetch(address, options))
  return new Pouch(url, {
    skip_setup: true,
    fetch: (address: string, options: { readonly headers: Headers }) => {
      options.headers.set('authorization', authorization)
      return send(address, options)
    },
  })
}
