/** Opens pg-boss on the store's connections, with our two queues; it never opens a connection of its own. */
import { PgBoss, type Db } from 'pg-boss'
import { NodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import { storeFault, type RunSql, type Store } from '../store/index.js'
import type { JobPace } from './ports.js'

/** One live job per connector. */
export const SYNC_QUEUE = 'sync'
/** Jobs that were given up. */
export const DEAD_QUEUE = 'sync-dead'

export interface OpenBoss {
  readonly boss: PgBoss
  /** Where its tables are. */
  readonly schema: string
}

const NO_JOB = '00000000-0000-0000-0000-000000000000'
const HOUR = 3_600
const DAY = 24 * HOUR

/** @throws NodeError STORE_UNAVAILABLE, CONFIG_INVALID */
export async function openBoss(store: Store, log: Log, pace: JobPace): Promise<OpenBoss> {
  const schema = await schemaBeside(store)
  const boss = new PgBoss({
    db: bossDatabase(store.raw),
    backend: store.dialect,
    schema,
    // Our schedules are rows of `connectors`: one table that a tenant's change and a removal reach.
    schedule: false,
    superviseIntervalSeconds: pace.monitorSeconds,
    monitorIntervalSeconds: pace.monitorSeconds,
    queueCacheIntervalSeconds: 60,
  })
  // Without a listener an error event ends the process. All of it is work that pg-boss repeats by itself.
  boss.on('error', (error) => log.warn('jobs.failed', { error: storeFault(error) }))
  boss.on('warning', ({ message }) => log.warn('jobs.warning', { message }))
  try {
    await boss.start()
    await makeQueues(boss, pace)
  } catch (error) {
    await boss.stop({ graceful: false })
    throw storeFault(error)
  }
  return { boss, schema }
}

async function makeQueues(boss: PgBoss, pace: JobPace): Promise<void> {
  await boss.createQueue(DEAD_QUEUE, { retentionSeconds: 30 * DAY })
  const options = {
    deadLetter: DEAD_QUEUE,
    retryLimit: pace.retryLimit,
    retryDelay: pace.retrySeconds,
    retryBackoff: true,
    retryDelayMax: HOUR,
    heartbeatSeconds: pace.heartbeatSeconds,
    // The most that pg-boss takes; a process that died is told by its heartbeat.
    expireInSeconds: DAY,
    deleteAfterSeconds: HOUR,
    retentionSeconds: 14 * DAY,
  }
  await boss.createQueue(SYNC_QUEUE, { policy: 'exclusive', ...options })
  // Does nothing to a queue that is there; settings of a newer version have to reach it too.
  await boss.updateQueue(SYNC_QUEUE, options)
  // pg-boss reads a queue's settings at the first use, beside whatever transaction that use is in.
  for (const queue of [SYNC_QUEUE, DEAD_QUEUE]) await boss.findJobs(queue, { id: NO_JOB })
}

/** A schema of its own: two nodes in two schemas of one database must not share jobs. */
async function schemaBeside(store: Store): Promise<string> {
  const { rows } = await store.raw('select current_schema() as schema').catch((error: unknown) => {
    throw storeFault(error)
  })
  const { schema } = rows[0] as { schema: string }
  if (schema === 'public') return 'connector_jobs'
  if (/^[a-z_][a-z0-9_]{0,39}$/.test(schema)) return `${schema}_jobs`
  throw new NodeError('CONFIG_INVALID', {
    detail: `DATABASE_URL: the schema ${schema} must have a name of lower case letters, digits and _, at most 40`,
  })
}

export function bossDatabase(run: RunSql): Db {
  return { executeSql: (text, values) => run(text, values) }
}
