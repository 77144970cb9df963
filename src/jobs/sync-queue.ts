/** The queue of syncs as the rest of this folder uses it: jobs go in, are taken, and come to an end. Errors are NodeErrors. */
import { randomUUID } from 'node:crypto'
import type { Db, JobWithMetadata } from 'pg-boss'
import type { ErrorCode } from '../errors.js'
import { rawSqlIn, storeFault, type Store } from '../store/index.js'
import { bossDatabase, DEAD_QUEUE, SYNC_QUEUE, type OpenBoss } from './boss.js'
import { jobRows, type JobContent, type JobRows } from './job-rows.js'

export interface TakenJob extends JobContent {
  readonly id: string
  /** 1 for the first. */
  readonly attempt: number
  readonly isLastAttempt: boolean
}

export interface SyncQueue {
  readonly rows: JobRows
  /** The new job's id; `undefined` when the connector has a live job. */
  add(content: JobContent): Promise<string | undefined>
  /** Leaves out those that have a live job; gives the connectors whose job was put in. */
  addAll(contents: readonly JobContent[]): Promise<ReadonlySet<string>>
  /** Makes a waiting job the next one of its queue; nothing happens when it runs or is over. */
  hurry(jobId: string): Promise<void>
  cancel(jobId: string): Promise<void>
  /** At most `most`, never more of one tenant than may run at once over all processes. */
  take(most: number, perTenant: number): Promise<readonly TakenJob[]>
  /** Tells that these jobs are being worked on; gives how many of them still are ours. */
  touch(jobIds: readonly string[]): Promise<number>
  complete(job: TakenJob): Promise<void>
  /** Tries it again later, or gives it up after its last attempt. */
  retry(job: TakenJob, errorCode: ErrorCode, retryAfterMs?: number): Promise<void>
  /** Gives it up now. */
  bury(job: TakenJob, errorCode: ErrorCode): Promise<void>
  /** Gives it back as if it had not been taken. */
  giveBack(job: TakenJob): Promise<void>
  /** Makes running jobs of a process that is surely dead the next ones; counts as a try. */
  recover(jobIds: readonly string[]): Promise<void>
}

/** Somebody waits for those. */
const PRIORITY = { request: 10, schedule: 0 } as const
/** Any text: lets one process at a time take jobs, so that no tenant gets more than its places. */
const TAKE_LOCK = 'connector-node take jobs'

export function syncQueue(store: Store, { boss, schema }: OpenBoss): SyncQueue {
  const inTransaction = <T>(work: (db: Db) => Promise<T>): Promise<T> =>
    store.transaction((tx) => work(bossDatabase(rawSqlIn(tx))))

  return {
    rows: jobRows(store.raw, schema),
    add: async (content) => (await asked(boss.send(SYNC_QUEUE, content, addressed(content)))) ?? undefined,
    async addAll(contents) {
      const jobs = contents.map((data) => ({ id: randomUUID(), data, ...addressed(data) }))
      const ids = new Set(await asked(boss.insert(SYNC_QUEUE, jobs, { returnId: true })))
      return new Set(jobs.filter(({ id }) => ids.has(id)).map(({ data }) => data.connectorId))
    },
    async hurry(id) {
      const options = { id, startAfter: 0, priority: PRIORITY.request }
      await asked(boss.update(SYNC_QUEUE, undefined, options))
    },
    async cancel(id) {
      await asked(boss.cancel(SYNC_QUEUE, id))
    },
    take: (most, perTenant) =>
      inTransaction(async (db) => {
        const lock = `select pg_advisory_xact_lock(hashtextextended($1, 0))`
        await db.executeSql(lock, [`${TAKE_LOCK} ${schema}`])
        const options = { db, batchSize: most, groupConcurrency: perTenant, includeMetadata: true } as const
        return (await boss.fetch<JobContent>(SYNC_QUEUE, options)).map(taken)
      }),
    touch: async (ids) => countOf(await asked(boss.touch(SYNC_QUEUE, [...ids]))),
    async complete({ id }) {
      await asked(boss.complete(SYNC_QUEUE, id))
    },
    async retry({ id }, code, retryAfterMs = 0) {
      await inTransaction(async (db) => {
        // Only the code: errors may carry what a table must not hold.
        await boss.fail(SYNC_QUEUE, id, { code }, { db })
        if (retryAfterMs === 0) return
        const startAfter = Math.ceil(retryAfterMs / 1_000)
        await boss.update(SYNC_QUEUE, undefined, { id, startAfter, db })
      })
    },
    bury: (job, errorCode) =>
      inTransaction(async (db) => {
        const output = { code: errorCode }
        if (countOf(await boss.complete(SYNC_QUEUE, job.id, output, { db })) === 0) return
        const content = contentOf(job)
        await boss.send(DEAD_QUEUE, { ...content, errorCode }, { ...addressed(content), db })
      }),
    giveBack: (job) =>
      inTransaction(async (db) => {
        // None: it was cancelled, or is another's by now.
        if (countOf(await boss.complete(SYNC_QUEUE, job.id, null, { db })) === 0) return
        const content = contentOf(job)
        await boss.send(SYNC_QUEUE, content, { ...addressed(content), db })
      }),
    recover: (ids) =>
      inTransaction(async (db) => {
        if (ids.length === 0) return
        await boss.fail(SYNC_QUEUE, [...ids], { code: 'INTERRUPTED' satisfies ErrorCode }, { db })
        for (const id of ids) await boss.update(SYNC_QUEUE, undefined, { id, startAfter: 0, db })
      }),
  }
}

/** How many jobs a command reached; pg-boss's types leave the number out. */
const countOf = (answer: object): number => (answer as { readonly affected: number }).affected

const addressed = ({ connectorId, tenant, trigger }: JobContent) => ({
  singletonKey: connectorId,
  group: { id: tenant },
  priority: PRIORITY[trigger],
})

const contentOf = ({ connectorId, tenant, trigger }: JobContent): JobContent => ({
  connectorId,
  tenant,
  trigger,
})

const taken = (job: JobWithMetadata<JobContent>): TakenJob => ({
  ...job.data,
  id: job.id,
  attempt: job.retryCount + 1,
  isLastAttempt: job.retryCount >= job.retryLimit,
})

async function asked<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw storeFault(error)
  })
}
