/** `connector-node import FILE`: fills an empty control plane with an export. */
import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readConfig } from '../config.js'
import { NodeError } from '../errors.js'
import { importStore } from '../store/index.js'
import { countOf, type StorePlace } from './export.js'

export async function importFromFile(file: string, config: StorePlace = readConfig()): Promise<number> {
  await access(file).catch((cause: unknown) => {
    throw new NodeError('REQUEST_INVALID', { detail: `${file} cannot be read`, cause })
  })
  const store = { folder: join(config.dataDir, 'store'), databaseUrl: config.DATABASE_URL }
  const rows = await importStore(store, () =>
    createInterface({ input: createReadStream(file), crlfDelay: Infinity }),
  )
  console.log(`${countOf(rows)} rows from ${file}`)
  return 0
}
