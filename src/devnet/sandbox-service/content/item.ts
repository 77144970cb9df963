/** What a generated list is: items that can be made one by one, in any order, from their index alone. */
import type { JsonObject } from '../../../lib/canonical-json.js'

/** One item as the service sends it. `id` is its first member; an id of digits only is sent as a JSON number. */
export interface Item extends JsonObject {
  readonly id: string
}

/** A list that exists only as a rule. */
export interface Generated {
  /** How many items the list begins with; indexes from here on are for items added later. */
  readonly size: number
  /** The item of an index. Only indexes below `size` can be broken on purpose. */
  at(index: number): Item
  /** The index of an id this list could have made. */
  indexOf(id: string): number | undefined
  /** The member that an edit sets to the time of the edit, where the service tells it. */
  readonly touched?: string
}

/** How an index differs from its ordinary neighbours. */
export type Oddity = 'broken' | 'skipped' | 'plain'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2016, 0, 4)
const DAYS = 3_600

/** A time that grows with the index: `size` items spread over ten years, each at its own minute. */
export function timeOf(index: number, size: number, minutes: number): Date {
  const step = (DAYS * DAY_MS) / Math.max(size, 1)
  return new Date(Math.floor(FIRST_DAY + index * step + Math.min(minutes * 60_000, step * 0.9)))
}

/** `prefix` and the index in decimal, padded so that ids sort as their indexes do. */
export const idAt = (prefix: string, index: number): string => `${prefix}${String(index).padStart(7, '0')}`

/** The index in an id that `idAt` made. */
export function indexIn(prefix: string, id: string): number | undefined {
  const digits = id.startsWith(prefix) ? id.slice(prefix.length) : ''
  return /^\d{7,}$/.test(digits) ? Number(digits) : undefined
}
