/** `connector-node export FILE`: the whole control plane as lines of JSON, for a move or a backup. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { readConfig, type Config } from '../config.js'
import { NodeError } from '../errors.js'
import { systemClock } from '../lib/clock.js'
import { exportStore, type RowCounts } from '../store/index.js'

/** Where the store is. */
export type StorePlace = Pick<Config, 'dataDir' | 'DATABASE_URL'>

export async function exportToFile(file: string, config: StorePlace = readConfig()): Promise<number> {
  const store = { folder: join(config.dataDir, 'store'), databaseUrl: config.DATABASE_URL }
  // Never over another file, and for nobody else's eyes: what is sealed in it is all that a thief needs but the keys.
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })
  await once(stream, 'open').catch((cause: unknown) => {
    throw new NodeError('REQUEST_INVALID', { detail: `${file} cannot be made, or is there already`, cause })
  })
  try {
    const rows = await exportStore(store, systemClock.now(), async (line) => {
      if (!stream.write(`${line}\n`)) await once(stream, 'drain')
    })
    stream.end()
    await finished(stream)
    console.log(`${file}: ${countOf(rows)} rows`)
    console.log(
      'Sealed values open only with the secrets of this node: keep them too, and apart from this file.',
    )
    return 0
  } catch (error) {
    stream.destroy()
    await rm(file, { force: true })
    throw error
  }
}

export const countOf = (rows: RowCounts): number => Object.values(rows).reduce((sum, count) => sum + count, 0)
