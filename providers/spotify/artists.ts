/** Artists that are followed. Neither the time of it nor its end is told: each run reads all and the node compares. */
import { defineStream, readAnswer, z } from '../../src/provider/index.js'
import { artist, artists as answered } from './api.js'
import { API, MOST, steady } from './spotify.js'

export const artists = defineStream({
  name: 'artists',
  label: 'Followed artists',
  schema: 'social/following',
  scopes: ['user-follow-read'],
  // The id after which the list goes on; null begins a new scan.
  cursor: z.string().nullable(),
  item: artist,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    const query = { type: 'artist', limit: MOST, after: cursor ?? undefined }
    const page = readAnswer(answered, await http.get(`${API}/me/following`, { query })).artists
    const after = page.cursors?.after ?? null
    return { items: page.items, cursor: after, more: after !== null }
  },

  map: (item) => ({
    sourceId: item.id,
    fields: {
      name: item.name,
      icon: item.images?.[0]?.url,
      uri: item.external_urls?.spotify ?? `https://open.spotify.com/artist/${item.id}`,
      sourceData: steady(item),
    },
  }),
})
