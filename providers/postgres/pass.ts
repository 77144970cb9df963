/**
 * A pass over what changed, and the mark where the next one begins. The mark never moves to what may yet have a
 * neighbour: a transaction that is still open may commit a row with an earlier watermark than one that was met.
 */
import { z } from '../../src/provider/index.js'
import { place } from './place.js'
import type { Session } from './session.js'
import type { WatermarkForm } from './watermark.js'

/** `from`: passes read what comes after it, null: everything; `still`: the highest whole number, and when it was met. */
export const mark = z.object({
  from: place.nullable(),
  still: z.object({ value: z.string(), seen: z.string() }).nullable(),
})
export type Mark = z.output<typeof mark>

/**
 * `began`: by the server's clock; `settled`: what changed until here is shown by now; `local`: the same on the clock
 * that is furthest behind; `withoutMark`: whether rows without a watermark are being read; `held`: the last row that
 * will have no new one before it.
 */
export const pass = z.object({
  began: z.string(),
  settled: z.string(),
  local: z.string(),
  withoutMark: z.boolean(),
  held: place.nullable(),
})
export type Pass = z.output<typeof pass>

/** So long a transaction may take where nobody tells that it is open, and so much clocks may differ. */
const OVERLAP = '5 minutes'

/** Other users' transactions show their beginning to members of pg_read_all_stats only. */
const CLOCKS = `
  select
    pg_catalog.to_char(t.began, f.form) || 'Z',
    pg_catalog.to_char(t.settled, f.form) || 'Z',
    pg_catalog.to_char(least(t.settled at time zone 'UTC', t.settled at time zone z.reset_val), f.form)
  from (
    select pg_catalog.clock_timestamp() as began, least(
      pg_catalog.clock_timestamp() - interval '${OVERLAP}',
      (select min(a.xact_start) from pg_catalog.pg_stat_activity a
       where a.datname = pg_catalog.current_database() and a.pid <> pg_catalog.pg_backend_pid())
    ) as settled
  ) t
  cross join (select 'YYYY-MM-DD"T"HH24:MI:SS.US' as form) f
  cross join pg_catalog.pg_settings z
  where z.name = 'TimeZone'`

export async function beginPass(session: Session): Promise<Pass> {
  const { rows } = await session.ask(CLOCKS)
  const [began, settled, local] = rows[0] ?? []
  return { began: began ?? '', settled: settled ?? '', local: local ?? '', withoutMark: false, held: null }
}

/** Where the next pass begins. */
export function endPass(
  { from, still }: Mark,
  { held, began, settled }: Pass,
  { step }: WatermarkForm,
): Mark {
  if (held === null) return { from, still }
  if (step === undefined) return { from: held, still: null }
  const [value = ''] = held
  // Nothing higher came since, and whoever had taken a lower number then has ended.
  if (still?.value === value && still.seen < settled) return { from: held, still }
  return {
    from: [String(BigInt(value) - step)],
    still: still?.value === value ? still : { value, seen: began },
  }
}
