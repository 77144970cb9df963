/** Live reads of calendars and their events: dates of a series one by one, by time. */
import { z, type BrowsedItem, type Container } from '../../src/provider/index.js'
import { browsePage, cursorOf, type BrowsePart } from './browse.js'
import { calendar, CALENDAR_LIST, eventsAddress, syncedList } from './calendar-api.js'

const PRIMARY = 'primary'
const text = z.string().nullish()
const listed = z.looseObject({
  id: z.string().min(1),
  summary: text,
  htmlLink: text,
  created: z.iso.datetime({ offset: true }).nullish().catch(null),
  updated: z.iso.datetime({ offset: true }).nullish().catch(null),
})

export const calendarPart: BrowsePart = {
  containerKinds: ['calendar'],
  itemKind: 'event',
  owns: (id) => id.includes('@') || id === PRIMARY,
  takesKind: (kind) => kind === 'event',

  async containers(http, query) {
    // Calendars hold no calendars.
    if (query.parentId !== undefined) return { data: [] }
    const pageToken = cursorOf(z.string(), query)
    const asked = { showHidden: true, maxResults: query.limit, pageToken }
    const { items, next } = await syncedList(http, CALENDAR_LIST, asked)
    return browsePage(items.flatMap(containerOf), next)
  },

  /** Without a container, the events of the person's own calendar. */
  async items(http, query) {
    const { containerId = PRIMARY, limit, search, since, until } = query
    const { items, next } = await syncedList(http, eventsAddress(containerId), {
      singleEvents: true,
      orderBy: 'startTime',
      maxResults: limit,
      q: search,
      timeMin: since,
      timeMax: until,
      pageToken: cursorOf(z.string(), query),
    })
    return browsePage(
      items.flatMap((row) => itemOf(row, containerId)),
      next,
    )
  },
}

function containerOf(row: unknown): readonly Container[] {
  const { data } = calendar.safeParse(row)
  if (data === undefined) return []
  return [{ id: data.id, kind: 'calendar', name: data.summaryOverride ?? data.summary ?? data.id, raw: row }]
}

function itemOf(row: unknown, containerId: string): readonly BrowsedItem[] {
  const { data } = listed.safeParse(row)
  if (data === undefined) return []
  return [
    {
      id: data.id,
      kind: 'event',
      name: data.summary ?? 'Untitled event',
      containerId,
      ...(data.htmlLink && { url: data.htmlLink }),
      ...(data.created && { createdAt: data.created }),
      ...(data.updated && { updatedAt: data.updated }),
      raw: row,
    },
  ]
}
