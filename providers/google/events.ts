/** Events: one list per calendar, series as series; each ends with a sync token that asks for changes next time. */
import {
  defineStream,
  excerpt,
  syncToken,
  z,
  type HttpQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import {
  cancelledEvent,
  event,
  eventsAddress,
  readableCalendars,
  syncedList,
  type Event,
} from './calendar-api.js'
import { moment, personOf, timeOf } from './event-parts.js'
import { CALENDARS, EVENTS } from './scopes.js'
import { place, placeAt, windowOf } from './window.js'

export const events = defineStream({
  name: 'events',
  label: 'Events',
  schema: 'social/event',
  scopes: [CALENDARS, EVENTS],
  item: event,
  deletes: 'feed',

  partitions: async (http) => (await readableCalendars(http)).map(({ id }) => id),

  ...syncToken({
    token: place,
    async full(http, { page }, { partition, sinceMs }) {
      const timeMin = windowOf(page, sinceMs)
      const list = await eventsPage(http, partition, { timeMin, pageToken: page?.at })
      return { ...list, next: placeAt(list.next, timeMin), token: placeAt(list.token) }
    },
    async changes(http, { token, page }, { partition }) {
      const list = await eventsPage(http, partition, { syncToken: token.at, pageToken: page?.at })
      return { ...list, next: placeAt(list.next), token: placeAt(list.token) }
    },
  }),

  map(item) {
    const start = item.start ?? item.originalStartTime
    const insertedAt = item.created ?? timeOf(start, item)
    return {
      sourceId: sourceId(item.calendarId, item.id),
      insertedAt,
      modifiedAt: item.updated ?? insertedAt,
      fields: fieldsOf(item, start),
    }
  },
})

async function eventsPage(http: ProviderHttp, calendarId: string, tokens: HttpQuery) {
  const query = { singleEvents: false, maxResults: 250, ...tokens }
  const { items, timeZone, ...after } = await syncedList(http, eventsAddress(calendarId), query)
  const gone = items.flatMap((row) => goneId(row) ?? [])
  const kept = items.filter((row) => goneId(row) === undefined)
  return {
    items: kept.map((row) => inCalendar(row, calendarId, timeZone)),
    // The same event stands in the calendar of everybody who was invited, under one id.
    deletedIds: gone.map((id) => sourceId(calendarId, id)),
    ...after,
  }
}

const sourceId = (calendarId: string, eventId: string): string => `${calendarId}/${eventId}`

/**
 * A cancelled event was deleted. A cancelled date of a series is not: it says that the series leaves it out, and is to
 * be kept as long as the series. https://developers.google.com/workspace/calendar/api/v3/reference/events#status
 */
function goneId(row: unknown): string | undefined {
  const { data } = cancelledEvent.safeParse(row)
  return data?.recurringEventId ? undefined : data?.id
}

const object = z.record(z.string(), z.unknown())

function inCalendar(row: unknown, calendarId: string, calendarTimeZone: string | undefined): unknown {
  const read = object.safeParse(row)
  return read.success ? { ...read.data, calendarId, calendarTimeZone } : row
}

function fieldsOf(item: Event, start: Event['start']) {
  return {
    name: item.summary ?? 'Untitled event',
    summary: excerpt(item.description, 256),
    status: item.status ?? undefined,
    calendarId: item.calendarId,
    uri: item.htmlLink ?? undefined,
    location: item.location ?? undefined,
    creator: personOf(item.creator),
    organizer: personOf(item.organizer),
    start: moment(start, item),
    end: moment(item.end, item),
    attendees: item.attendees?.flatMap((one) => personOf(one) ?? []),
    conferenceData: item.conferenceData ?? undefined,
    attachments: item.attachments?.map(({ fileUrl, title, mimeType, fileId }) => ({
      fileUrl: fileUrl ?? undefined,
      title: title ?? undefined,
      mimeType: mimeType ?? undefined,
      fileId: fileId ?? undefined,
    })),
  }
}
