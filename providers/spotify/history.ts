/** What was listened to. Spotify keeps the last 50 plays and gives no older ones: a connection that syncs rarely has gaps. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { play, plays } from './api.js'
import { API, MOST, steady } from './spotify.js'
import { artistsOf, linkOf, secondsOf } from './track.js'

/** Plays of a device without a network are told later, under the time at which they were. */
const OVERLAP_MS = 86_400_000

export const history = defineStream({
  name: 'history',
  label: 'Recently played',
  schema: 'activity/history',
  scopes: ['user-read-recently-played'],
  // `after`: where this run begins; `before`: where it goes on; `newest`: the latest play met so far. All in ms since 1970.
  cursor: z.object({ after: z.number().nullable(), before: z.string().nullable(), newest: z.number() }),
  item: play,
  deletes: 'none',
  incremental: true,

  async fetchPage(http, cursor, { now }) {
    const { after, before, newest } = cursor ?? { after: null, before: null, newest: 0 }
    // One of the two, never both.
    const place = before === null ? { after: after ?? undefined } : { before }
    const answer = await http.get(`${API}/me/player/recently-played`, { query: { limit: MOST, ...place } })
    const { items, next, cursors } = readAnswer(plays, answer)
    const latest = Math.max(newest, ...items.map(playedMs))
    const older = (next ?? null) === null ? null : (cursors?.before ?? null)
    if (older !== null && older !== before && after === null)
      return { items, cursor: { after, before: older, newest: latest }, more: true }
    const begin = latest === 0 ? after : Math.max(0, Math.min(latest, now) - OVERLAP_MS)
    return { items, cursor: { after: begin, before: null, newest: 0 }, more: false }
  },

  map: (item) => ({
    sourceId: `${item.track.id}@${item.played_at}`,
    insertedAt: item.played_at,
    fields: {
      name: item.track.name,
      summary: excerpt(artistsOf(item.track), 256),
      icon: item.track.album?.images?.[0]?.url,
      timestamp: item.played_at,
      activityType: 'listening',
      url: linkOf(item.track),
      duration: secondsOf(item.track),
      sourceData: steady(item),
    },
  }),
})

/** The time of a row, 0 when it cannot be read: such a row is quarantined later and moves no cursor. */
function playedMs(row: unknown): number {
  const read = play.safeParse(row)
  return read.success ? Date.parse(read.data.played_at) : 0
}
