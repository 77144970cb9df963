/** `connector-node migrate`: brings the database to this version's form, by DATABASE_ADMIN_URL where the node's own login may not. */
import { readConfig, type Config } from '../config.js'
import { createLog } from '../lib/log.js'
import { prepareServer } from '../prepare-server.js'
import { openStore } from '../store/index.js'
import { storePlace } from './store-place.js'

export async function migrate(config: Config = readConfig()): Promise<number> {
  const log = createLog({
    level: config.LOG_LEVEL,
    json: config.LOG_JSON,
    write: (line) => void process.stderr.write(line),
  })
  const prepared = await prepareServer(config, log)
  // Also proves that the node's login finds everything.
  const store = await openStore(storePlace(config))
  await store.close()
  console.log(
    prepared === undefined
      ? 'The database has the form of this version.'
      : `The database has the form of this version, and ${prepared.login} may work on it.`,
  )
  return 0
}
