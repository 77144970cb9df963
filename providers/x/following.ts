/** Accounts that are followed. Neither the time of it nor its end is told: each run reads all and the node compares. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { API, followed, list } from './api.js'

/** No counts: they change by themselves, and each record would be written again in each run. */
const FIELDS = 'created_at,description,profile_image_url'

export const following = defineStream({
  name: 'following',
  label: 'Followed accounts',
  schema: 'social/following',
  scopes: ['tweet.read', 'users.read', 'follows.read'],
  // The page to read next; null begins a new scan.
  cursor: z.string().nullable(),
  item: followed,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor, { account }) {
    const query = { max_results: 1_000, 'user.fields': FIELDS, pagination_token: cursor ?? undefined }
    const url = `${API}/users/${encodeURIComponent(account.id)}/following`
    const { data = [], meta } = readAnswer(list, await http.get(url, { query }))
    const next = meta.next_token ?? null
    return { items: data, cursor: next, more: next !== null }
  },

  map: (item) => ({
    sourceId: item.id,
    fields: {
      name: item.name.trim() === '' ? item.username : item.name,
      summary: excerpt(item.description, 256),
      icon: item.profile_image_url ?? undefined,
      uri: `https://x.com/${item.username}`,
    },
  }),
})
