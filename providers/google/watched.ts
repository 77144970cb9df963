/** What can be watched: the list of calendars, each calendar's events, the change log of each drive. */
import { readAnswer } from '../../src/provider/index.js'
import { CALENDAR_API, CALENDAR_LIST, eventsAddress, readableCalendars } from './calendar-api.js'
import type { WatchedStream } from './channels.js'
import { DRIVE_API, READ_COST, startPageToken } from './drive-api.js'
import { driveOf, MY_DRIVE } from './drive-partition.js'
import { sharedDriveIds } from './shared-drives.js'

const STOP_CALENDAR = `${CALENDAR_API}/channels/stop`
/** Holidays, birthdays and the like are Google's own calendars: they cannot be watched, and are read on schedule. */
const VIRTUAL = /#|@group\.v\.calendar\.google\.com$/

export const watchedCalendars: WatchedStream = {
  stream: 'calendars',
  lists: async () => [{ watch: `${CALENDAR_LIST}/watch`, stop: STOP_CALENDAR }],
  eventOf: ({ pathname }) =>
    pathname === new URL(CALENDAR_LIST).pathname ? { stream: 'calendars' } : undefined,
}

export const watchedEvents: WatchedStream = {
  stream: 'events',
  async lists(http) {
    const calendars = await readableCalendars(http)
    return calendars
      .filter(({ id }) => !VIRTUAL.test(id))
      .map(({ id }) => ({ watch: `${eventsAddress(id)}/watch`, stop: STOP_CALENDAR }))
  },
  eventOf({ pathname }) {
    const id = /^\/calendar\/v3\/calendars\/([^/]+)\/events$/.exec(pathname)?.[1]
    return id === undefined ? undefined : { stream: 'events', partition: decoded(id) }
  },
}

export const watchedFiles: WatchedStream = {
  stream: 'files',
  async lists(http) {
    const partitions = [MY_DRIVE, ...(await sharedDriveIds(http))]
    return Promise.all(
      partitions.map(async (partition) => {
        const query = { supportsAllDrives: true, ...driveOf(partition) }
        const answer = await http.get(`${DRIVE_API}/changes/startPageToken`, { query, cost: READ_COST })
        return {
          watch: `${DRIVE_API}/changes/watch`,
          query: {
            ...query,
            includeItemsFromAllDrives: partition !== MY_DRIVE,
            pageToken: readAnswer(startPageToken, answer).startPageToken,
          },
          stop: `${DRIVE_API}/channels/stop`,
        }
      }),
    )
  },
  eventOf: ({ pathname, searchParams }) =>
    pathname === '/drive/v3/changes'
      ? { stream: 'files', partition: searchParams.get('driveId') ?? MY_DRIVE }
      : undefined,
}

/** A sender may write anything: what is no escape stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
