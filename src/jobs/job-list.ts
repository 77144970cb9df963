/** Jobs as their tenants and the operator may see them, and the second chance of one that was given up. Deliveries have a log of their own and are not listed until they are given up. */
import { NodeError } from '../errors.js'
import { rawSqlIn, type Store } from '../store/index.js'
import {
  bossDatabase,
  DEAD_QUEUE,
  DEAD_TASK_QUEUE,
  SYNC_QUEUE,
  TASK_QUEUE,
  WEBHOOK_QUEUE,
  type OpenBoss,
} from './boss.js'
import { queueFault } from './queue-fault.js'

export type JobState = 'waiting' | 'running' | 'dead'

export interface ListedJob {
  readonly id: string
  readonly tenant: string
  /** `sync`, or a kind of the tasks. */
  readonly kind: string
  readonly connectorId: string | null
  readonly state: JobState
  /** Tries begun. */
  readonly attempts: number
  /** Of the last try that failed; INTERRUPTED when its process died. */
  readonly errorCode: string | null
  /** A waiting one does not run before. */
  readonly notBeforeMs: number
  readonly createdAtMs: number
}

/** One job also when it is over, for as long as the queue remembers it. */
export interface FoundJob extends Omit<ListedJob, 'state'> {
  readonly state: JobState | 'done' | 'failed' | 'cancelled'
}

export interface JobPage {
  /** `undefined`: of all tenants. */
  readonly tenant: string | undefined
  readonly state?: JobState | undefined
  /** Syncs of these connectors only. */
  readonly connectorIds?: readonly string[] | undefined
  /** The last one of the page before. */
  readonly after?: { readonly createdAtMs: number; readonly id: string } | undefined
  readonly limit: number
}

export interface JobList {
  /** Newest first. */
  list(page: JobPage): Promise<readonly ListedJob[]>
  /** A sync of this tenant's. @throws NodeError JOB_UNKNOWN: never there, another tenant's, or forgotten */
  find(id: string, tenant: string): Promise<FoundJob>
  /** Puts a dead one in again; gives its new id. @throws NodeError JOB_UNKNOWN: it is not dead, or another tenant's, or the same work is under way */
  redrive(id: string, tenant: string | undefined): Promise<{ readonly jobId: string }>
}

interface Row extends Omit<ListedJob, 'state' | 'errorCode'> {
  readonly queue: string
  readonly bossState: string
  readonly output: { readonly code?: string } | null
  readonly givenUp: string | null
}

const LISTED = `(
  (name in ('${SYNC_QUEUE}', '${TASK_QUEUE}') and state <= 'active')
  or (name in ('${DEAD_QUEUE}', '${DEAD_TASK_QUEUE}') and state = 'created')
)`
const STATES: Readonly<Record<JobState, string>> = {
  waiting: `name in ('${SYNC_QUEUE}', '${TASK_QUEUE}') and state < 'active'`,
  running: `name in ('${SYNC_QUEUE}', '${TASK_QUEUE}') and state = 'active'`,
  dead: `name in ('${DEAD_QUEUE}', '${DEAD_TASK_QUEUE}')`,
}
const MS = (column: string): string => `floor(extract(epoch from ${column}) * 1000)::float8`
/** pg-boss counts a retry when it begins; a letter tells of the job that it was. */
const TRIES = `case when name in ('${DEAD_QUEUE}', '${DEAD_TASK_QUEUE}')
  then coalesce((data ->> 'attempts')::int, source_retry_count + 1, 0)
  else retry_count + (case when started_on is null then 0 else 1 end) end`
const COLUMNS = `id, name as queue, state::text as "bossState", output, data ->> 'errorCode' as "givenUp",
  data ->> 'tenant' as tenant, coalesce(data ->> 'kind', 'sync') as kind, data ->> 'connectorId' as "connectorId",
  ${TRIES} as attempts, ${MS('start_after')} as "notBeforeMs",
  ${MS('created_on')} as "createdAtMs"`

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function jobList(store: Store, { boss, schema }: OpenBoss): JobList {
  const jobs = `${schema}.job`
  return {
    async list({ tenant, state, connectorIds, after, limit }) {
      const where = state === undefined ? LISTED : `${LISTED} and ${STATES[state]}`
      const text = `select ${COLUMNS} from ${jobs} where ${where}
        and ($1::text is null or data ->> 'tenant' = $1)
        and ($2::float8 is null or (${MS('created_on')}, id) < ($2::float8, $3::uuid))
        and ($5::text[] is null or (data ->> 'connectorId' = any($5::text[]) and data ->> 'kind' is null))
        order by ${MS('created_on')} desc, id desc limit $4`
      const only = connectorIds === undefined ? null : [...connectorIds]
      const values = [tenant ?? null, after?.createdAtMs ?? null, after?.id ?? null, limit, only]
      const { rows } = await store.raw(text, values).catch((error: unknown) => {
        throw queueFault(error)
      })
      return (rows as Row[]).map(shown)
    },
    async find(id, tenant) {
      if (!UUID.test(id)) throw new NodeError('JOB_UNKNOWN')
      const text = `select ${COLUMNS} from ${jobs}
        where id = $1 and name in ('${SYNC_QUEUE}', '${DEAD_QUEUE}') and data ->> 'tenant' = $2`
      const { rows } = await store.raw(text, [id, tenant]).catch((error: unknown) => {
        throw queueFault(error)
      })
      const [row] = rows as Row[]
      if (row === undefined) throw new NodeError('JOB_UNKNOWN')
      return { ...shown(row), state: lastState(row) }
    },
    redrive: (id, tenant) =>
      store.transaction(async (tx) => {
        if (!UUID.test(id)) throw new NodeError('JOB_UNKNOWN')
        const db = bossDatabase(rawSqlIn(tx))
        const { rows } = await db.executeSql(
          `select name as queue, data, singleton_key as key, group_id as "group" from ${jobs}
           where id = $1 and name in ('${DEAD_QUEUE}', '${DEAD_TASK_QUEUE}') and state = 'created'
           and ($2::text is null or data ->> 'tenant' = $2) for update`,
          [id, tenant ?? null],
        )
        const [dead] = rows as DeadRow[]
        if (dead === undefined) throw new NodeError('JOB_UNKNOWN')
        const { errorCode: _, attempts: __, ...content } = dead.data
        const address = { singletonKey: dead.key, group: { id: dead.group }, priority: 10 }
        const jobId = await boss.send(queueOf(dead), content, { ...address, db })
        if (jobId === null)
          throw new NodeError('JOB_UNKNOWN', { detail: 'the same work waits or runs already' })
        await boss.deleteJob(dead.queue, id, { db })
        return { jobId }
      }),
  }
}

function lastState(row: Row): FoundJob['state'] {
  const { queue, bossState, output } = row
  if (queue === DEAD_QUEUE || LIVE.has(bossState)) return shown(row).state
  if (bossState === 'cancelled') return 'cancelled'
  return bossState === 'completed' && output?.code === undefined ? 'done' : 'failed'
}

const LIVE: ReadonlySet<string> = new Set(['created', 'retry', 'active'])

interface DeadRow {
  readonly queue: string
  readonly data: { readonly kind?: string; readonly errorCode?: string; readonly attempts?: number }
  readonly key: string
  readonly group: string
}

function queueOf({ queue, data }: DeadRow): string {
  if (queue === DEAD_QUEUE) return SYNC_QUEUE
  return data.kind === 'webhook' ? WEBHOOK_QUEUE : TASK_QUEUE
}

function shown({ queue, bossState, output, givenUp, ...row }: Row): ListedJob {
  const isDead = queue === DEAD_QUEUE || queue === DEAD_TASK_QUEUE
  return {
    ...row,
    state: isDead ? 'dead' : bossState === 'active' ? 'running' : 'waiting',
    errorCode: isDead ? (givenUp ?? output?.code ?? 'INTERRUPTED') : (output?.code ?? null),
  }
}
