/** What the Calendar API v3 answers, each field that we read. https://developers.google.com/workspace/calendar/api/v3/reference */
import { NodeError, readAnswer, z, type HttpQuery, type ProviderHttp } from '../../src/provider/index.js'

export const CALENDAR_API = 'https://www.googleapis.com/calendar/v3'
export const CALENDAR_LIST = `${CALENDAR_API}/users/me/calendarList`

const id = z.string().min(1)
const text = z.string().nullish()

/** A page of any list that has sync tokens: a token of the next page, or on the last page one of the next run. */
const syncedPage = z.object({
  items: z.array(z.unknown()),
  timeZone: z.string().optional(),
  nextPageToken: z.string().optional(),
  nextSyncToken: z.string().optional(),
})

/** https://developers.google.com/workspace/calendar/api/v3/reference/calendarList#resource */
export const calendar = z.looseObject({
  id,
  summary: text,
  summaryOverride: text,
  description: text,
  location: text,
  timeZone: text,
  accessRole: text,
  primary: z.boolean().nullish(),
})

export type Calendar = z.output<typeof calendar>

/** A calendar that left the list. */
export const goneCalendar = z.object({ id, deleted: z.literal(true) })

const person = z.looseObject({ email: text, displayName: text })

/** A day, or a moment with its offset and mostly a zone. */
const when = z.looseObject({ date: text, dateTime: text, timeZone: text })

const eventId = z.looseObject({ id, status: text, recurringEventId: text })

/**
 * https://developers.google.com/workspace/calendar/api/v3/reference/events#resource. `calendarId` and
 * `calendarTimeZone` are added by us: an event does not name its calendar, and a day has no zone of its own.
 */
export const event = eventId.extend({
  calendarId: id,
  calendarTimeZone: text,
  summary: text,
  description: text,
  location: text,
  htmlLink: text,
  created: z.iso.datetime({ offset: true }).nullish(),
  updated: z.iso.datetime({ offset: true }).nullish(),
  start: when.nullish(),
  end: when.nullish(),
  originalStartTime: when.nullish(),
  creator: person.nullish(),
  organizer: person.nullish(),
  attendees: z.array(person).nullish(),
  conferenceData: z.record(z.string(), z.json()).nullish(),
  attachments: z.array(z.looseObject({ fileUrl: text, title: text, mimeType: text, fileId: text })).nullish(),
})
export type Event = z.output<typeof event>
export type When = z.output<typeof when>
export type Person = z.output<typeof person>

/** Of a cancelled event nothing but its id is sure to be there. */
export const cancelledEvent = eventId.extend({ status: z.literal('cancelled') })

interface SyncedList {
  readonly items: readonly unknown[]
  /** Of the calendar, in lists of events. */
  readonly timeZone: string | undefined
  /** Of the next page, or on the last page of the changes of the next run. */
  readonly next: string | undefined
  readonly token: string | undefined
}

/** One page of a synced list. Pages after the first are asked for with the same sync token. https://developers.google.com/workspace/calendar/api/guides/sync */
export async function syncedList(http: ProviderHttp, url: string, query: HttpQuery): Promise<SyncedList> {
  const { items, timeZone, nextPageToken, nextSyncToken } = readAnswer(
    syncedPage,
    await http.get(url, { query }),
  )
  return { items, timeZone, next: nextPageToken, token: nextSyncToken }
}

const MAX_PAGES = 40

/** Calendars whose events may be read; those that show busy times only have none to copy. */
export async function readableCalendars(http: ProviderHttp): Promise<readonly Calendar[]> {
  const calendars: Calendar[] = []
  let pageToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { minAccessRole: 'reader', showHidden: true, maxResults: 250, pageToken }
    const list = await syncedList(http, CALENDAR_LIST, query)
    // One that cannot be read is set aside by the calendars stream; here it has no events.
    calendars.push(...list.items.flatMap((row) => calendar.safeParse(row).data ?? []))
    pageToken = list.next
    if (pageToken === undefined) return calendars
  }
  throw new NodeError('PROVIDER_CHANGED', { detail: 'the list of calendars does not end' })
}

export const eventsAddress = (calendarId: string): string =>
  `${CALENDAR_API}/calendars/${encodeURIComponent(calendarId)}/events`
