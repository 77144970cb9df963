/** Opens pg-boss on the store's connections, with our queues; it never opens a connection of its own. */
import { PgBoss, type Db } from 'pg-boss'
import { NodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import { storeFault, type RunSql, type Store } from '../store/index.js'
import type { JobPace } from './ports.js'

/** Syncs, one live job per connector, and those that were given up. */
export const SYNC_QUEUE = 'sync'
export const DEAD_QUEUE = 'sync-dead'
/** Deliveries to webhooks; they wait for strangers, so that they get places of their own. */
export const WEBHOOK_QUEUE = 'webhooks'
/** All other work beside syncs. */
export const TASK_QUEUE = 'tasks'
export const DEAD_TASK_QUEUE = 'tasks-dead'

export type QueueName =
  typeof SYNC_QUEUE | typeof DEAD_QUEUE | typeof WEBHOOK_QUEUE | typeof TASK_QUEUE | typeof DEAD_TASK_QUEUE

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
  // Made by another login (prepare-queue.ts): this one changes no form.
  const isForeign = await isOthers(store, schema)
  const boss = new PgBoss({
    db: bossDatabase(store.raw),
    backend: store.dialect,
    schema,
    ...(isForeign && { migrate: false, createSchema: false }),
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
    if (!isForeign) await makeQueues(boss, pace)
    await readQueues(boss)
  } catch (error) {
    await boss.stop({ graceful: false })
    throw storeFault(error)
  }
  return { boss, schema }
}

const QUEUES: readonly { readonly name: QueueName; readonly dead: QueueName }[] = [
  { name: SYNC_QUEUE, dead: DEAD_QUEUE },
  { name: WEBHOOK_QUEUE, dead: DEAD_TASK_QUEUE },
  { name: TASK_QUEUE, dead: DEAD_TASK_QUEUE },
]

async function makeQueues(boss: PgBoss, pace: JobPace): Promise<void> {
  for (const dead of new Set(QUEUES.map((queue) => queue.dead)))
    await boss.createQueue(dead, { retentionSeconds: 30 * DAY })
  for (const { name, dead } of QUEUES) {
    const options = {
      deadLetter: dead,
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
    await boss.createQueue(name, { policy: 'exclusive', ...options })
    // Does nothing to a queue that is there; settings of a newer version have to reach it too.
    await boss.updateQueue(name, options)
  }
}

async function readQueues(boss: PgBoss): Promise<void> {
  // pg-boss reads a queue's settings at the first use, beside whatever transaction that use is in.
  for (const queue of QUEUES.flatMap(({ name, dead }) => [name, dead]))
    await boss.findJobs(queue, { id: NO_JOB })
}

async function isOthers(store: Store, schema: string): Promise<boolean> {
  const { rows } = await store.raw(
    `select not pg_has_role(current_user, nspowner, 'usage') as foreign from pg_namespace where nspname = $1`,
    [schema],
  )
  return (rows[0] as { readonly foreign: boolean } | undefined)?.foreign === true
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
