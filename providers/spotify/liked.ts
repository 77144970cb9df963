/** Liked songs, the newest first. What was taken back is not told: each run reads all and the node compares. */
import { defineStream, excerpt, skip, z } from '../../src/provider/index.js'
import { liked as saved } from './api.js'
import { MOST, readList, steady } from './spotify.js'
import { artistsOf, linkOf } from './track.js'

export const liked = defineStream({
  name: 'liked',
  label: 'Liked songs',
  schema: 'favourite',
  scopes: ['user-library-read'],
  // The offset to go on at; null begins a new scan.
  cursor: z.number().int().nullable(),
  item: saved,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    const { items, next } = await readList(http, '/me/tracks', { limit: MOST, offset: cursor ?? 0 })
    return { items, cursor: next, more: next !== null }
  },

  map(item) {
    const { added_at: addedAt, track } = item
    // Spotify keeps the place of a song that it does not offer any more.
    if (track === null) return skip('not available')
    return {
      sourceId: track.id,
      insertedAt: addedAt,
      fields: {
        name: track.name,
        summary: excerpt(artistsOf(track), 256),
        icon: track.album?.images?.[0]?.url,
        favouriteType: 'like',
        contentType: 'audio',
        uri: linkOf(track),
        sourceData: steady(item),
      },
    }
  },
})
