/** The storage node's CouchDB side as its admin, for yardsticks: which databases there are, and documents in and out as they are. */
import { readdir } from 'node:fs/promises'
import { Agent, request } from 'undici'
import type { ServicesReady } from './services.js'

const agent = new Agent({ connections: 8, headersTimeout: 120_000, bodyTimeout: 120_000 })
const AT_ONCE = 500

/** A sealed document with its revision and path, as a `_bulk_docs` body takes it. */
export interface SealedDocument {
  readonly _id: string
  readonly _rev: string
}

export interface Couch {
  databases(): Promise<readonly string[]>
  /** Live documents. */
  count(database: string): Promise<number>
  documents(database: string): Promise<readonly SealedDocument[]>
  create(database: string): Promise<unknown>
  remove(database: string): Promise<unknown>
  /** A ready body of `_bulk_docs`. */
  push(database: string, body: Buffer): Promise<unknown>
  readonly url: string
  readonly authorization: string
}

export function openCouch({ couchUrl, databasesFolder, admin }: ServicesReady): Couch {
  const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
  async function send<T>(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: Buffer | object,
  ): Promise<T> {
    const answer = await request(`${couchUrl}${path}`, {
      dispatcher: agent,
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    })
    const value: unknown = await answer.body.json()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`)
    return value as T
  }
  return {
    url: couchUrl,
    authorization,
    databases: async () => (await readdir(databasesFolder)).filter((name) => name !== 'entries'),
    count: async (database) => (await send<{ doc_count: number }>('GET', `/${database}`)).doc_count,
    async documents(database) {
      type Rows = { readonly rows: readonly { id: string; value: { rev: string } }[] }
      type Found = { readonly results: readonly { docs: readonly { ok: SealedDocument }[] }[] }
      const { rows } = await send<Rows>('GET', `/${database}/_all_docs`)
      const documents: SealedDocument[] = []
      for (let at = 0; at < rows.length; at += AT_ONCE) {
        const docs = rows.slice(at, at + AT_ONCE).map(({ id, value }) => ({ id, rev: value.rev }))
        const { results } = await send<Found>('POST', `/${database}/_bulk_get?revs=true`, { docs })
        documents.push(...results.flatMap((result) => result.docs.map(({ ok }) => ok)))
      }
      return documents
    },
    create: (database) => send('PUT', `/${database}`),
    remove: (database) => send('DELETE', `/${database}`),
    push: (database, body) => send('POST', `/${database}/_bulk_docs`, body),
  }
}
