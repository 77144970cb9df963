/** Times and people of an event, in the form of its schema. */
import { z } from '../../src/provider/index.js'
import type { Event, Person, When } from './calendar-api.js'
import { offsetAt, offsetOfDay } from './time-zone.js'

type Zoned = Pick<Event, 'calendarTimeZone'>

/** A whole day begins at midnight in the time zone of its calendar, in which the person sees it. */
export function moment(when: When | null | undefined, { calendarTimeZone }: Zoned) {
  if (when?.dateTime) return { dateTime: when.dateTime, timezone: offsetOf(when.dateTime, when.timeZone) }
  if (!when?.date) return undefined
  const offset = offsetOfDay(calendarTimeZone, when.date)
  return { dateTime: `${when.date}T00:00:00${offset ?? ''}`, timezone: offset }
}

/** The zone's offset at that moment; where no zone is named, the one that the time itself has. */
function offsetOf(dateTime: string, zone: string | null | undefined): string | undefined {
  const own = /([+-]\d\d:\d\d)$/.exec(dateTime)?.[1]
  return offsetAt(zone, Date.parse(dateTime)) ?? own ?? (/z$/i.test(dateTime) ? '+00:00' : undefined)
}

/** When an event takes place stands for when it was made, where Google does not say: it does not move with the clock. */
export function timeOf(when: When | null | undefined, zoned: Zoned): string {
  const ms = Date.parse(moment(when, zoned)?.dateTime ?? '')
  return new Date(Number.isNaN(ms) ? 0 : ms).toISOString()
}

/** By the schema a person is an address: somebody without one stays in the raw event only. */
export function personOf(person: Person | null | undefined) {
  const email = z.email().safeParse(person?.email)
  return email.success ? { email: email.data, displayName: person?.displayName ?? undefined } : undefined
}
