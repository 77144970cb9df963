/** P2: time per record through the node, against one-by-one `datastore.save` with Verida's own client, as upstream does. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench-node.js'
import type { SaveOptions, SaveResult } from './client-saves.js'
import { openCouch } from './couch.js'
import { median, rounded, type Figure } from './figure.js'

const ROUNDS = 3
const SAVES = 300

export async function measureP2(bench: Bench): Promise<Figure> {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const { ms, status } = await (await bench.owner('signed')).sync()
    ours.push(ms / status.counts.written)
    theirs.push(await clientSaves(bench))
  }
  return {
    ratio: rounded(median(theirs) / median(ours)),
    ours: { msPerRecord: rounded(median(ours)), records: bench.services.records, all: ours.map(rounded) },
    yardstick: { msPerRecord: rounded(median(theirs)), records: SAVES, all: theirs.map(rounded) },
  }
}

/** Time of the saves alone: that the client sends them on afterwards is not counted, but waited for. */
async function clientSaves({ services }: Bench): Promise<number> {
  const couch = openCouch(services)
  const before = new Set(await couch.databases())
  const child = fork(fileURLToPath(new URL('./client-saves.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const options: SaveOptions = { services, saves: SAVES }
  child.send(options)
  const [result] = (await once(child, 'message')) as [SaveResult]
  try {
    if ('error' in result) throw new Error(`the client could not save: ${result.error}`)
    await arrived(async () => {
      const made = (await couch.databases()).filter((name) => !before.has(name))
      const counts = await Promise.all(made.map((name) => couch.count(name)))
      return counts.some((count) => count > SAVES)
    })
    return result.msPerRecord
  } finally {
    child.disconnect()
    await once(child, 'exit')
  }
}

const ARRIVE_MS = 30_000

/** @throws when the client's records are not on the storage node in time */
async function arrived(look: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + ARRIVE_MS
  while (!(await look())) {
    if (performance.now() > until) throw new Error("the client's records did not reach the storage node")
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
