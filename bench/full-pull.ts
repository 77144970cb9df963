/** The yardstick of P3: a reader with nothing pulls whole databases into memory, by PouchDB's own replication. */
import { createRequire } from 'node:module'
import type { Couch } from './couch.js'

interface Pouch {
  readonly replicate: { from(other: Pouch, options: object): Promise<unknown> }
  info(): Promise<{ readonly doc_count: number }>
  destroy(): Promise<unknown>
}
type PouchClass = new (name: string, options: object) => Pouch

const BATCH = 500

export interface FullPull {
  readonly ms: number
  readonly documents: number
}

/** @throws when less arrived than the storage node holds */
export async function fullPull(couch: Couch, databases: readonly string[]): Promise<FullPull> {
  const Memory = openPouch()
  const counts = await Promise.all(databases.map((database) => couch.count(database)))
  const locals: Pouch[] = []
  const beganAt = performance.now()
  for (const database of databases) {
    const local = new Memory(`${database}-${beganAt}`, { adapter: 'memory' })
    locals.push(local)
    await local.replicate.from(remoteOf(Memory, couch, database), { batch_size: BATCH })
  }
  const ms = performance.now() - beganAt
  let documents = 0
  for (const [at, local] of locals.entries()) {
    const { doc_count } = await local.info()
    if (doc_count !== counts[at]) throw new Error(`pulled ${doc_count} of ${counts[at] ?? 0} documents`)
    documents += doc_count
    await local.destroy()
  }
  return { ms, documents }
}

function remoteOf(Remote: PouchClass, { url, authorization }: Couch, database: string): Pouch {
  return new Remote(`${url}/${database}`, {
    adapter: 'http',
    skip_setup: true,
    fetch: (address: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', authorization)
      return fetch(address, { ...init, headers })
    },
  })
}

let opened: PouchClass | undefined

function openPouch(): PouchClass {
  if (opened !== undefined) return opened
  const load = createRequire(import.meta.url)
  const core = load('pouchdb-core') as { plugin(plugin: unknown): unknown }
  for (const name of ['pouchdb-adapter-http', 'pouchdb-adapter-memory', 'pouchdb-replication'])
    core.plugin(load(name))
  opened = core as unknown as PouchClass
  return opened
}
