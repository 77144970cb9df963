/** Followings: a plain list. Nobody tells who left it, so each run reads all of it and the node compares. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { following, followingsPage } from './api.js'
import { settings } from './settings.js'

export const followings = defineStream({
  name: 'followings',
  label: 'Followings',
  settings,
  schema: 'social/following',
  scopes: ['followings'],
  // The page to read next; null begins a new scan.
  cursor: z.string().nullable(),
  item: following,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor, { settings }) {
    const answer = await http.get(`${settings.origin}/api/followings`, {
      query: { page: cursor ?? undefined },
    })
    const { data, next } = readAnswer(followingsPage, answer)
    return { items: data, cursor: next, more: next !== null }
  },

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.followedAt,
    fields: {
      name: item.name,
      summary: excerpt(item.bio, 256),
      icon: item.avatarUrl ?? undefined,
      uri: item.url,
      followedTimestamp: item.followedAt,
    },
  }),
})
