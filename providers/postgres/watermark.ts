/** The kinds of columns that can be a watermark, and what settles their values. */
import { refused } from './failures.js'
import { shown } from './names.js'
import type { Source } from './source.js'
import { TIMESTAMP, TIMESTAMPTZ } from './values.js'

export interface WatermarkForm {
  /** Which clock the values are of: none of whole numbers. */
  readonly clock?: 'universal' | 'local'
  /** The condition of values that get no new neighbour before them, with the time until which they are shown. */
  readonly held?: (time: string) => string
  /** The lowest value of a backfill window. */
  readonly since?: (ms: number) => string
  /** Of whole numbers: how far behind the highest one others may yet come. */
  readonly step?: bigint
}

const DATE = 1082
const WHOLE = [20, 21, 23]
const DAY_MS = 86_400_000
/** Numbers that sequences gave to transactions which are still open. */
const STEP = 1_000n

const isoOf = (ms: number): string => new Date(ms).toISOString()

/** @throws NodeError REQUEST_INVALID: a column of another kind */
export function formOf({ columns, collection }: Source, name: string): WatermarkForm {
  const type = columns.find((one) => one.name === name)?.type ?? 0
  if (type === TIMESTAMPTZ)
    return { clock: 'universal', held: (time) => `<= ${time}::timestamptz`, since: isoOf }
  // Nobody knows of which zone it is.
  if (type === TIMESTAMP)
    return { clock: 'local', held: (time) => `<= ${time}::timestamp`, since: (ms) => isoOf(ms - DAY_MS) }
  // More rows of a day come until it is over.
  if (type === DATE)
    return { clock: 'local', held: (time) => `< ${time}::timestamp::date`, since: (ms) => isoOf(ms - DAY_MS) }
  if (WHOLE.includes(type)) return { step: STEP }
  throw refused('watermark', `${shown(name)} of ${collection} is no time, date or whole number`)
}
