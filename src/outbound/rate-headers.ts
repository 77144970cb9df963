/** Reads what a service tells of its limit in the headers of every answer. What cannot be read is not believed. */
import type { RateHeaders } from '../provider/index.js'
import { MOST_WAIT_MS } from './retry-after.js'

type Headers = Readonly<Record<string, string>>

export interface ToldLimit {
  /** Requests; 0 when there are none any more. */
  readonly left: number
  /** Until it is counted anew. */
  readonly forMs: number
}

/** What is left and for how long, by the headers; `undefined` when they do not say both. */
export function toldLimit(
  named: RateHeaders | undefined,
  headers: Headers,
  nowMs: number,
): ToldLimit | undefined {
  const left = headers[named?.remaining.toLowerCase() ?? '']?.trim()
  if (left === undefined || !/^-?\d{1,16}(\.\d+)?$/.test(left)) return undefined
  const forMs = resetMs(named, headers, nowMs)
  return forMs === undefined ? undefined : { left: Math.max(0, Math.floor(Number(left))), forMs }
}

/** How long until the limit is counted anew; `undefined` when it cannot be read, or is over already. */
export function resetMs(named: RateHeaders | undefined, headers: Headers, nowMs: number): number | undefined {
  const text = headers[named?.reset.toLowerCase() ?? '']?.trim()
  if (named === undefined || text === undefined) return undefined
  const at = resetAtMs(named.resetForm, text, nowMs)
  return Number.isNaN(at) || at <= nowMs ? undefined : Math.min(Math.ceil(at - nowMs), MOST_WAIT_MS)
}

function resetAtMs(form: RateHeaders['resetForm'], text: string, nowMs: number): number {
  // The parser takes much for dates that is none.
  if (form === 'date') return /^(\d{4}-\d\d-\d\d[T ]|[a-z]{3})/i.test(text) ? Date.parse(text) : NaN
  const number = /^\d{1,16}(\.\d+)?$/.test(text) ? Number(text) : NaN
  if (form === 'seconds') return nowMs + number * 1_000
  return form === 'epoch-s' ? number * 1_000 : number
}
