/** A queue as the rest of this folder uses it: jobs go in, are taken, and come to an end. Errors are NodeErrors. */
import { randomUUID } from 'node:crypto'
import type { Db, JobWithMetadata } from 'pg-boss'
import type { ErrorCode } from '../errors.js'
import { rawSqlIn, type ScopedTx, type Store } from '../store/index.js'
import { bossDatabase, type OpenBoss, type QueueName } from './boss.js'
import { jobRows, type JobRows } from './job-rows.js'
import { queueFault } from './queue-fault.js'

/** What tells the jobs of one queue from those of another. */
export interface QueueShape<C extends object> {
  readonly name: QueueName
  /** Where jobs go that are given up. */
  readonly dead: QueueName
  /** One live job per key. */
  readonly keyOf: (content: C) => string
  /** So many of a group are taken at once, over all processes. */
  readonly groupOf: (content: C) => string
  /** Higher is sooner. */
  readonly priorityOf: (content: C) => number
}

export interface TakenJob<C extends object> {
  readonly id: string
  readonly content: C
  /** 1 for the first. */
  readonly attempt: number
  readonly isLastAttempt: boolean
}

export interface JobQueue<C extends object> {
  readonly rows: JobRows
  readonly keyOf: (content: C) => string
  /** The new job's id; `undefined` when its key has a live job. */
  add(content: C): Promise<string | undefined>
  /** Leaves out those that have a live job; gives the keys whose job was put in. */
  addAll(contents: readonly C[]): Promise<ReadonlySet<string>>
  /** The same in a transaction of the caller's. */
  addAllIn(tx: ScopedTx, contents: readonly C[]): Promise<ReadonlySet<string>>
  /** Gives a waiting job another content, made of its own, and makes it the next one if asked to. `false`: it runs or is over. */
  change(jobId: string, make: (waiting: C) => C, options?: { readonly hurry?: boolean }): Promise<boolean>
  cancel(jobId: string): Promise<void>
  /** At most `most`, never more of one group than may run at once over all processes. */
  take(most: number, perGroup: number): Promise<readonly TakenJob<C>[]>
  /** Tells that these jobs are being worked on; gives how many of them still are ours. */
  touch(jobIds: readonly string[]): Promise<number>
  /** With the code of what went wrong, when it is over all the same. */
  complete(job: TakenJob<C>, errorCode?: ErrorCode): Promise<void>
  /** Tries it again later, or gives it up after its last attempt. */
  retry(job: TakenJob<C>, errorCode: ErrorCode, retryAfterMs?: number): Promise<void>
  /** Gives it up now. */
  bury(job: TakenJob<C>, errorCode: ErrorCode): Promise<void>
  /** Gives it back as if it had not been taken; later: not to be taken before. */
  giveBack(job: TakenJob<C>, laterMs?: number): Promise<void>
  /** Makes running jobs of a process that is surely dead the next ones; counts as a try. */
  recover(jobIds: readonly string[]): Promise<void>
}

/** Any text: lets one process at a time take jobs, so that no group gets more than its places. */
const TAKE_LOCK = 'connector-node take jobs'
const HURRIED = 10

export function jobQueue<C extends object>(
  store: Store,
  { boss, schema }: OpenBoss,
  shape: QueueShape<C>,
): JobQueue<C> {
  const { name, dead } = shape
  const address = (content: C) => ({
    singletonKey: shape.keyOf(content),
    group: { id: shape.groupOf(content) },
    priority: shape.priorityOf(content),
  })
  async function insert(contents: readonly C[], db?: Db): Promise<ReadonlySet<string>> {
    const jobs = contents.map((data) => ({ id: randomUUID(), data, ...address(data) }))
    const ids = new Set(await asked(boss.insert(name, jobs, { returnId: true, ...(db && { db }) })))
    return new Set(jobs.filter(({ id }) => ids.has(id)).map(({ data }) => shape.keyOf(data)))
  }
  const inTransaction = <T>(work: (db: Db) => Promise<T>): Promise<T> =>
    store.transaction((tx) => work(bossDatabase(rawSqlIn(tx))))

  return {
    rows: jobRows(store.raw, schema, name),
    keyOf: shape.keyOf,
    add: async (content) => (await asked(boss.send(name, content, address(content)))) ?? undefined,
    addAll: (contents) => insert(contents),
    addAllIn: (tx, contents) => insert(contents, bossDatabase(rawSqlIn(tx))),
    change: (id, make, { hurry = false } = {}) =>
      inTransaction(async (db) => {
        // Two who add to it at once must not undo each other.
        const text = `select data from ${schema}.job where name = $1 and id = $2 and state < 'active' for update`
        const { rows } = await db.executeSql(text, [name, id])
        const [waiting] = rows as { readonly data: C }[]
        if (waiting === undefined) return false
        const next = { startAfter: 0, priority: HURRIED }
        const { updated } = await boss.update(name, make(waiting.data), { id, ...(hurry && next), db })
        return updated > 0
      }),
    async cancel(id) {
      await asked(boss.cancel(name, id))
    },
    take: (most, perGroup) =>
      inTransaction(async (db) => {
        const lock = `select pg_advisory_xact_lock(hashtextextended($1, 0))`
        await db.executeSql(lock, [`${TAKE_LOCK} ${schema} ${name}`])
        const options = { db, batchSize: most, groupConcurrency: perGroup, includeMetadata: true } as const
        return (await boss.fetch<C>(name, options)).map(taken)
      }),
    touch: async (ids) => countOf(await asked(boss.touch(name, [...ids]))),
    async complete({ id }, code) {
      await asked(boss.complete(name, id, code === undefined ? null : { code }))
    },
    async retry({ id }, code, retryAfterMs = 0) {
      await inTransaction(async (db) => {
        // Only the code: errors may carry what a table must not hold.
        await boss.fail(name, id, { code }, { db })
        if (retryAfterMs === 0) return
        const startAfter = Math.ceil(retryAfterMs / 1_000)
        await boss.update(name, undefined, { id, startAfter, db })
      })
    },
    bury: (job, errorCode) =>
      inTransaction(async (db) => {
        const output = { code: errorCode }
        if (countOf(await boss.complete(name, job.id, output, { db })) === 0) return
        const { content, attempt: attempts } = job
        await boss.send(dead, { ...content, errorCode, attempts }, { ...address(content), db })
      }),
    giveBack: (job, laterMs = 0) =>
      inTransaction(async (db) => {
        // None: it was cancelled, or is another's by now.
        if (countOf(await boss.complete(name, job.id, null, { db })) === 0) return
        const startAfter = Math.ceil(laterMs / 1_000)
        await boss.send(name, job.content, { ...address(job.content), startAfter, db })
      }),
    recover: (ids) =>
      inTransaction(async (db) => {
        if (ids.length === 0) return
        await boss.fail(name, [...ids], { code: 'INTERRUPTED' satisfies ErrorCode }, { db })
        for (const id of ids) await boss.update(name, undefined, { id, startAfter: 0, db })
      }),
  }
}

/** How many jobs a command reached; pg-boss's types leave the number out. */
const countOf = (answer: object): number => (answer as { readonly affected: number }).affected

const taken = <C extends object>(job: JobWithMetadata<C>): TakenJob<C> => ({
  id: job.id,
  content: job.data,
  attempt: job.retryCount + 1,
  isLastAttempt: job.retryCount >= job.retryLimit,
})

async function asked<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw queueFault(error)
  })
}
