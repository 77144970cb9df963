/** P3: a sync with nothing new, in time and in calls to the storage node, against pulling the whole database. */
import { createRequire } from 'node:module'
import { RECORDS, median, type Bench } from './bench-node.js'
import { openCouch } from './couch.js'
import type { Figure } from './main.js'

const ROUNDS = 5

export async function measureP3(bench: Bench): Promise<Figure> {
  const couch = openCouch(bench.services)
  const before = new Set(await couch.databases())
  const owner = await bench.owner()
  await owner.sync()
  const made = (await couch.databases()).filter((name) => !before.has(name))
  const resyncs: number[] = []
  const pulls: number[] = []
  const calls: number[] = []
  let pages = 0
  let written = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const callsBefore = bench.storageCalls()
    const { ms, status } = await owner.sync()
    resyncs.push(ms)
    calls.push(bench.storageCalls() - callsBefore)
    pages = status.counts.pages
    written += status.counts.written
    pulls.push(await fullPull(couch, made))
  }
  if (written > 0) throw new Error(`a sync with nothing new wrote ${written} records`)
  return {
    ratio: median(pulls) / median(resyncs),
    ours: { ms: median(resyncs), storageCalls: median(calls), pages, written },
    yardstick: { fullPullMs: median(pulls), records: RECORDS },
  }
}

interface Pouch {
  readonly replicate: { from(other: Pouch, options: object): Promise<unknown> }
  destroy(): Promise<unknown>
}

/** Into memory, as a reader with nothing would: PouchDB's own replication. */
async function fullPull(couch: ReturnType<typeof openCouch>, databases: readonly string[]): Promise<number> {
  const Pouch = openPouch()
  const began = performance.now()
  for (const database of databases) {
    const remote = new Pouch(`${couch.url}/${database}`, {
      adapter: 'http',
      skip_setup: true,
      fetch: (url: string, init: RequestInit = {}) => {
        const headers = new Headers(init.headers)
        headers.set('authorization', couch.authorization)
        return fetch(url, { ...init, headers })
      },
    })
    const local = new Pouch(`pull-${database}-${performance.now()}`, { adapter: 'memory' })
    await local.replicate.from(remote, { batch_size: 500 })
    await local.destroy()
  }
  return performance.now() - began
}

function openPouch(): new (name: string, options: object) => Pouch {
  const load = createRequire(import.meta.url)
  const core = load('pouchdb-core') as { plugin(plugin: unknown): unknown }
  for (const name of ['pouchdb-adapter-http', 'pouchdb-adapter-memory', 'pouchdb-replication'])
    core.plugin(load(name))
  return core as unknown as new (name: string, options: object) => Pouch
}
