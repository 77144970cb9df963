/** Events: one list per calendar, so the stream has partitions; each ends with a sync token that asks for changes next time. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { calendar, calendarList, deletion, event, eventsPage, type Guest, type When } from './api.js'
import { settings } from './settings.js'

export const events = defineStream({
  name: 'events',
  label: 'Events',
  settings,
  schema: 'social/event',
  scopes: ['calendar'],
  // Exactly the parameter of the next call. A token that is too old is answered with 410: the provider's `classify`
  // turns it into CURSOR_EXPIRED, and the node reads this calendar anew.
  cursor: z.union([z.object({ page: z.string() }), z.object({ syncToken: z.string() })]),
  item: event,
  deletes: 'feed',
  incremental: true,

  /** The node keeps one cursor for each name returned here and hands it back as `partition`. */
  async partitions(http, { settings }) {
    const answer = await http.get(`${settings.origin}/api/calendars`)
    const { calendars } = readAnswer(calendarList, answer)
    // A calendar that cannot be read is set aside by the calendars stream; here it has no events.
    return calendars.flatMap((row) => calendar.safeParse(row).data?.id ?? [])
  },

  async fetchPage(http, cursor, { settings, partition }) {
    const url = `${settings.origin}/api/calendars/${encodeURIComponent(partition)}/events`
    const page = readAnswer(eventsPage, await http.get(url, { query: { ...cursor } }))
    const deletedIds = page.items.flatMap((row) => deletion.safeParse(row).data?.id ?? [])
    const items = page.items.filter((row) => !deletion.safeParse(row).success)
    return 'nextPage' in page
      ? { items, deletedIds, cursor: { page: page.nextPage }, more: true }
      : { items, deletedIds, cursor: { syncToken: page.syncToken }, more: false }
  },

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.createdAt,
    modifiedAt: item.updatedAt ?? item.createdAt,
    fields: {
      name: item.title ?? 'Untitled event',
      summary: excerpt(item.description, 256),
      calendarId: item.calendarId,
      status: item.status,
      start: moment(item.start),
      end: item.end ? moment(item.end) : undefined,
      location: item.location ?? undefined,
      organizer: person(item.organizer),
      attendees: item.attendees.map(person),
      uri: item.url,
    },
  }),
})

/** A whole day begins at midnight of its own time zone. */
function moment(when: When) {
  const dateTime = 'dateTime' in when ? when.dateTime : `${when.date}T00:00:00${when.timezone}`
  return { dateTime, timezone: when.timezone }
}

function person({ email, name }: Guest) {
  return { email, displayName: name ?? undefined }
}
