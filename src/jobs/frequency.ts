/** How often a connector syncs: hourly, daily, weekly, `every N minutes`, or a cron expression in UTC. Pure; reads no clock. */
import { NodeError } from '../errors.js'
import { nextCronTime, parseCron, shortestGapMinutes, type Cron } from './cron.js'

export type Frequency =
  { readonly kind: 'interval'; readonly everyMs: number } | { readonly kind: 'cron'; readonly cron: Cron }

const MINUTE_MS = 60_000
const NAMED: Readonly<Record<string, number>> = {
  hourly: 60 * MINUTE_MS,
  daily: 24 * 60 * MINUTE_MS,
  weekly: 7 * 24 * 60 * MINUTE_MS,
}

export const LEAST_MINUTES = 5
/** About a month; rarer than that is a cron expression. */
const MOST_MINUTES = 44_640

/** One of each form, for the catalog. */
export const FREQUENCY_EXAMPLES: readonly string[] = [
  'hourly',
  'daily',
  'weekly',
  'every 15 minutes',
  '0 6 * * 1-5',
]

/** @throws NodeError REQUEST_INVALID with the field `sync_frequency` */
export function parseFrequency(text: string): Frequency {
  const plain = text.trim().toLowerCase()
  const named = Object.hasOwn(NAMED, plain) ? NAMED[plain] : undefined
  if (named !== undefined) return { kind: 'interval', everyMs: named }
  const every = /^every (\d{1,6}) minutes?$/.exec(plain)
  if (every !== null) return interval(Number(every[1]))
  const cron = parseCron(plain)
  if (typeof cron === 'string') {
    const forms = 'use hourly, daily, weekly, "every N minutes" or a cron expression of five fields (UTC)'
    throw refused(plain.includes(' ') ? `${cron}; ${forms}` : forms)
  }
  // Any start will do: the calendar holds all its days within the time that is searched.
  if (nextCronTime(cron, 0) === undefined) throw refused('this cron expression never fires')
  if (shortestGapMinutes(cron) < LEAST_MINUTES) throw tooOften()
  return { kind: 'cron', cron }
}

function interval(minutes: number): Frequency {
  if (minutes < LEAST_MINUTES) throw tooOften()
  if (minutes > MOST_MINUTES) throw refused(`at most every ${MOST_MINUTES} minutes`)
  return { kind: 'interval', everyMs: minutes * MINUTE_MS }
}

const tooOften = (): NodeError => refused(`at least ${LEAST_MINUTES} minutes apart`)

const refused = (message: string): NodeError =>
  new NodeError('REQUEST_INVALID', { fields: [{ path: 'sync_frequency', message }] })

/** The least time between two runs. @throws NodeError REQUEST_INVALID */
export function shortestGapMs(frequency: string): number {
  const parsed = parseFrequency(frequency)
  return parsed.kind === 'interval' ? parsed.everyMs : shortestGapMinutes(parsed.cron) * MINUTE_MS
}

/**
 * The first time after `afterMs`: one interval later, or the next time that the cron expression names.
 * @throws NodeError REQUEST_INVALID
 */
export function nextRun(frequency: string, afterMs: number): number {
  return nextRunAfter(frequency, afterMs, afterMs)
}

/**
 * The first time after now for a run that was due at `dueMs`. An interval keeps its phase, so that connectors stay
 * spread over time; all times missed in between count as the one that runs now. A due time far ahead (the clock was put
 * back) comes nearer in the same way.
 * @throws NodeError REQUEST_INVALID
 */
export function nextRunAfter(frequency: string, dueMs: number, nowMs: number): number {
  const parsed = parseFrequency(frequency)
  if (parsed.kind === 'interval') {
    const passed = Math.floor((nowMs - dueMs) / parsed.everyMs)
    return dueMs + (passed + 1) * parsed.everyMs
  }
  const next = nextCronTime(parsed.cron, nowMs)
  if (next === undefined) throw refused('this cron expression never fires')
  return next
}
