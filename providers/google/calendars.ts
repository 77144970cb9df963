/** Calendars: the person's list, hidden ones too; later runs ask for changes only, which tell what left it. */
import { defineStream, excerpt, syncToken, z, type ProviderHttp } from '../../src/provider/index.js'
import { calendar, CALENDAR_LIST, goneCalendar, syncedList } from './calendar-api.js'
import { CALENDARS } from './scopes.js'
import { standardOffset } from './time-zone.js'

/** Google does not say when a calendar was made, and a record that says "now" would change in every run. */
const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z'

export const calendars = defineStream({
  name: 'calendars',
  label: 'Calendars',
  schema: 'social/calendar',
  scopes: [CALENDARS],
  item: calendar,
  deletes: 'feed',
  ...syncToken({
    token: z.string(),
    full: (http, { page }) => listPage(http, { pageToken: page }),
    changes: (http, { token, page }) => listPage(http, { syncToken: token, pageToken: page }),
  }),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: UNKNOWN_TIME,
    fields: {
      name: item.summaryOverride ?? item.summary ?? item.id,
      summary: excerpt(item.description, 256),
      // An unknown zone is not guessed at: the schema demands one, so the calendar is set aside.
      timezone: standardOffset(item.timeZone ?? ''),
      location: item.location ?? undefined,
    },
  }),
})

interface Tokens {
  readonly syncToken?: string
  readonly pageToken: string | undefined
}

async function listPage(http: ProviderHttp, tokens: Tokens) {
  // With a sync token, hidden and deleted ones come whether asked for or not: so they are asked for from the beginning.
  const query = { showHidden: true, maxResults: 250, ...tokens }
  const { items, next, token } = await syncedList(http, CALENDAR_LIST, query)
  return {
    items: items.filter((row) => !goneCalendar.safeParse(row).success),
    deletedIds: items.flatMap((row) => goneCalendar.safeParse(row).data?.id ?? []),
    next,
    token,
  }
}
