/** Makes the queue's tables, or brings them up to date, by a login that may; a node whose login may not finds them there. */
import type { Log } from '../lib/log.js'
import type { Store } from '../store/index.js'
import { openBoss } from './boss.js'
import { PACE } from './ports.js'

/** Gives the schema that they are in. @throws NodeError STORE_UNAVAILABLE, CONFIG_INVALID */
export async function prepareQueue(store: Store, log: Log): Promise<string> {
  const { boss, schema } = await openBoss(store, log, PACE)
  await boss.stop({ graceful: false })
  return schema
}
