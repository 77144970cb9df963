/** What the Web API answers, each field that we read. https://developer.spotify.com/documentation/web-api */
import { z } from '../../src/provider/index.js'

/** Ids are base-62; those of people are names. */
const id = z.string().regex(/^[A-Za-z0-9]{1,64}$/)
const time = z.iso.datetime()
const images = z.array(z.looseObject({ url: z.string() })).nullish()
const links = z.looseObject({ spotify: z.url().nullish() }).nullish()
const people = z.array(z.looseObject({ name: z.string() })).nullish()

/** GET /me. https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile */
export const me = z
  .object({ id: z.string().min(1), display_name: z.string().nullish(), images })
  .transform(({ id, display_name: name, images }) => {
    const avatarUrl = images?.[0]?.url
    return { id, name: name ?? id, username: id, ...(avatarUrl !== undefined && { avatarUrl }) }
  })

/** GET /me/following?type=artist. https://developer.spotify.com/documentation/web-api/reference/get-followed */
export const artists = z.object({
  artists: z.object({
    items: z.array(z.unknown()),
    cursors: z.object({ after: z.string().nullish() }).nullish(),
  }),
})
export const artist = z.looseObject({ id, name: z.string().min(1), external_urls: links, images })

/** https://developer.spotify.com/documentation/web-api/reference/get-track */
const track = z.looseObject({
  id,
  name: z.string().min(1),
  duration_ms: z.number().nonnegative().nullish(),
  external_urls: links,
  artists: people,
  album: z.looseObject({ name: z.string().nullish(), images }).nullish(),
})
export type Track = z.output<typeof track>

/** GET /me/tracks. https://developer.spotify.com/documentation/web-api/reference/get-users-saved-tracks */
export const liked = z.looseObject({ added_at: time, track: track.nullable() })

/** GET /me/player/recently-played. https://developer.spotify.com/documentation/web-api/reference/get-recently-played */
export const plays = z.object({
  items: z.array(z.unknown()),
  next: z.string().nullish(),
  cursors: z.object({ before: z.string().nullish() }).nullish(),
})
export const play = z.looseObject({ played_at: time, track })

/** GET /me/playlists. https://developer.spotify.com/documentation/web-api/reference/get-a-list-of-current-users-playlists */
export const playlist = z.looseObject({
  id,
  name: z.string(),
  description: z.string().nullish(),
  collaborative: z.boolean().nullish(),
  external_urls: links,
  owner: z.looseObject({ id: z.string(), display_name: z.string().nullish() }),
  /** Ours: the rows of GET /playlists/{id}/items, added by the stream; missing where Spotify gives none. */
  trackList: z.array(z.unknown()).optional(),
})
export type Playlist = z.output<typeof playlist>

/**
 * A row of GET /playlists/{id}/items: a track, an episode, or a file of the person's own, which has no id. It was
 * called `track` before February 2026 and still is for applications in extended quota mode.
 * https://developer.spotify.com/documentation/web-api/tutorials/february-2026-migration-guide
 */
const entry = z.looseObject({
  id: id.nullish(),
  uri: z.string().min(1),
  name: z.string(),
  duration_ms: z.number().nonnegative().nullish(),
  external_urls: links,
  artists: people,
  album: z.looseObject({ name: z.string().nullish(), images }).nullish(),
})
export type Entry = z.output<typeof entry>
export const row = z
  .looseObject({ added_at: time.nullish(), item: entry.nullish(), track: entry.nullish() })
  .transform(({ added_at, item, track }) => ({ addedAt: added_at ?? undefined, entry: item ?? track }))
