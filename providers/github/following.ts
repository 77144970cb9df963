/** People that are followed. Neither the time of it nor its end is told: each run reads all and the node compares. */
import { defineStream } from '../../src/provider/index.js'
import { followed } from './api.js'
import { place, readList } from './github.js'

export const following = defineStream({
  name: 'following',
  label: 'Followed people',
  schema: 'social/following',
  // Where to go on; null begins a new scan.
  cursor: place.nullable(),
  item: followed,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    const { items, next } = await readList(http, '/user/following', { from: cursor ?? null })
    return { items, cursor: next, more: next !== null }
  },

  map: (item) => ({
    sourceId: item.id,
    fields: { name: item.login, icon: item.avatar_url ?? undefined, uri: item.html_url },
  }),
})
