/** Playlists with their songs. Deleted ones are not told: each run reads all and the node compares. */
import { defineStream, excerpt, z, type JsonObject, type ProviderHttp } from '../../src/provider/index.js'
import { playlist, row, type Entry, type Playlist } from './api.js'
import { MOST, readList, steady } from './spotify.js'
import { artistsOf, secondsOf } from './track.js'

/** A page reads so many playlists, and up to `MOST_SONGS` songs of each. */
const PLAYLISTS = 5
const MOST_SONGS = 1_000

export const playlists = defineStream({
  name: 'playlists',
  label: 'Playlists',
  schema: 'media/playlist',
  scopes: ['playlist-read-private', 'playlist-read-collaborative'],
  // The offset to go on at; null begins a new scan.
  cursor: z.number().int().nullable(),
  item: playlist,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor, { account }) {
    const { items, next } = await readList(http, '/me/playlists', { limit: PLAYLISTS, offset: cursor ?? 0 })
    const whole: unknown[] = []
    for (const item of items) {
      const read = playlist.safeParse(item)
      const isOpen = read.success && givesSongs(read.data, account.id)
      whole.push(isOpen ? { ...(item as object), trackList: await songsOf(http, read.data.id) } : item)
    }
    return { items: whole, cursor: next, more: next !== null }
  },

  map: (item) => ({
    sourceId: item.id,
    fields: {
      name: item.name.trim() === '' ? 'Untitled playlist' : item.name,
      summary: excerpt(item.description, 256),
      type: 'audio',
      owner: { displayName: item.owner.display_name ?? item.owner.id },
      tracks: item.trackList?.flatMap(trackOf),
      // Addresses of a playlist's picture end within a day.
      sourceData: steady(item, ['images']),
    },
  }),
})

/**
 * Since February 2026 the songs of somebody else's playlist are refused to applications in development mode.
 * https://developer.spotify.com/documentation/web-api/tutorials/february-2026-migration-guide
 */
const givesSongs = ({ owner, collaborative }: Playlist, accountId: string): boolean =>
  owner.id === accountId || collaborative === true

async function songsOf(http: ProviderHttp, id: string): Promise<readonly unknown[]> {
  const songs: unknown[] = []
  for (let offset: number | null = 0; offset !== null && offset < MOST_SONGS;) {
    const page: Awaited<ReturnType<typeof readList>> = await readList(http, `/playlists/${id}/items`, {
      limit: MOST,
      offset,
    })
    songs.push(...page.items)
    offset = page.next
  }
  return songs
}

/** None for what cannot be read or is not offered any more; `sourceData` keeps it. */
function trackOf(raw: unknown): readonly JsonObject[] {
  const entry = row.safeParse(raw).data?.entry
  if (entry === undefined || entry === null) return []
  return [
    {
      id: entry.id ?? entry.uri,
      title: entry.name,
      artist: artistsOf(entry),
      album: entry.album?.name ?? undefined,
      thumbnail: pictureOf(entry),
      duration: secondsOf(entry),
      url: entry.external_urls?.spotify ?? undefined,
      type: 'audio',
    },
  ]
}

function pictureOf({ album }: Entry): string | undefined {
  const url = album?.images?.[0]?.url
  return url !== undefined && URL.canParse(url) ? url : undefined
}
