/** Subscriptions: the channels that the person follows. Nobody tells of one that ended, so each run reads all and the node compares. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { YOUTUBE } from './scopes.js'
import { itemsPage, subscription, YOUTUBE_API } from './youtube-api.js'

export const subscriptions = defineStream({
  name: 'subscriptions',
  label: 'YouTube subscriptions',
  schema: 'social/following',
  scopes: [YOUTUBE],
  // The page to read next; null begins a new scan.
  cursor: z.string().nullable(),
  item: subscription,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    const query = {
      part: 'snippet',
      mine: true,
      // By relevance, the default, a channel might move between two pages.
      order: 'alphabetical',
      maxResults: 50,
      // Not the addresses of pictures, which change.
      fields: 'nextPageToken,items(id,snippet(publishedAt,title,description,resourceId/channelId))',
      pageToken: cursor ?? undefined,
    }
    const page = readAnswer(itemsPage, await http.get(`${YOUTUBE_API}/subscriptions`, { query, cost: 1 }))
    const next = page.nextPageToken ?? null
    return { items: page.items, cursor: next, more: next !== null }
  },

  map: ({ snippet }) => ({
    sourceId: snippet.resourceId.channelId,
    insertedAt: snippet.publishedAt,
    fields: {
      name: snippet.title,
      summary: excerpt(snippet.description, 256),
      uri: `https://www.youtube.com/channel/${snippet.resourceId.channelId}`,
      followedTimestamp: snippet.publishedAt,
    },
  }),
})
