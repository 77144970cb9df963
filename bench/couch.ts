/** The storage node's CouchDB side as its admin, for yardsticks: which databases there are, and documents in and out as they are. */
import { Agent, request } from 'undici'
import type { ServicesReady } from './services.js'

const agent = new Agent({ connections: 8, headersTimeout: 120_000, bodyTimeout: 120_000 })

export interface Couch {
  databases(): Promise<readonly string[]>
  /** Sealed documents with their revisions and paths, as a `_bulk_docs` body takes them. */
  documents(database: string): Promise<readonly object[]>
  create(database: string): Promise<unknown>
  remove(database: string): Promise<unknown>
  /** A ready body of `_bulk_docs`. */
  push(database: string, body: Buffer): Promise<unknown>
  readonly url: string
  readonly authorization: string
}

export function openCouch({ couchUrl, admin }: ServicesReady): Couch {
  const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
  async function send(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: Buffer,
  ): Promise<unknown> {
    const answer = await request(`${couchUrl}${path}`, {
      dispatcher: agent,
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
    const value: unknown = await answer.body.json()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`)
    return value
  }
  return {
    url: couchUrl,
    authorization,
    databases: async () => (await send('GET', '/_all_dbs')) as string[],
    async documents(database) {
      const path = `/${database}/_all_docs?include_docs=true&revs=true`
      const { rows } = (await send('GET', path)) as { rows: { doc: object }[] }
      return rows.map(({ doc }) => doc)
    },
    create: (database) => send('PUT', `/${database}`),
    remove: (database) => send('DELETE', `/${database}`),
    push: (database, body) => send('POST', `/${database}/_bulk_docs`, body),
  }
}
