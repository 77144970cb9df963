/** What pg-boss has no call for: the only statements of ours on its tables (its version is pinned). They only read. */
import type { RunSql } from '../store/index.js'
import { DEAD_QUEUE, type QueueName } from './boss.js'
import type { SyncTrigger } from './ports.js'
import { queueFault } from './queue-fault.js'

/** What the job of a sync carries. */
export interface JobContent {
  readonly connectorId: string
  readonly tenant: string
  readonly trigger: SyncTrigger
  readonly confirmDeletes?: boolean
  /** The only ones that are wanted; missing: all. */
  readonly streams?: readonly string[]
  /** Of a dead letter that was given up while it could have been tried again, and at which try. */
  readonly errorCode?: string
  readonly attempts?: number
}

export interface LiveJob {
  readonly id: string
  readonly state: 'created' | 'retry' | 'active'
}

/** A sync that was given up; the next one of its connector runs all the same. */
export interface DeadLetter {
  readonly id: string
  readonly connectorId: string
  readonly tenant: string
  readonly trigger: SyncTrigger
  /** INTERRUPTED when its process died. */
  readonly errorCode: string
  readonly atMs: number
}

export interface JobStats {
  readonly waiting: number
  readonly retrying: number
  readonly running: number
  readonly dead: number
}

export interface JobRows {
  /** The one that is not over. */
  live(key: string): Promise<LiveJob | undefined>
  /** Those of the given jobs that are running, or all. */
  active(ids?: readonly string[]): Promise<readonly string[]>
  /** The keys among these whose live job wants some streams only. */
  narrow(keys: readonly string[]): Promise<ReadonlySet<string>>
  stats(): Promise<JobStats>
  dead(query: { readonly tenant?: string; readonly limit: number }): Promise<readonly DeadLetter[]>
}

/** The partial index of the exclusive policy serves it. */
const liveIn = (queue: QueueName): string =>
  `name = '${queue}' and policy = 'exclusive' and state <= 'active'`

interface DeadRow {
  readonly id: string
  readonly data: JobContent
  readonly output: { readonly code?: string } | null
  readonly atMs: number
}

export function jobRows(run: RunSql, schema: string, queue: QueueName): JobRows {
  const jobs = `${schema}.job`
  const live = liveIn(queue)
  async function query<T>(text: string, values?: readonly unknown[]): Promise<readonly T[]> {
    try {
      return (await run(text, values)).rows as T[]
    } catch (error) {
      throw queueFault(error)
    }
  }
  return {
    async live(forKey) {
      const key = `coalesce(singleton_key, '') = $1`
      const rows = await query<LiveJob>(`select id, state from ${jobs} where ${live} and ${key}`, [forKey])
      return rows[0]
    },
    async active(ids) {
      const all = `select id from ${jobs} where ${live} and state = 'active'`
      const rows = await (ids === undefined
        ? query<{ id: string }>(all)
        : query<{ id: string }>(`${all} and id = any($1::uuid[])`, [[...ids]]))
      return rows.map(({ id }) => id)
    },
    async narrow(keys) {
      if (keys.length === 0) return new Set()
      const rows = await query<{ key: string }>(
        `select singleton_key as key from ${jobs}
         where ${live} and jsonb_exists(data, 'streams') and coalesce(singleton_key, '') = any($1::text[])`,
        [[...keys]],
      )
      return new Set(rows.map(({ key }) => key))
    },
    async stats() {
      const counts = await query<{ state: string; count: number }>(
        `select state::text as state, count(*)::int as count from ${jobs} where ${live} group by state
         union all select 'dead', count(*)::int from ${jobs} where name = '${DEAD_QUEUE}' and state = 'created'`,
      )
      const of = (state: string): number => counts.find((row) => row.state === state)?.count ?? 0
      return { waiting: of('created'), retrying: of('retry'), running: of('active'), dead: of('dead') }
    },
    async dead({ tenant, limit }) {
      const rows = await query<DeadRow>(
        `select id, data, output, (extract(epoch from created_on) * 1000)::float8 as "atMs" from ${jobs}
         where name = '${DEAD_QUEUE}' and state = 'created' and ($1::text is null or group_id = $1)
         order by created_on desc, id limit $2`,
        [tenant ?? null, limit],
      )
      return rows.map(({ id, data, output, atMs }) => ({
        id,
        connectorId: data.connectorId,
        tenant: data.tenant,
        trigger: data.trigger,
        errorCode: data.errorCode ?? output?.code ?? 'INTERRUPTED',
        atMs: Math.floor(atMs),
      }))
    },
  }
}
