/** Where the settings say that the store is. */
import { join } from 'node:path'
import type { Config } from '../config.js'
import type { StoreOptions } from '../store/index.js'

export function storePlace({
  dataDir,
  DATABASE_URL,
}: Pick<Config, 'dataDir' | 'DATABASE_URL'>): StoreOptions {
  return { folder: join(dataDir, 'store'), databaseUrl: DATABASE_URL }
}
