/** Likes: the Pages a person follows. Nobody tells of a like taken back, so each run reads all and the node compares. */
import { defineStream, readAnswer } from '../../src/provider/index.js'
import { like } from './api.js'
import { edge, GRAPH, nextPlace, place, requirePermission } from './graph.js'

export const likes = defineStream({
  name: 'likes',
  label: 'Liked Pages',
  schema: 'social/following',
  scopes: ['user_likes'],
  // Where to go on; null begins a new scan.
  cursor: place.nullable(),
  item: like,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    if (!cursor) await requirePermission(http, 'user_likes')
    // No picture: its address is signed anew in every answer, so each record would change in each run.
    const query = { fields: 'id,name,created_time', limit: 100, ...cursor }
    const page = readAnswer(edge, await http.get(`${GRAPH}/me/likes`, { query }))
    const next = nextPlace(page)
    return { items: page.data, cursor: next, more: next !== null }
  },

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created_time,
    fields: {
      name: item.name,
      uri: `https://www.facebook.com/${item.id}`,
      followedTimestamp: item.created_time,
    },
  }),
})
