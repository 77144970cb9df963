/** Likes: the videos in the person's list of liked ones, with the time of the like. Each run reads all and the node compares. */
import { defineStream, excerpt, readAnswer, z, type ProviderHttp } from '../../src/provider/index.js'
import { YOUTUBE } from './scopes.js'
import { channelsPage, itemsPage, likedVideo, YOUTUBE_API } from './youtube-api.js'

export const likes = defineStream({
  name: 'likes',
  label: 'YouTube likes',
  schema: 'favourite',
  scopes: [YOUTUBE],
  // The list and the page of it to read next; null begins a new scan.
  cursor: z.object({ playlistId: z.string(), pageToken: z.string() }).nullable(),
  item: likedVideo,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    const playlistId = cursor?.playlistId ?? (await likedList(http))
    if (playlistId === undefined) return { items: [], cursor: null, more: false }
    const query = {
      part: 'snippet',
      playlistId,
      maxResults: 50,
      fields: 'nextPageToken,items(snippet(publishedAt,title,description,resourceId/videoId))',
      pageToken: cursor?.pageToken,
    }
    const page = readAnswer(itemsPage, await http.get(`${YOUTUBE_API}/playlistItems`, { query, cost: 1 }))
    const pageToken = page.nextPageToken
    return pageToken === undefined
      ? { items: page.items, cursor: null, more: false }
      : { items: page.items, cursor: { playlistId, pageToken }, more: true }
  },

  map: ({ snippet }) => ({
    sourceId: snippet.resourceId.videoId,
    insertedAt: snippet.publishedAt,
    fields: {
      name: snippet.title,
      summary: excerpt(snippet.description, 256),
      favouriteType: 'like',
      contentType: 'video',
      uri: `https://www.youtube.com/watch?v=${snippet.resourceId.videoId}`,
    },
  }),
})

/** Undefined for an account without a channel: it has liked nothing. */
async function likedList(http: ProviderHttp): Promise<string | undefined> {
  const query = { part: 'contentDetails', mine: true }
  const page = readAnswer(channelsPage, await http.get(`${YOUTUBE_API}/channels`, { query, cost: 1 }))
  return page.items?.[0]?.contentDetails.relatedPlaylists.likes
}
