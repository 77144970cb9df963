/** Cron expressions of five fields, in UTC, as cron(5) has them; pure. No seconds, no years, no names of whole schedules. */

export interface Cron {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly daysOfMonth: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** Sunday is 0. */
  readonly daysOfWeek: ReadonlySet<number>
  /** With both day fields restricted, a day that fits either one counts (cron(5)). */
  readonly eitherDay: boolean
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Field {
  readonly label: string
  readonly from: number
  readonly to: number
  readonly names: readonly string[]
}

const FIELDS = [
  { label: 'minute', from: 0, to: 59, names: [] },
  { label: 'hour', from: 0, to: 23, names: [] },
  { label: 'day of the month', from: 1, to: 31, names: [] },
  { label: 'month', from: 1, to: 12, names: MONTHS },
  // 7 is Sunday too.
  { label: 'day of the week', from: 0, to: 7, names: WEEKDAYS },
] as const satisfies readonly Field[]

/** Gives a sentence about what is wrong when it is no cron expression. */
export function parseCron(text: string): Cron | string {
  const parts = text.trim().toLowerCase().split(/\s+/)
  if (parts.length !== FIELDS.length) return `a cron expression has five fields, this one has ${parts.length}`
  const sets: ReadonlySet<number>[] = []
  for (const [index, field] of FIELDS.entries()) {
    const set = parseField(parts[index] ?? '', field)
    if (set === undefined) return `the ${field.label} of the cron expression is not valid`
    sets.push(set)
  }
  const [minutes, hours, daysOfMonth, months, weekdays] = sets as [Set<number>, ...Set<number>[]]
  return {
    minutes: ascending(minutes),
    hours: ascending(hours ?? new Set()),
    daysOfMonth: daysOfMonth ?? new Set(),
    months: months ?? new Set(),
    daysOfWeek: new Set([...(weekdays ?? [])].map((day) => day % 7)),
    eitherDay: !isOpen(parts[2]) && !isOpen(parts[4]),
  }
}

const isOpen = (part: string | undefined): boolean => part?.startsWith('*') === true
const ascending = (set: ReadonlySet<number>): readonly number[] => [...set].sort((a, b) => a - b)

function parseField(text: string, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>()
  for (const item of text.split(',')) {
    const [range = '', step, ...more] = item.split('/')
    if (more.length > 0 || (step !== undefined && !/^\d{1,2}$/.test(step))) return undefined
    const bounds = parseRange(range, field, step !== undefined)
    const by = step === undefined ? 1 : Number(step)
    if (bounds === undefined || by === 0) return undefined
    for (let value = bounds[0]; value <= bounds[1]; value += by) values.add(value)
  }
  return values
}

function parseRange(text: string, field: Field, hasStep: boolean): readonly [number, number] | undefined {
  // `*` among weekdays must not count Sunday twice.
  if (text === '*') return [field.from, field.label === 'day of the week' ? 6 : field.to]
  const [first = '', last, ...more] = text.split('-')
  const from = parseValue(first, field)
  const to = last === undefined ? (hasStep ? field.to : from) : parseValue(last, field)
  if (more.length > 0 || from === undefined || to === undefined || from > to) return undefined
  return [from, to]
}

function parseValue(text: string, field: Field): number | undefined {
  const named = field.names.indexOf(text)
  if (named >= 0) return named + field.from
  if (!/^\d{1,2}$/.test(text)) return undefined
  const value = Number(text)
  return value >= field.from && value <= field.to ? value : undefined
}

const DAY_MS = 86_400_000
/** 29 February may be eight years away (2096 to 2104); no day of the calendar is further. */
const DAYS_AHEAD = 366 * 8 + 31

/** The first time after `afterMs`, or `undefined` when there is none. */
export function nextCronTime(cron: Cron, afterMs: number): number | undefined {
  const today = Math.floor(afterMs / DAY_MS) * DAY_MS
  for (let day = 0; day <= DAYS_AHEAD; day++) {
    const dayMs = today + day * DAY_MS
    if (!fitsDay(cron, new Date(dayMs))) continue
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const time = dayMs + (hour * 60 + minute) * 60_000
        if (time > afterMs) return time
      }
    }
  }
  return undefined
}

function fitsDay(cron: Cron, day: Date): boolean {
  if (!cron.months.has(day.getUTCMonth() + 1)) return false
  const byMonth = cron.daysOfMonth.has(day.getUTCDate())
  const byWeek = cron.daysOfWeek.has(day.getUTCDay())
  return cron.eitherDay ? byMonth || byWeek : byMonth && byWeek
}

/** The shortest time between two of its times on one day or across midnight, in minutes. */
export function shortestGapMinutes(cron: Cron): number {
  const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => hour * 60 + minute))
  const first = times[0] ?? 0
  return Math.min(...times.map((time, index) => (times[index + 1] ?? first + 1440) - time))
}
