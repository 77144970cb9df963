/** P2: records per second through the node, against one-by-one `datastore.save` with Verida's own client, as upstream does. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { RECORDS, median, type Bench } from './bench-node.js'
import type { Figure } from './main.js'
import type { SaveOptions, SaveResult } from './client-saves.js'

const ROUNDS = 3
const SAVES = 150

export async function measureP2(bench: Bench): Promise<Figure> {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push((await (await bench.owner()).sync()).ms / RECORDS)
    theirs.push(await clientSaves(bench))
  }
  return {
    ratio: median(theirs) / median(ours),
    ours: { msPerRecord: median(ours), records: RECORDS },
    yardstick: { msPerRecord: median(theirs), records: SAVES },
  }
}

async function clientSaves({ services }: Bench): Promise<number> {
  const child = fork(fileURLToPath(new URL('./client-saves.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const options: SaveOptions = { services, saves: SAVES }
  child.send(options)
  const [result] = (await once(child, 'message')) as [SaveResult]
  child.kill()
  await once(child, 'exit')
  if ('error' in result) throw new Error(`the client could not save: ${result.error}`)
  return result.msPerRecord
}
