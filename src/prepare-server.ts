/** Makes schema, queue and rights on a server by the administrator's login; the only use of DATABASE_ADMIN_URL. */
import type { Config } from './config.js'
import { prepareQueue } from './jobs/index.js'
import type { Log } from './lib/log.js'
import { reveal } from './lib/redacted.js'
import { grantLogin, openStore } from './store/index.js'

/** Does nothing without DATABASE_ADMIN_URL. @throws NodeError CONFIG_INVALID, STORE_UNAVAILABLE */
export async function prepareServer(
  { DATABASE_ADMIN_URL, DATABASE_URL, dataDir }: Config,
  log: Log,
): Promise<{ readonly login: string } | undefined> {
  if (DATABASE_ADMIN_URL === undefined || DATABASE_URL === undefined) return undefined
  const adminUrl = reveal(DATABASE_ADMIN_URL)
  const admin = await openStore({ folder: dataDir, databaseUrl: adminUrl })
  try {
    const queueSchema = await prepareQueue(admin, log)
    return await grantLogin({ adminUrl, databaseUrl: DATABASE_URL, queueSchema })
  } finally {
    await admin.close()
  }
}
