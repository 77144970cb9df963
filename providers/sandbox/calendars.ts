/** Calendars: a short list in one answer; the containers of the events stream, kept as records of their own too. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { calendar, calendarList } from './api.js'
import { settings } from './settings.js'

export const calendars = defineStream({
  name: 'calendars',
  label: 'Calendars',
  settings,
  schema: 'social/calendar',
  scopes: ['calendar'],
  cursor: z.null(),
  item: calendar,
  deletes: 'scan',
  incremental: false,
  paged: false, // The suite then expects one page, and otherwise at least two.

  async fetchPage(http, _cursor, { settings }) {
    const answer = await http.get(`${settings.origin}/api/calendars`)
    return { items: readAnswer(calendarList, answer).calendars, cursor: null, more: false }
  },

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.createdAt,
    fields: {
      name: item.name,
      summary: excerpt(item.description, 256),
      timezone: item.timezone,
      location: item.location ?? undefined,
    },
  }),
})
